// The control law in simulated time: a server with a token bucket, answers that take a while, and a client that always has work.
#include "model/rate_learner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <queue>
#include <vector>

#include "base/random.h"
#include "model/random_refusals.h"

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
        if (ending.named && !learner.stops_all(ending.sent, now, *ending.named)) ending.named.reset();
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
      Server server{.burst = burst, .names = names};
      Outcome out = simulate(server, 1260, 60);
      std::string what = "burst " + std::to_string(burst) + (names == Server::Names::nothing ? ", bare" : ", named");
      EXPECT_GE(out.used, burst < 8 ? 0.93 : 0.97) << what;
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

TEST(RateLearner, ABucketWithoutDepthThatNamesWholeSecondsIsUsed) {
  for (double burst : {1.0, 2.0})
    for (double rate : {2.0, 8.0, 30.0}) {
      Outcome out = simulate({.per_second = rate, .burst = burst, .names = Server::Names::whole_seconds}, 1260, 60);
      EXPECT_GE(out.used, 0.92) << "rate " << rate << " burst " << burst;
      EXPECT_LE(out.refused / (out.admitted + out.refused), 0.01) << "rate " << rate << " burst " << burst;
    }
}

TEST(RateLearner, AShortNamedWaitStopsEverybodyOnlyWhereItIsMeant) {
  RateLearner learner;
  RateBudget bucket(8, 8, Instant{1h});
  Instant now{1h};
  std::uint64_t number = 0;
  EXPECT_TRUE(learner.stops_all(now, now, 1s)) << "nothing is known yet";
  for (int refusals = 0; refusals < 6;) {  // until the rate has been confirmed
    ASSERT_LT(++number, 20'000u);
    now += learner.wait(now) + 1ms;
    learner.sent(number, now);
    if (bucket.wait_for(1, now) > Duration::zero()) {
      learner.refused(number, now, now, {});
      ++refusals;
    } else {
      bucket.take(1, now);
    }
  }
  EXPECT_TRUE(learner.stops_all(now, now, 3s)) << "a long wait is kept";
  EXPECT_FALSE(learner.stops_all(now - 10ms, now, 1s));
  EXPECT_FALSE(learner.stops_all(now - 5ms, now + 50ms, 1s)) << "was under way";
  EXPECT_TRUE(learner.stops_all(now + 100ms, now + 150ms, 1s)) << "was sent within the named wait, and refused";
  EXPECT_FALSE(learner.stops_all(now + 2s, now + 2050ms, 1s)) << "the wait is long over";
}

TEST(RateLearner, RefusalsThatHaveNothingToDoWithTheRateDoNotSlowTheWork) {
  // Shares of random refusals, with no limit and with one; what sixty-four at once can do is the most there is.
  for (double share : {0.02, 0.03, 0.06})
    for (double rate : {1e6, 100.0, 20.0})
      for (double answer : {0.3, 2.0})
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
          Server server{.per_second = rate, .burst = rate, .answer = answer, .random_refusals = share};
          double most = std::min(rate, 64 / answer);
          Outcome first = simulate(server, 300, 0, 64, seed), later = simulate(server, 1200, 600, 64, seed);
          auto what = [&] {
            return std::to_string(share) + " refused at random, rate " + std::to_string(rate) + ", answer " +
                   std::to_string(answer) + ", seed " + std::to_string(seed);
          };
          EXPECT_GE(later.admitted / 600, 0.9 * most) << what();
          EXPECT_LE(later.refused / (later.admitted + later.refused), 1.6 * share + 0.03) << what();
          if (share <= 0.03) {
            EXPECT_GE(first.admitted / 300, 0.4 * most) << what() << ": in the first five minutes";
          }
        }
}

TEST(RateLearner, OneRefusalInAHundredIsNoDisaster) {
  // Too few to tell soon from a limit that is touched now and then.
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Server server{.per_second = 1e6, .burst = 1e6, .answer = 1, .random_refusals = 0.01};
    EXPECT_GE(simulate(server, 1200, 600, 64, seed).admitted / 600, 0.35 * 64) << seed;
  }
}

TEST(RandomRefusals, AccidentsThatStopAreForgotten) {
  RandomRefusals random;
  Random draws(3);
  Instant now{1h};
  double rate = 10;
  std::uint64_t number = 0;
  auto run = [&](int requests, double share) {
    for (int i = 0; i < requests; ++i) {
      now += 100ms;
      rate = random.sent(++number, rate, true, now).value_or(rate);
      if (draws.unit() < share) random.refused(number);
    }
  };
  run(600, 0.05);
  ASSERT_TRUE(random.share());
  EXPECT_NEAR(*random.share(), 0.05, 0.04);
  EXPECT_GT(rate, 10) << "it grows";
  run(20'000, 0);
  EXPECT_FALSE(random.share());
  double before = rate;
  run(20'000, 0.004);
  EXPECT_FALSE(random.share());
  EXPECT_GE(rate, before * 0.9) << "one in two hundred and fifty starts no trial";
}

TEST(RandomRefusals, ATrialThatEndsTheRefusalsShowsTheRateToBeTheCause) {
  RandomRefusals random;
  Instant now{1h};
  double rate = 10, lowest = 10;
  // Every twelfth request above 9 a second is refused, none below.
  for (std::uint64_t number = 1; number < 2000; ++number) {
    now += 100ms;
    rate = random.sent(number, rate, true, now).value_or(rate);
    lowest = std::min(lowest, rate);
    if (rate > 9 && number % 12 == 0) random.refused(number);
    EXPECT_FALSE(random.share());
  }
  EXPECT_NEAR(lowest, 7, 0.6) << "a trial";
  EXPECT_GT(rate, 8) << "and back";
  EXPECT_LT(rate, 9);
}

TEST(RateLearner, ALimitOfRequestsAtOnceIsLivedWith) {
  Server server{.per_second = 1e6, .burst = 1e6, .answer = 1, .slots = 8};
  Outcome out = simulate(server, 1200, 200);
  EXPECT_GE(out.admitted / 1000, 4);
  EXPECT_LE(out.refused / (out.admitted + out.refused), 0.05);
}

}  // namespace
}  // namespace assay
