#include "base/async/timer.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/as_tuple.hpp>
#include <map>

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

struct VirtualTimer::State final : Clock {
  Instant time{std::chrono::hours(1)};
  // Sleepers by due time. Each waits on a timer that never fires by itself; waking one is cancelling it.
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
  void pump(asio::any_io_executor executor, int turns) {
    asio::post(executor, [this, executor, turns] {
      if (turns > 0) return pump(executor, turns - 1);
      if (!sleepers.empty()) {
        time = std::max(time, sleepers.begin()->first);
        wake_due();
      }
      if (sleepers.empty()) {
        pumping = false;
      } else {
        pump(executor, 16);
      }
    });
  }
};

VirtualTimer::VirtualTimer() : state_(std::make_unique<State>()) {}
VirtualTimer::~VirtualTimer() = default;
Clock& VirtualTimer::clock() { return *state_; }

Task<void> VirtualTimer::sleep(Duration duration) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  auto due = state_->time + std::max(duration, Duration::zero());
  state_->sleepers.emplace(due, &timer);
  if (!state_->pumping) {
    state_->pumping = true;
    state_->pump(executor, 16);
  }
  co_await timer.async_wait(kAsTuple);
  // A cancelled coroutine leaves before its time: its entry must not outlive the timer.
  for (auto it = state_->sleepers.begin(); it != state_->sleepers.end(); ++it)
    if (it->second == &timer) {
      state_->sleepers.erase(it);
      break;
    }
}

void VirtualTimer::advance(Duration duration) {
  state_->time += duration;
  state_->wake_due();
}

}  // namespace assay
