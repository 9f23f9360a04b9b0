#include "base/async/timer.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/as_tuple.hpp>
#include <map>
#include <memory>

namespace assay {
namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

class RealTimer final : public Timer {
 public:
  Clock& clock() override { return system_clock(); }
  Task<void> sleep(Duration duration) override {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(duration));
    co_await timer.async_wait(kAsTuple);
  }
};

}  // namespace

std::unique_ptr<Timer> make_timer() { return std::make_unique<RealTimer>(); }

struct VirtualTimer::State final : Clock, std::enable_shared_from_this<State> {
  Instant time{std::chrono::hours(1)};
  // Sleepers by due time, equal ones in the order in which they went to sleep. Each waits on a timer that never fires by itself;
  // waking one is cancelling it.
  std::multimap<Instant, asio::steady_timer*> sleepers;
  bool pumping = false;

  Instant now() const override { return time; }
  std::int64_t unix_micros() const override {
    return 1'700'000'000'000'000 + std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  }
  void wake_due() {
    while (!sleepers.empty() && sleepers.begin()->first <= time) {
      asio::steady_timer* timer = sleepers.begin()->second;
      sleepers.erase(sleepers.begin());
      timer->cancel();
    }
  }
  // Lets everything that is ready run first (several turns of the loop), then jumps to the next due time.
  static void pump(const std::shared_ptr<State>& state, const asio::any_io_executor& executor, int turns) {
    asio::post(executor, [state, executor, turns] {
      if (turns > 0) return pump(state, executor, turns - 1);
      if (!state->sleepers.empty()) {
        state->time = std::max(state->time, state->sleepers.begin()->first);
        state->wake_due();
      }
      if (state->sleepers.empty()) {
        state->pumping = false;
      } else {
        pump(state, executor, kTurns);
      }
    });
  }
  static constexpr int kTurns = 16;
};

VirtualTimer::VirtualTimer() : state_(std::make_shared<State>()) {}
VirtualTimer::~VirtualTimer() = default;
Clock& VirtualTimer::clock() { return *state_; }

Task<void> VirtualTimer::sleep(Duration duration) {
  auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<State> state = state_;
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  auto due = state->time + std::max(duration, Duration::zero());
  state->sleepers.emplace(due, &timer);
  // A sleeper that is cancelled, or dropped with its coroutine, leaves before its time: its entry must not outlive the timer.
  struct Entry {
    State& state;
    Instant due;
    asio::steady_timer* timer;
    ~Entry() {
      auto [it, end] = state.sleepers.equal_range(due);
      while (it != end && it->second != timer) ++it;
      if (it != end) state.sleepers.erase(it);
    }
  } entry{*state, due, &timer};
  if (!state->pumping) {
    state->pumping = true;
    State::pump(state, executor, State::kTurns);
  }
  co_await timer.async_wait(kAsTuple);
}

void VirtualTimer::advance(Duration duration) {
  state_->time += duration;
  state_->wake_due();
}

}  // namespace assay
