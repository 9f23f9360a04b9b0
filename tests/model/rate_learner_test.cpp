// The control law in simulated time: a server with a token bucket, answers that take a while, and a client that always has work.
#include "model/rate_learner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <queue>
#include <vector>

#include "base/random.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

struct Server {
  double per_second = 500.0 / 60;
  double burst = 50;
  double answer = 0.5;    // seconds
  double refusal = 0.05;  // seconds
  enum class Names { nothing, whole_seconds } names = Names::nothing;
  double random_refusals = 0;
  double slots = 1e9;     // a limit of requests at once instead of a rate
  double later_rate = 0;  // from half of the time on; 0 = the same
};

struct Outcome {
  double admitted = 0, refused = 0;  // after the warm-up
  double all_admitted = 0, all_refused = 0;
  double used = 0;  // of what the bucket allowed after the warm-up
  double rate = 0;
};

Duration in_seconds(double s) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
}

/// One client with a window of `window` requests and slow start, for `length` seconds.
Outcome simulate(const Server& server, double length, double warm_up, double window = 256, std::uint64_t seed = 1) {
  struct Ending {
    Instant at;
    std::uint64_t number;
    Instant sent;
    bool refused;
    std::optional<Duration> named;
    bool operator>(const Ending& other) const { return at > other.at; }
  };
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> under_way;
  RateLearner learner;
  Random random(seed);
  const Instant begin{1h};
  Instant now = begin;
  double rate = server.per_second;
  RateBudget bucket(rate, server.burst, begin);
  std::uint64_t number = 0;
  double allowed = 16, slots = 0;
  Outcome out;
  while (now < begin + in_seconds(length)) {
    if (server.later_rate > 0 && rate != server.later_rate && now > begin + in_seconds(length / 2)) {
      rate = server.later_rate;
      bucket.set_rate(rate, server.burst, now);
    }
    Duration wait = learner.wait(now);
    if (static_cast<double>(under_way.size()) < allowed && wait <= Duration::zero()) {
      learner.sent(++number, now);
      bool warm = now >= begin + in_seconds(warm_up);
      bool refused =
          bucket.wait_for(1, now) > Duration::zero() || random.unit() < server.random_refusals || slots >= server.slots;
      double spread = 0.5 + random.unit();
      Ending ending{now + in_seconds((refused ? server.refusal : server.answer) * spread), number, now, refused, {}};
      if (refused) {
        if (server.names == Server::Names::whole_seconds)
          ending.named = in_seconds(std::ceil(std::chrono::duration<double>(bucket.wait_for(1, now)).count() + 1e-9));
        ++out.all_refused;
        if (warm) ++out.refused;
      } else {
        bucket.take(1, now);
        ++slots;
        ++out.all_admitted;
        if (warm) ++out.admitted;
      }
      under_way.push(ending);
      continue;
    }
    Instant next = static_cast<double>(under_way.size()) < allowed ? now + wait : Instant::max();
    if (!under_way.empty() && under_way.top().at <= next) {
      Ending ending = under_way.top();
      under_way.pop();
      now = ending.at;
      if (ending.refused) {
        learner.refused(ending.number, ending.sent, now, ending.named);
      } else {
        --slots;
        if (static_cast<double>(under_way.size()) + 1 >= allowed) allowed = std::min(allowed + 1, window);
      }
    } else {
      now = next;
    }
  }
  out.used = out.admitted / (rate * (length - warm_up));
  out.rate = learner.per_second().value_or(0);
  return out;
}

TEST(RateLearner, NothingIsHeldBackUntilSomethingIsRefused) {
  RateLearner learner;
  Instant now{1h};
  for (std::uint64_t i = 1; i < 1000; ++i) {
    EXPECT_EQ(learner.wait(now), Duration::zero());
    learner.sent(i, now);
  }
  EXPECT_EQ(learner.state(), RateLearner::State::free);
  EXPECT_FALSE(learner.per_second());
}

TEST(RateLearner, TwoRefusalsGiveTheRateAndTheBucket) {
  RateLearner learner;
  RateBudget bucket(8, 100, Instant{1h});
  Instant now{1h};
  std::uint64_t number = 0;
  while (learner.state() != RateLearner::State::holding) {
    ASSERT_LT(++number, 2000u);
    now += learner.wait(now) + 1ms;
    learner.sent(number, now);
    if (bucket.wait_for(1, now) > Duration::zero()) {
      learner.refused(number, now, now, {});
    } else {
      bucket.take(1, now);
    }
  }
  EXPECT_NEAR(*learner.per_second(), 8, 0.6);
  EXPECT_NEAR(learner.burst(), 100, 5);
}

TEST(RateLearner, RefusalsOfOneMomentAreOneSign) {
  RateLearner learner;
  Instant now{1h};
  for (std::uint64_t i = 1; i <= 100; ++i) learner.sent(i, now);
  EXPECT_TRUE(learner.refused(51, now, now + 10ms, {}));
  for (std::uint64_t i = 52; i <= 100; ++i) EXPECT_FALSE(learner.refused(i, now, now + 10ms, {}));
  EXPECT_EQ(learner.wait(now + 10ms), Duration(100ms));
}

TEST(RateLearner, ANamedWaitIsKept) {
  RateLearner learner;
  Instant now{1h};
  learner.sent(1, now);
  learner.refused(1, now, now, Duration(7s));
  EXPECT_EQ(learner.wait(now), Duration(7s));
  EXPECT_EQ(learner.wait(now + 8s), Duration::zero());
}

TEST(RateLearner, FiveHundredAMinuteAreUsedWithBareRefusals) {
  for (double burst : {1.0, 8.0, 50.0, 500.0}) {
    for (auto names : {Server::Names::nothing, Server::Names::whole_seconds}) {
      // A second's wait at a server that saves up nothing throws eight requests away, whoever waits.
      if (burst < 8 && names == Server::Names::whole_seconds) continue;
      Server server{.burst = burst, .names = names};
      Outcome out = simulate(server, 1260, 60);
      std::string what = "burst " + std::to_string(burst) + (names == Server::Names::nothing ? ", bare" : ", named");
      EXPECT_GE(out.used, burst < 8 ? 0.9 : 0.97) << what;
      EXPECT_LE(out.refused / (out.admitted + out.refused), 0.01) << what;
      EXPECT_LE(out.all_refused / (out.all_admitted + out.all_refused), 0.012) << what << ", the warm-up included";
    }
  }
}

TEST(RateLearner, AnyRateAnyBucketAnyLatency) {
  Random random(4711);
  for (int i = 0; i < 150; ++i) {
    Server server;
    server.per_second = std::exp(std::log(0.5) + random.unit() * std::log(1000));              // 0.5 to 500 a second
    server.burst = std::max(2.0, server.per_second * std::exp(random.unit() * std::log(60)));  // one second to a minute
    server.answer = std::exp(std::log(0.01) + random.unit() * std::log(1000));                 // 10 ms to 10 s
    server.refusal = 0.005 + 0.1 * random.unit();
    server.names = random.below(2) ? Server::Names::whole_seconds : Server::Names::nothing;
    double window = std::max(256.0, server.per_second * server.answer * 2);
    double warm_up = std::max(30.0, 600 / server.per_second) + 15 * server.answer + server.burst / server.per_second;
    double length = warm_up + std::max(120.0, 6000 / server.per_second);
    Outcome out = simulate(server, length, warm_up, window, static_cast<std::uint64_t>(i));
    double refused = out.refused / (out.admitted + out.refused);
    auto what = [&] {
      return "rate " + std::to_string(server.per_second) + " burst " + std::to_string(server.burst) + " answer " +
             std::to_string(server.answer) + " refusal " + std::to_string(server.refusal) +
             (server.names == Server::Names::nothing ? " bare" : " named") + " used " + std::to_string(out.used) + " refused " +
             std::to_string(refused);
    };
    EXPECT_GE(out.used, 0.93) << what();
    EXPECT_LE(refused, 0.01) << what();
  }
}

TEST(RateLearner, ALimitThatFallsOrRisesIsFound) {
  Outcome falls = simulate({.per_second = 50, .burst = 50, .later_rate = 5}, 1200, 700);
  EXPECT_NEAR(falls.rate, 5, 0.5);
  EXPECT_GE(falls.used, 0.95);
  EXPECT_LE(falls.refused / (falls.admitted + falls.refused), 0.02);
  Outcome rises = simulate({.per_second = 5, .burst = 50, .later_rate = 50}, 2400, 2000);
  EXPECT_GE(rises.used, 0.9);
}

TEST(RateLearner, RefusalsThatHaveNothingToDoWithTheRateDoNotStopTheWork) {
  Server server{.per_second = 1e6, .burst = 1e6, .answer = 1, .random_refusals = 0.03};
  Outcome out = simulate(server, 600, 60, 64);
  EXPECT_GE(out.admitted / 540, 2);  // slow, for each of them may be meant; but never less and less
}

TEST(RateLearner, ALimitOfRequestsAtOnceIsLivedWith) {
  Server server{.per_second = 1e6, .burst = 1e6, .answer = 1, .slots = 8};
  Outcome out = simulate(server, 1200, 200);
  EXPECT_GE(out.admitted / 1000, 4);
  EXPECT_LE(out.refused / (out.admitted + out.refused), 0.05);
}

}  // namespace
}  // namespace assay
