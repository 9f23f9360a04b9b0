#include "model/client_pool.h"

#include <algorithm>
#include <set>

namespace assay {
namespace {

class ClientPool final : public Model {
 public:
  ClientPool(std::vector<PooledClient> clients, Random& random) : clients_(std::move(clients)), lost_(clients_.size()), random_(random) {}

  Async<ModelIdentity> identify() override {
    std::set<std::string> texts;
    std::optional<ModelIdentity> first;
    std::optional<Error> error;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      Result<ModelIdentity> one = co_await client(i).identify();
      if (!one) {
        if (!gone(one.error().kind)) co_return one;
        lost_[i] = true;
        if (!error) error = one.error();
        continue;
      }
      texts.insert(one->text);
      if (!first) first = std::move(*one);
    }
    if (!first) co_return std::unexpected(*error);
    if (texts.size() == 1) co_return std::move(*first);
    json::array all;
    for (const std::string& text : texts) all.emplace_back(text);
    co_return make_identity(json::object{{"backend", "clients"}, {"clients", std::move(all)}}, first->label);
  }

  Async<Response> answer(Query query) override {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < clients_.size(); ++i)
      if (!lost_[i]) order.push_back(i);
    if (order.empty()) order.push_back(0);  // whatever ended it ends it again
    std::swap(order.front(), order[random_.below(order.size())]);
    std::optional<Error> error;
    for (std::size_t which : order) {
      Result<Response> response = co_await client(which).answer(query);
      if (response) co_return response;
      const ErrorKind kind = response.error().kind;
      if (!error || kind == ErrorKind::rate_limited) error = response.error();  // a limit passes, a lost key does not
      if (gone(kind)) lost_[which] = true;
      if (kind != ErrorKind::rate_limited && !gone(kind)) co_return response;
    }
    co_return std::unexpected(*error);
  }

  Capabilities capabilities() const override {
    Capabilities out = client(0).capabilities();
    out.max_in_flight = 0;
    for (std::size_t i = 0; i < clients_.size(); ++i) out.max_in_flight += client(i).capabilities().max_in_flight;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override { return client(0).render(request); }
  std::optional<std::int64_t> longest_answer(const Request& request) const override { return client(0).longest_answer(request); }

  std::vector<std::string> deviations() const override {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < clients_.size(); ++i)
      for (std::string& one : client(i).deviations())
        if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(std::move(one));
    return out;
  }

  json::object facts() const override {
    json::object out = client(0).facts();
    out.erase("limits");
    json::array& all = out["clients"].emplace_array();
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      json::object one = client(i).facts();
      if (lost_[i]) one["lost"] = true;
      all.emplace_back(std::move(one));
    }
    return out;
  }

 private:
  Model& client(std::size_t i) const { return *clients_[i].layers.back(); }
  static bool gone(ErrorKind kind) { return kind == ErrorKind::auth || kind == ErrorKind::quota || kind == ErrorKind::refused; }

  std::vector<PooledClient> clients_;
  std::vector<bool> lost_;
  Random& random_;
};

}  // namespace

std::unique_ptr<Model> make_client_pool(std::vector<PooledClient> clients, Random& random) {
  return std::make_unique<ClientPool>(std::move(clients), random);
}

}  // namespace assay
