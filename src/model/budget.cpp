#include "model/budget.h"

#include <boost/asio/this_coro.hpp>
#include <algorithm>
#include <vector>

#include "base/async/event.h"
#include "base/number.h"

namespace assay {
namespace {

constexpr std::int64_t kUnlimitedAnswer = 16'384;
constexpr double kMillion = 1e6;

class Budgeted final : public Model {
 public:
  Budgeted(Model& inner, Budget& budget, TokenPrices prices, const Clock& clock) : inner_(inner), budget_(budget), prices_(prices), clock_(clock) {}

  Async<ModelIdentity> identify() override { co_return co_await inner_.identify(); }
  Async<Response> answer(Query query) override {
    const double most = most_cost(query.request, inner_.longest_answer(query.request), prices_);
    const Instant came = clock_.now();
    while (!budget_.fits(most)) {
      if (budget_.used_up() || budget_.reserved() <= 0) {
        budget_.declare_used_up();
        co_return fail(ErrorKind::cancelled, "the budget of $" + fixed(budget_.limit(), 2) + " does not allow another request ($" + fixed(budget_.spent(), 4) + " is spent)", {},
                       "the same command with a higher --max-cost goes on");
      }
      // What is in flight may turn out cheaper than what was set aside for it.
      co_await budget_.settled();
      auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "interrupted");
    }
    budget_.reserve(most);
    Reservation reservation{budget_, most};
    if (query.queued) *query.queued += clock_.now() - came;
    Result<Response> response = co_await inner_.answer(std::move(query));
    // A request that was refused costs nothing. One that nobody has answered may have been worked on, and is paid for.
    if (response)
      reservation.cost = real_cost(*response, prices_, most);
    else if (may_be_billed(response.error().kind))
      reservation.cost = most;
    else
      reservation.cost = 0;
    co_return response;
  }
  Capabilities capabilities() const override { return inner_.capabilities(); }
  Result<Rendering> render(const Generate& request) const override { return inner_.render(request); }
  std::optional<std::int64_t> longest_answer(const Request& request) const override { return inner_.longest_answer(request); }
  std::vector<std::string> deviations() const override { return inner_.deviations(); }
  json::object facts() const override {
    json::object out = inner_.facts();
    out["budget"] = {{"limit", budget_.limit()}, {"spent", budget_.spent()}, {"used_up", budget_.used_up()}};
    return out;
  }

 private:
  /// Settles whatever happens, a cancelled coroutine included: what was sent may cost.
  struct Reservation {
    Budget& budget;
    double reserved;
    double cost = reserved;
    ~Reservation() { budget.settle(reserved, cost); }
  };

  static bool may_be_billed(ErrorKind kind) {
    return kind == ErrorKind::timeout || kind == ErrorKind::network || kind == ErrorKind::cancelled || kind == ErrorKind::bad_response;
  }

  Model& inner_;
  Budget& budget_;
  TokenPrices prices_;
  const Clock& clock_;
};

}  // namespace

struct Budget::Waiters {
  std::vector<std::shared_ptr<Event>> events;
};

Budget::~Budget() = default;

// A ten-thousandth of a cent: sums of prices are not exact.
bool Budget::fits(double cost) const { return !used_up_ && spent_ + reserved_ + cost <= limit_ + 1e-6; }

void Budget::reserve(double cost) { reserved_ += cost; }

void Budget::settle(double reserved, double cost) {
  reserved_ = std::max(0.0, reserved_ - reserved);
  if (reserved_ < 1e-12) reserved_ = 0;
  spent_ += cost;
  if (!waiters_) return;
  auto events = std::move(waiters_->events);
  waiters_->events.clear();
  for (const auto& event : events) event->set();
}

void Budget::declare_used_up() {
  if (used_up_) return;
  used_up_ = true;
  if (on_used_up) on_used_up();
  settle(0, 0);  // whoever waits need not wait any longer
}

Task<void> Budget::settled() {
  if (!waiters_) waiters_ = std::make_shared<Waiters>();
  auto event = std::make_shared<Event>(co_await asio::this_coro::executor);
  waiters_->events.push_back(event);
  co_await event->wait();
}

double most_cost(const Request& request, std::optional<std::int64_t> longest_answer, const TokenPrices& prices) {
  const double out = static_cast<double>(longest_answer.value_or(kUnlimitedAnswer));
  double in = 0;
  if (const Generate* generate = std::get_if<Generate>(&request)) {
    constexpr double kFrame = 8;  // tokens of a template around a message
    in = static_cast<double>(generate->prompt.size());
    for (const Message& message : generate->messages) in += static_cast<double>(message.content.size()) + kFrame;
    for (const json::value* extra : {&generate->tools, &generate->response_format})
      if (!extra->is_null()) in += static_cast<double>(write_json(*extra).size());
  } else if (const LoglikelihoodGroup* group = std::get_if<LoglikelihoodGroup>(&request)) {
    for (const auto& item : group->items) in += static_cast<double>(group->shared_prefix.size() + item.context.size() + item.continuation.size());
  } else if (const Rolling* rolling = std::get_if<Rolling>(&request)) {
    in = static_cast<double>(rolling->text.size()) * 2;  // windows overlap
  }
  return (in * prices.in + out * prices.out) / kMillion;
}

double real_cost(const Response& response, const TokenPrices& prices, double reserved) {
  if (!response.usage.input_tokens || !response.usage.output_tokens) return reserved;
  return (static_cast<double>(*response.usage.input_tokens) * prices.in + static_cast<double>(*response.usage.output_tokens) * prices.out) / kMillion;
}

std::unique_ptr<Model> make_budgeted(Model& inner, Budget& budget, TokenPrices prices, const Clock& clock) {
  return std::make_unique<Budgeted>(inner, budget, prices, clock);
}

}  // namespace assay
