#include "model/limited.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>

#include "support/fake_model.h"
#include "support/loop.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::FakeModel;
using test::Loop;
using test::question;

struct LimitedTest : testing::Test {
  Model& model() {
    if (!made) made = make_limited(inner, timer, options);
    return *made;
  }
  /// Starts `n` requests; their answers land in `answers` in that order.
  void start(std::size_t n, std::string text = "x") {
    for (std::size_t i = 0; i < n; ++i) {
      answers.emplace_back();
      jobs.push_back(loop.start(test::answer_into(model(), question(text), answers.back())));
    }
  }
  double limit(const char* name) { return as_number(model().facts().at("limits").at(name)).value_or(-1); }
  static Result<Response> error(ErrorKind kind, int status, std::optional<std::chrono::milliseconds> wait = {},
                                std::string message = "it failed") {
    Error e{kind, std::move(message)};
    e.http_status = status;
    e.retry_after = wait;
    return fail(e);
  }
  std::size_t answered() const {
    return static_cast<std::size_t>(std::count_if(answers.begin(), answers.end(), [](const auto& a) { return a && *a; }));
  }

  Loop loop;
  VirtualTimer timer;
  FakeModel inner{timer};
  LimitOptions options;
  std::deque<std::optional<Result<Response>>> answers;
  std::vector<std::size_t> jobs;
  std::unique_ptr<Model> made;
};

TEST_F(LimitedTest, NeverMoreInFlightThanAllowed) {
  options = {.start = 2, .max_in_flight = 7};
  inner.delay = 10ms;
  start(200);
  loop.finish();
  EXPECT_EQ(answered(), 200u);
  EXPECT_EQ(inner.peak, 7u);
  EXPECT_EQ(limit("in_flight_peak"), 7);
  EXPECT_EQ(limit("in_flight_allowed"), 7);
}

TEST_F(LimitedTest, SlowStartDoublesWithEachRound) {
  options = {.start = 4, .max_in_flight = 1000};
  inner.delay = 10ms;
  start(500);
  loop.finish();
  // Rounds of 4, 8, 16, 32, ... all at the same virtual moments.
  std::map<Instant, std::size_t> rounds;
  for (Instant t : inner.times) ++rounds[t];
  std::vector<std::size_t> sizes;
  for (auto& [t, n] : rounds) sizes.push_back(n);
  ASSERT_GE(sizes.size(), 6u);
  EXPECT_EQ(std::vector(sizes.begin(), sizes.begin() + 6), (std::vector<std::size_t>{4, 8, 16, 32, 64, 128}));
}

TEST_F(LimitedTest, StartsAtHalfOfAMostThatSomebodyNamed) {
  struct Case {
    std::size_t most, first;
  };
  for (Case one : {Case{20, 16}, {64, 32}, {200, 100}, {1000, 128}}) {
    LimitOptions chosen{.max_in_flight = one.most, .max_is_chosen = true};
    auto fresh = make_limited(inner, timer, chosen);
    EXPECT_EQ(get_number(fresh->facts().at("limits"), "in_flight_allowed"), static_cast<double>(one.first)) << one.most;
  }
  auto unasked = make_limited(inner, timer, {.max_in_flight = 1000});
  EXPECT_EQ(get_number(unasked->facts().at("limits"), "in_flight_allowed"), 16) << "nobody knows what the server takes";
}

TEST_F(LimitedTest, DoesNotGrowWhileNobodyWaits) {
  options = {.start = 8, .max_in_flight = 100};
  inner.delay = 10ms;
  for (int i = 0; i < 20; ++i) {
    start(3);
    loop.finish();
  }
  EXPECT_EQ(limit("in_flight_allowed"), 8);
}

TEST_F(LimitedTest, FixedWhenToldSo) {
  options = {.max_in_flight = 12, .adapt = false};
  inner.delay = 10ms;
  inner.reply = [](const Query&, std::size_t n) {
    return n % 3 ? Result<Response>(Response{}) : error(ErrorKind::rate_limited, 429);
  };
  start(100);
  loop.finish();
  EXPECT_EQ(inner.peak, 12u);
  EXPECT_EQ(limit("cuts"), 0);
}

TEST_F(LimitedTest, OneCutAnEpisode) {
  options = {.start = 100, .max_in_flight = 100};
  inner.delay = 10ms;
  inner.reply = [](const Query&, std::size_t n) {
    return n < 100 ? error(ErrorKind::server, 503) : Result<Response>(Response{});
  };
  start(100);
  loop.finish();
  EXPECT_EQ(limit("cuts"), 1) << "a hundred refusals of one moment are one sign";
  EXPECT_EQ(limit("in_flight_allowed"), 80);
  start(80);
  loop.finish();
  EXPECT_EQ(limit("cuts"), 1);
  // After a cut it grows by about one a round.
  EXPECT_EQ(limit("in_flight_allowed"), 80);
  start(400);
  loop.finish();
  EXPECT_GE(limit("in_flight_allowed"), 83);
  EXPECT_LE(limit("in_flight_allowed"), 87);
}

TEST_F(LimitedTest, OverloadAndTimeoutsCutButResetsAndBugsDoNot) {
  struct Case {
    ErrorKind kind;
    int status;
    int cuts;
  };
  for (Case c : {Case{ErrorKind::server, 529, 1}, Case{ErrorKind::server, 503, 1}, Case{ErrorKind::timeout, 0, 1},
                 Case{ErrorKind::server, 500, 0}, Case{ErrorKind::network, 0, 0}, Case{ErrorKind::bad_response, 200, 0}}) {
    made.reset();
    inner.delay = 1ms;  // so that the three are under way together
    inner.reply = [&](const Query&, std::size_t) { return error(c.kind, c.status); };
    start(3);
    loop.finish();
    EXPECT_EQ(limit("cuts"), c.cuts) << name(c.kind) << c.status;
  }
}

TEST_F(LimitedTest, FallsToOneAtTheLeast) {
  options = {.start = 3, .max_in_flight = 3};
  inner.delay = 1ms;
  inner.reply = [](const Query&, std::size_t) { return error(ErrorKind::server, 503); };
  start(100);
  loop.finish();
  EXPECT_EQ(limit("in_flight_allowed"), 1);
}

TEST_F(LimitedTest, ANamedWaitStopsEverybody) {
  options = {.start = 4, .max_in_flight = 4};
  inner.delay = 10ms;
  inner.reply = [](const Query&, std::size_t n) {
    return n == 0 ? error(ErrorKind::rate_limited, 429, 30'000ms) : Result<Response>(Response{});
  };
  start(40);
  loop.finish();
  EXPECT_EQ(answered(), 39u);
  std::size_t before = 0;
  for (Instant t : inner.times) {
    Duration after = t - inner.times[0];
    if (after < Duration(10ms)) ++before;
    EXPECT_TRUE(after <= Duration(10ms) || after >= Duration(30s)) << after.count();
  }
  EXPECT_EQ(before, 4u);
  EXPECT_NEAR(limit("paused_seconds"), 30, 0.01);
}

TEST_F(LimitedTest, FirstComeFirstServed) {
  options = {.start = 1, .max_in_flight = 1};
  inner.delay = 1ms;
  std::vector<std::string> order;
  inner.reply = [&](const Query& query, std::size_t) {
    order.push_back(std::get<Generate>(query.request).messages[0].content);
    return Result<Response>(Response{});
  };
  for (int i = 0; i < 30; ++i) start(1, std::to_string(i));
  loop.finish();
  for (int i = 0; i < 30; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(LimitedTest, AFatalErrorEndsTheModelForAllAtOnce) {
  for (ErrorKind kind : {ErrorKind::auth, ErrorKind::quota, ErrorKind::model_missing}) {
    made.reset();
    answers.clear();
    inner.asked = 0;
    options = {.start = 3, .max_in_flight = 3};
    inner.delay = 10ms;
    inner.reply = [&](const Query&, std::size_t) { return error(kind, 401, {}, "bad key"); };
    start(50);
    loop.finish();
    for (auto& answer : answers) {
      ASSERT_TRUE(answer);
      ASSERT_FALSE(*answer);
      EXPECT_EQ(answer->error().kind, kind);
      EXPECT_EQ(answer->error().message, "bad key");
    }
    EXPECT_EQ(inner.asked, 3u);
    start(1);
    loop.finish();
    EXPECT_EQ(inner.asked, 3u) << "later queries fail at once";
    EXPECT_EQ(answers.back()->error().kind, kind);
  }
}

TEST_F(LimitedTest, WaitersInAPauseAreToldOfTheEndToo) {
  options = {.start = 2, .max_in_flight = 2};
  inner.reply = [&](const Query&, std::size_t n) {
    return n == 0 ? error(ErrorKind::rate_limited, 429, 1'200'000ms) : error(ErrorKind::auth, 401);
  };
  inner.delay = 10ms;
  start(20);
  loop.finish();
  EXPECT_EQ(inner.asked, 2u);
  for (std::size_t i = 1; i < 20; ++i) EXPECT_EQ(answers[i]->error().kind, ErrorKind::auth);
  EXPECT_LT(timer.clock().now() - inner.times[0], Duration(2s)) << "nobody sat the twenty minutes out";
}

TEST_F(LimitedTest, AWaitLongerThanPatienceEndsTheModel) {
  inner.reply = [&](const Query&, std::size_t) { return error(ErrorKind::rate_limited, 429, 3'600'000ms); };
  start(3);
  loop.finish();
  start(1);
  loop.finish();
  EXPECT_EQ(answers.back()->error().kind, ErrorKind::refused);
  EXPECT_NE(answers.back()->error().message.find("3600 s"), std::string::npos) << answers.back()->error().message;
  EXPECT_EQ(inner.asked, 1u);
}

TEST_F(LimitedTest, ABusyServersWaitLongerThanPatienceEndsTheModelToo) {
  for (int status : {503, 529, 408}) {
    made.reset();
    answers.clear();
    inner.asked = 0;
    options = {.start = 2, .max_in_flight = 2};
    inner.delay = 10ms;
    inner.reply = [&](const Query&, std::size_t n) {
      return n == 0 ? error(ErrorKind::server, status, 3'600'000ms, "maintenance") : Result<Response>(Response{});
    };
    Instant begin = timer.clock().now();
    start(20);
    loop.finish();
    EXPECT_LT(timer.clock().now() - begin, Duration(2s)) << "nobody sits the hour out without a word";
    EXPECT_EQ(answered(), 1u) << "what was under way is kept";
    for (std::size_t i : {0u, 2u, 19u}) {  // the one that met it as well: it has not failed, the run ends
      ASSERT_FALSE(*answers[i]);
      EXPECT_EQ(answers[i]->error().kind, ErrorKind::refused) << status;
      EXPECT_NE(answers[i]->error().message.find("maintenance; it names a wait of 3600 s"), std::string::npos)
          << answers[i]->error().message;
    }
  }
}

TEST_F(LimitedTest, AServerThatOnlyRefusesEndsTheModelAfterAWhile) {
  inner.delay = 10ms;
  // A wait of no time at all is no wait.
  for (auto named : {std::optional<std::chrono::milliseconds>(), std::optional(0ms)}) {
    made.reset();
    answers.clear();
    inner.asked = 0;
    inner.times.clear();
    inner.reply = [&](const Query&, std::size_t) { return error(ErrorKind::rate_limited, 429, named); };
    start(5000);
    loop.finish();
    EXPECT_EQ(answers.back()->error().kind, ErrorKind::refused);
    EXPECT_GT(inner.asked, 20u);
    EXPECT_LT(inner.asked, 400u) << "it is asked less and less often";
    EXPECT_GE(timer.clock().now() - inner.times[0], Duration(30min));
    EXPECT_LE(timer.clock().now() - inner.times[0], Duration(35min));
  }
}

TEST_F(LimitedTest, SoDoesOneThatOnlyAsksToComeBackLater) {
  inner.delay = 10ms;
  inner.reply = [&](const Query&, std::size_t n) {
    return n % 2 ? error(ErrorKind::rate_limited, 429, 20'000ms) : error(ErrorKind::server, 503, 20'000ms);
  };
  start(5000);
  loop.finish();
  EXPECT_EQ(answers.back()->error().kind, ErrorKind::refused);
  EXPECT_GE(timer.clock().now() - inner.times[0], Duration(30min));
  EXPECT_LE(timer.clock().now() - inner.times[0], Duration(35min));
}

TEST_F(LimitedTest, OneRefusalAsksForARateAndNotForFewerAtOnce) {
  options = {.start = 16, .max_in_flight = 64};
  inner.delay = 1s;
  inner.reply = [](const Query&, std::size_t n) {
    return n == 20 ? error(ErrorKind::rate_limited, 429) : Result<Response>(Response{});
  };
  start(3000);
  loop.finish();
  EXPECT_EQ(limit("cuts"), 1);
  EXPECT_EQ(limit("refusals"), 1);
  EXPECT_GT(limit("in_flight_allowed"), 48) << "it doubles again as long as it is what holds the work back";
  const json::array history = model().facts().at("limits").at("history").as_array();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].at("event"), "refused");
  EXPECT_EQ(history[1].at("event"), "searching the rate");
}

TEST_F(LimitedTest, FiveEqualRefusalsFromTheStartAreFatal) {
  inner.reply = [](const Query&, std::size_t n) {
    return error(ErrorKind::bad_request, 400, {}, "field foo is required (request " + std::to_string(n) + ")");
  };
  for (int i = 0; i < 4; ++i) {
    start(1);
    loop.finish();
    EXPECT_EQ(answers.back()->error().kind, ErrorKind::bad_request);
  }
  start(1);
  loop.finish();
  start(1);
  loop.finish();
  EXPECT_EQ(answers.back()->error().kind, ErrorKind::refused);
  EXPECT_NE(answers.back()->error().message.find("field foo is required"), std::string::npos);
  EXPECT_EQ(inner.asked, 5u);
}

TEST_F(LimitedTest, OneBadPromptIsNotTheEnd) {
  // Different refusals, or a success among the first five: it is the prompts.
  inner.reply = [](const Query&, std::size_t n) {
    return error(ErrorKind::bad_request, 400, {}, n % 2 ? "too long" : "no good");
  };
  start(20);
  loop.finish();
  EXPECT_EQ(inner.asked, 20u);
  made.reset();
  inner.asked = 0;
  inner.reply = [](const Query&, std::size_t n) {
    return n == 3 ? Result<Response>(Response{}) : error(ErrorKind::bad_request, 400, {}, "too long");
  };
  for (int i = 0; i < 20; ++i) {
    start(1);
    loop.finish();
    if (i != 3) {
      EXPECT_EQ(answers.back()->error().kind, ErrorKind::bad_request);
    }
  }
  EXPECT_EQ(inner.asked, 20u);
}

TEST_F(LimitedTest, RequestsAMinuteAreKept) {
  options = {.start = 100, .max_in_flight = 100, .requests_per_minute = 600};
  start(601);
  loop.finish();
  EXPECT_EQ(answered(), 601u);
  Instant begin = inner.times.front();
  // No minute sees more than the budget and one second's store; the rate itself is used to the full.
  std::size_t within = 0;
  for (Instant t : inner.times) within += t - begin < Duration(30s) ? 1 : 0;
  EXPECT_LE(within, 311u);
  EXPECT_GE(within, 300u);
  EXPECT_NEAR(std::chrono::duration<double>(inner.times.back() - begin).count(), 59.1, 0.5);
}

TEST_F(LimitedTest, TokensAMinuteAreKeptByWhatWasReallyUsed) {
  options = {.start = 100, .max_in_flight = 100, .tokens_per_minute = 60'000};  // 1,000 a second
  inner.reply = [](const Query&, std::size_t) {
    Response r;
    r.usage.input_tokens = 50;
    r.usage.output_tokens = 50;
    return Result<Response>(r);
  };
  inner.delay = 1ms;
  start(301);
  loop.finish();
  EXPECT_EQ(answered(), 301u);
  double seconds = std::chrono::duration<double>(inner.times.back() - inner.times.front()).count();
  EXPECT_NEAR(seconds, 30, 3) << "301 answers of 100 tokens at 1,000 tokens a second";
}

TEST_F(LimitedTest, ACountThatCannotBeDoesNotStopTheModel) {
  options = {.start = 1, .max_in_flight = 1, .tokens_per_minute = 60'000};
  inner.reply = [](const Query&, std::size_t n) {
    Response r;
    r.usage.input_tokens = 50;
    r.usage.output_tokens = n == 1 ? 1'000'000'000'000 : 50;
    return Result<Response>(r);
  };
  start(5);
  loop.finish();
  EXPECT_EQ(answered(), 5u);
  EXPECT_LT(inner.times[2] - inner.times[1], Duration(15min)) << "16 thousand hours by the count";
  EXPECT_LT(inner.times[4] - inner.times[2], Duration(2s));
}

TEST_F(LimitedTest, ABudgetOfLessThanOneIsNotBelieved) {
  for (double limit : {1e-300, 1e-9, 0.5}) {
    made.reset();
    answers.clear();
    inner.times.clear();
    auto hints = std::make_shared<RateHints>();
    options = {.start = 1, .max_in_flight = 1, .hints = hints};
    inner.reply = [&](const Query&, std::size_t) {
      hints->requests.limit = hints->tokens.limit = limit;
      ++hints->updates;
      return Result<Response>(Response{});
    };
    start(6);
    loop.finish();
    EXPECT_EQ(answered(), 6u);
    EXPECT_LT(inner.times.back() - inner.times.front(), Duration(1s)) << limit;
  }
}

TEST_F(LimitedTest, BudgetsAreLearnedFromTheProvider) {
  auto hints = std::make_shared<RateHints>();
  options = {.start = 1, .max_in_flight = 1, .hints = hints};
  inner.reply = [&](const Query&, std::size_t) {
    hints->requests.limit = 60;
    hints->requests.left = 0;  // used up, by ourselves or somebody else with the same key
    ++hints->updates;
    return Result<Response>(Response{});
  };
  start(6);
  loop.finish();
  EXPECT_EQ(limit("requests_per_minute"), 60);
  EXPECT_NEAR(std::chrono::duration<double>(inner.times.back() - inner.times.front()).count(), 5, 0.3);
}

TEST_F(LimitedTest, TimeInTheLineIsNotTheRequests) {
  // Held back by a place that does not become free, and by a pause.
  for (bool pause : {false, true}) {
    made.reset();
    answers.clear();
    inner.asked = 0;
    options = {.start = 1, .max_in_flight = 1};
    inner.delay_of = [&] { return inner.asked > 1 ? Duration(2s) : pause ? Duration(1ms) : Duration(100s); };
    std::vector<Duration> left;
    inner.reply = [&](const Query& query, std::size_t n) {
      if (query.deadline) left.push_back(*query.deadline - inner.times[n]);
      return pause && n == 0 ? error(ErrorKind::rate_limited, 429, 100'000ms) : Result<Response>(Response{});
    };
    inner.times.clear();
    Instant begin = timer.clock().now();
    for (std::size_t i = 0; i < 4; ++i) {
      Query query = question("x");
      if (i == 1) query.deadline = begin + 30s;
      if (i == 2) query.deadline = begin + 7s;
      answers.emplace_back();
      loop.start(test::answer_into(model(), std::move(query), answers.back()));
    }
    loop.finish();
    for (std::size_t i : {1u, 2u, 3u}) EXPECT_TRUE(*answers[i]) << i;
    EXPECT_EQ(left, (std::vector<Duration>{30s, 7s}));
    EXPECT_GE(inner.times[1] - begin, Duration(100s));
  }
}

TEST_F(LimitedTest, ATimeOutByTheRequestsOwnDeadlineIsNoSignOfCongestion) {
  inner.delay = 5s;
  inner.reply = [](const Query&, std::size_t) { return error(ErrorKind::timeout, 0); };
  for (Duration deadline : {Duration(5s), Duration(6s)}) {
    made.reset();
    Query query = question("x");
    query.deadline = timer.clock().now() + deadline;
    std::optional<Result<Response>> out;
    loop.start(test::answer_into(model(), std::move(query), out));
    loop.finish();
    EXPECT_EQ(limit("cuts"), deadline == Duration(5s) ? 0 : 1);
  }
}

TEST_F(LimitedTest, ACancelledWaiterLeavesTheLine) {
  options = {.start = 1, .max_in_flight = 1};
  auto real = make_timer();
  FakeModel slow(*real);
  slow.delay = 20ms;
  auto limited = make_limited(slow, *real, options);
  for (int i = 0; i < 3; ++i) {
    answers.emplace_back();
    jobs.push_back(loop.start(test::answer_into(*limited, question("x"), answers.back())));
  }
  loop.poll();
  loop.cancel(jobs[1]);
  loop.finish();
  EXPECT_TRUE(*answers[0]);
  EXPECT_EQ(answers[1]->error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(*answers[2]);
  EXPECT_EQ(slow.asked, 2u);
}

TEST_F(LimitedTest, WhoWaitsIsLetGoWhenTheWorkIsToEnd) {
  options = {.start = 1, .max_in_flight = 1};
  const Instant begin = timer.clock().now();
  options.stopping = [&] { return timer.clock().now() >= begin + 10s; };
  inner.delay = 60s;
  start(3);
  loop.finish();
  EXPECT_TRUE(*answers[0]) << "what was sent is waited for";
  for (std::size_t i : {1, 2}) EXPECT_EQ(answers[i]->error().kind, ErrorKind::cancelled);
  EXPECT_EQ(inner.asked, 1u);
}

TEST_F(LimitedTest, NobodySitsOutAPauseWhenTheWorkIsToEnd) {
  const Instant begin = timer.clock().now();
  options.stopping = [&] { return timer.clock().now() >= begin + 10s; };
  inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(ErrorKind::rate_limited, 429, 600'000ms); };
  start(1);
  loop.finish();
  inner.reply = [](const Query&, std::size_t) { return Result<Response>(Response{}); };
  start(3);
  loop.finish();
  for (std::size_t i : {1, 2, 3}) EXPECT_EQ(answers[i]->error().kind, ErrorKind::cancelled);
  EXPECT_EQ(inner.asked, 1u);
  EXPECT_LT(timer.clock().now() - begin, 11s);
}

TEST_F(LimitedTest, ALongerQueueThatOnlyMakesAnswersSlowerIsNotMadeLonger) {
  // A server with four places: more in flight means waiting there instead of here.
  options = {.start = 4, .max_in_flight = 256};
  std::array<Instant, 4> free{};
  inner.delay_of = [&] {
    Instant now = timer.clock().now();
    Instant& place = *std::min_element(free.begin(), free.end());
    place = std::max(place, now) + 500ms;
    return place - now;
  };
  start(2000);
  loop.finish();
  EXPECT_EQ(answered(), 2000u);
  EXPECT_LT(limit("in_flight_most_allowed"), 128);
}

TEST_F(LimitedTest, TellsItsWindowAndPassesTheRestOn) {
  options.max_in_flight = 64;
  EXPECT_EQ(model().capabilities().max_in_flight, 64u);
  made.reset();
  inner.wish = 8;
  EXPECT_EQ(model().capabilities().max_in_flight, 8u);
  EXPECT_TRUE(model().capabilities().chat);
  EXPECT_EQ(model().deviations(), std::vector<std::string>{"fake"});
  EXPECT_TRUE(model().facts().contains("fake"));
  EXPECT_TRUE(loop.run(model().identify()));
}

}  // namespace
}  // namespace assay
