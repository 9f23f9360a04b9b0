// A Model that answers as the test says, with a virtual delay, and counts.
#pragma once

#include <boost/asio/this_coro.hpp>
#include <functional>
#include <utility>

#include "base/async/timer.h"
#include "model/model.h"

namespace assay::test {

class FakeModel final : public Model {
 public:
  explicit FakeModel(Timer& timer) : timer_(timer) {}

  std::function<Result<Response>(const Query&, std::size_t number)> reply = [](const Query&, std::size_t) {
    return Result<Response>(Response{});
  };
  std::function<Result<ModelIdentity>(std::size_t number)> who = [](std::size_t) {
    return Result<ModelIdentity>(make_identity({{"backend", "fake"}}, "fake"));
  };
  Duration delay{};
  std::function<Duration()> delay_of{};  // instead of `delay`
  std::size_t asked = 0, in_flight = 0, peak = 0, identified = 0;
  std::vector<Instant> times;

  Async<ModelIdentity> identify() override { co_return who(identified++); }
  Async<Response> answer(Query query) override {
    std::size_t number = asked++;
    times.push_back(timer_.clock().now());
    peak = std::max(peak, ++in_flight);
    Duration wait = delay_of ? delay_of() : delay;
    if (wait > Duration::zero()) co_await timer_.sleep(wait);
    --in_flight;
    co_return reply(query, number);
  }
  Capabilities capabilities() const override { return {.chat = true, .max_in_flight = wish}; }
  Result<Rendering> render(const Generate&) const override { return Rendering{}; }
  std::vector<std::string> deviations() const override { return {"fake"}; }
  json::object facts() const override { return {{"fake", true}}; }
  std::size_t wish = 0;

 private:
  Timer& timer_;
};

}  // namespace assay::test
