// A Model whose answers a test writes down. It remembers every query.
#pragma once

#include <deque>
#include <functional>

#include "base/async/timer.h"
#include "model/model.h"

namespace assay::test {

class ScriptedModel final : public Model {
 public:
  ModelIdentity identity = make_identity({{"backend", "scripted"}, {"model", "m"}}, "m");
  std::optional<Error> identify_error;
  Capabilities can{.chat = true, .completion = true};
  std::deque<Result<Response>> replies;  // in turn; afterwards "answer N"
  std::vector<Query> queries;
  std::vector<std::string> departs;
  Timer* timer = nullptr;  // with `takes`: how long an answer takes
  Duration takes{};
  int identified = 0;

  Async<ModelIdentity> identify() override {
    ++identified;
    if (identify_error) co_return fail(*identify_error);
    co_return identity;
  }
  Async<Response> answer(Query query) override {
    queries.push_back(std::move(query));
    std::size_t number = queries.size();
    if (timer) co_await timer->sleep(takes);
    if (!replies.empty()) {
      Result<Response> reply = std::move(replies.front());
      replies.pop_front();
      co_return reply;
    }
    Response response;
    response.text = "answer " + std::to_string(number);
    response.finish = Finish::stop;
    co_return response;
  }
  Capabilities capabilities() const override { return can; }
  Result<Rendering> render(const Generate& request) const override {
    Rendering out;
    for (const Message& message : request.messages) out.text += message.role + ":" + message.content + ";";
    return out;
  }
  std::vector<std::string> deviations() const override { return departs; }
  json::object facts() const override { return {{"fact", 1}}; }
};

inline Response text_response(std::string text) {
  Response out;
  out.text = std::move(text);
  out.finish = Finish::stop;
  return out;
}

}  // namespace assay::test
