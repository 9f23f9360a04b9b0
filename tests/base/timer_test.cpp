#include "base/async/timer.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <vector>

#include "base/async/event.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

struct Log {
  std::vector<std::string> lines;
  Instant start;
  void add(std::string name, Timer& timer) {
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timer.clock().now() - start).count();
    lines.push_back(name + "@" + std::to_string(seconds));
  }
};

Task<void> sleeper(Timer& timer, Log& log, std::string name, Duration first, Duration second) {
  co_await timer.sleep(first);
  log.add(name + "1", timer);
  co_await timer.sleep(second);
  log.add(name + "2", timer);
}

TEST(VirtualTimer, SleepersWakeInTheOrderOfTheirTimes) {
  asio::io_context loop;
  VirtualTimer timer;
  Log log{{}, timer.clock().now()};
  asio::co_spawn(loop, sleeper(timer, log, "a", 100s, 100s), asio::detached);
  asio::co_spawn(loop, sleeper(timer, log, "b", 50s, 70s), asio::detached);
  asio::co_spawn(loop, sleeper(timer, log, "c", 0s, 3600s), asio::detached);
  loop.run();
  EXPECT_EQ(log.lines, (std::vector<std::string>{"c1@0", "b1@50", "a1@100", "b2@120", "a2@200", "c2@3600"}));
}

TEST(VirtualTimer, EqualTimesWakeInTheOrderOfGoingToSleep) {
  asio::io_context loop;
  VirtualTimer timer;
  Log log{{}, timer.clock().now()};
  for (const char* name : {"a", "b", "c"}) asio::co_spawn(loop, sleeper(timer, log, name, 10s, 1s), asio::detached);
  loop.run();
  EXPECT_EQ(log.lines, (std::vector<std::string>{"a1@10", "b1@10", "c1@10", "a2@11", "b2@11", "c2@11"}));
}

Task<void> busy_then_sleep(Timer& timer, Log& log, int turns) {
  auto executor = co_await asio::this_coro::executor;
  for (int i = 0; i < turns; ++i) co_await asio::post(executor, asio::use_awaitable);
  co_await timer.sleep(1s);
  log.add("busy", timer);
}

TEST(VirtualTimer, TimeStandsStillWhileOthersWork) {
  asio::io_context loop;
  VirtualTimer timer;
  Log log{{}, timer.clock().now()};
  asio::co_spawn(loop, sleeper(timer, log, "long", 10s, 1s), asio::detached);
  asio::co_spawn(loop, busy_then_sleep(timer, log, 10), asio::detached);
  loop.run();
  EXPECT_EQ(log.lines.front(), "busy@1");
}

Task<void> sleep_long(Timer& timer, bool& ended) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await timer.sleep(1h);
  ended = true;
}

Task<void> cancel_after(Timer& timer, asio::cancellation_signal& signal, Duration when) {
  co_await timer.sleep(when);
  signal.emit(asio::cancellation_type::terminal);
}

TEST(VirtualTimer, CancellationEndsASleepEarly) {
  asio::io_context loop;
  VirtualTimer timer;
  Instant start = timer.clock().now();
  asio::cancellation_signal signal;
  bool ended = false;
  asio::co_spawn(loop, sleep_long(timer, ended), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  asio::co_spawn(loop, cancel_after(timer, signal, 5s), asio::detached);
  loop.run();
  EXPECT_TRUE(ended);
  EXPECT_LT(timer.clock().now() - start, 1h);  // and nothing is left that would move the clock on
}

TEST(VirtualTimer, AdvanceWakesWhoIsDue) {
  asio::io_context loop;
  VirtualTimer timer;
  Log log{{}, timer.clock().now()};
  asio::co_spawn(loop, sleeper(timer, log, "a", 10s, 1s), asio::detached);
  loop.poll_one();  // now it sleeps
  timer.advance(25s);
  loop.run();
  EXPECT_EQ(log.lines, (std::vector<std::string>{"a1@25", "a2@26"}));
}

TEST(VirtualTimer, ADroppedLoopLeavesNoSleeperBehind) {
  VirtualTimer timer;
  Log log{{}, timer.clock().now()};
  {
    asio::io_context loop;
    asio::co_spawn(loop, sleeper(timer, log, "a", 10s, 1s), asio::detached);
    loop.poll_one();
  }
  timer.advance(1h);  // would touch the dead timer if its entry had stayed
  EXPECT_TRUE(log.lines.empty());
}

TEST(VirtualTimer, ManySleepersAreQuick) {
  asio::io_context loop;
  VirtualTimer timer;
  Log log{{}, timer.clock().now()};
  for (int i = 0; i < 5000; ++i) asio::co_spawn(loop, sleeper(timer, log, "x", std::chrono::milliseconds(i % 50), 1s), asio::detached);
  loop.run();
  EXPECT_EQ(log.lines.size(), 10'000u);
}

TEST(RealTimer, ZeroReturnsAndCancellationEndsASleep) {
  asio::io_context loop;
  auto timer = make_timer();
  asio::cancellation_signal signal;
  bool ended = false;
  asio::co_spawn(loop, sleep_long(*timer, ended), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  asio::co_spawn(loop, cancel_after(*timer, signal, 0s), asio::detached);
  loop.run();
  EXPECT_TRUE(ended);
}

Task<void> wait_for(Event& event, int& woken) {
  co_await event.wait();
  ++woken;
}

TEST(Event, WakesPresentAndLaterWaiters) {
  asio::io_context loop;
  Event event(loop.get_executor());
  int woken = 0;
  asio::co_spawn(loop, wait_for(event, woken), asio::detached);
  asio::co_spawn(loop, wait_for(event, woken), asio::detached);
  loop.poll();
  EXPECT_EQ(woken, 0);
  event.set();
  event.set();
  loop.restart();
  loop.poll();
  EXPECT_EQ(woken, 2);
  asio::co_spawn(loop, wait_for(event, woken), asio::detached);
  loop.restart();
  loop.poll();
  EXPECT_EQ(woken, 3);
  EXPECT_TRUE(event.is_set());
}

}  // namespace
}  // namespace assay
