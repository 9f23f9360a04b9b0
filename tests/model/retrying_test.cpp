#include "model/retrying.h"

#include <gtest/gtest.h>

#include "model/limited.h"
#include "support/fake_model.h"
#include "support/loop.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::FakeModel;
using test::Loop;
using test::question;

struct RetryingTest : testing::Test {
  RetryingTest() {
    options.on_attempt = [this](const Attempt& attempt) {
      log.push_back(std::to_string(attempt.number) + (attempt.error ? " " + std::string(name(attempt.error->kind)) : " ok") +
                    (attempt.last ? " last" : ""));
      waits.push_back(attempt.wait);
      EXPECT_GE(attempt.started, 1'700'000'000'000'000);
    };
  }
  Model& model() {
    if (!made) made = make_retrying(inner, timer, random, options);
    return *made;
  }
  Result<Response> ask() { return loop.run(model().answer(question("x"))); }
  static std::unexpected<Error> error(ErrorKind kind, std::optional<std::chrono::milliseconds> wait = {}) {
    Error e{kind, "it failed"};
    e.retry_after = wait;
    return fail(e);
  }

  Loop loop;
  VirtualTimer timer;
  Random random{1};
  FakeModel inner{timer};
  RetryOptions options;
  std::vector<std::string> log;
  std::vector<Duration> waits;
  std::unique_ptr<Model> made;
};

TEST_F(RetryingTest, ASuccessIsOneAttempt) {
  ASSERT_TRUE(ask());
  EXPECT_EQ(log, std::vector<std::string>{"1 ok last"});
  EXPECT_EQ(model().deviations(), std::vector<std::string>{"fake"});
  EXPECT_FALSE(model().facts().contains("retries"));
}

TEST_F(RetryingTest, PassingTroubleIsTriedAgain) {
  const ErrorKind kinds[] = {ErrorKind::rate_limited, ErrorKind::server, ErrorKind::network, ErrorKind::timeout,
                             ErrorKind::bad_response};
  inner.reply = [&](const Query&, std::size_t n) -> Result<Response> {
    if (n < 5) return error(kinds[n]);
    return Response{.text = "at last"};
  };
  auto r = ask();
  ASSERT_TRUE(r);
  EXPECT_EQ(r->text, "at last");
  EXPECT_EQ(log,
            (std::vector<std::string>{"1 rate_limited", "2 server", "3 network", "4 timeout", "5 bad_response", "6 ok last"}));
  EXPECT_EQ(model().facts().at("retries"), 5u);
}

TEST_F(RetryingTest, WhatCannotWorkIsNotTriedAgain) {
  for (ErrorKind kind :
       {ErrorKind::auth, ErrorKind::model_missing, ErrorKind::quota, ErrorKind::refused, ErrorKind::identity,
        ErrorKind::bad_request, ErrorKind::unsupported, ErrorKind::cancelled, ErrorKind::missing, ErrorKind::usage}) {
    inner.asked = 0;
    inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(kind); };
    auto r = ask();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().kind, kind);
    EXPECT_EQ(r.error().message, "it failed");
    EXPECT_EQ(inner.asked, 1u) << name(kind);
  }
}

TEST_F(RetryingTest, GivesUpAfterItsAttemptsAndSaysSo) {
  options.attempts = 3;
  inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(ErrorKind::server); };
  auto r = ask();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().kind, ErrorKind::server);
  EXPECT_NE(r.error().message.find("attempt 3"), std::string::npos);
  EXPECT_EQ(log, (std::vector<std::string>{"1 server", "2 server", "3 server last"}));
}

TEST_F(RetryingTest, WaitsAreRandomWithinADoublingBound) {
  options.attempts = 9;
  options.longest_wait = 20s;
  options.total = Duration::zero();
  inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(ErrorKind::server); };
  std::vector<double> sum(8, 0);
  for (int i = 0; i < 400; ++i) {
    waits.clear();
    ASSERT_FALSE(ask());
    ASSERT_EQ(waits.size(), 9u);
    Duration bound = 1s;
    for (std::size_t n = 0; n < 8; ++n) {
      EXPECT_GT(waits[n], Duration::zero());
      EXPECT_LE(waits[n], std::min<Duration>(bound, 20s)) << n;
      sum[n] += std::chrono::duration<double>(waits[n]).count();
      bound *= 2;
    }
  }
  const double means[] = {0.5, 1, 2, 4, 8, 10, 10, 10};
  for (std::size_t n = 0; n < 8; ++n) EXPECT_NEAR(sum[n] / 400, means[n], means[n] * 0.12) << n;
}

TEST_F(RetryingTest, TheServersOwnWishIsHonoured) {
  inner.reply = [&](const Query&, std::size_t n) -> Result<Response> {
    if (n == 0) return error(ErrorKind::rate_limited, 30'000ms);
    return Response{};
  };
  ASSERT_TRUE(ask());
  EXPECT_GE(waits[0], Duration(30s));
  EXPECT_LE(waits[0], Duration(33s));
  EXPECT_GE(inner.times[1] - inner.times[0], Duration(30s));
}

TEST_F(RetryingTest, AShortWishDoesNotReplaceTheBackOff) {
  // "Retry-After: 0", a date that has passed, a few milliseconds from a server that stays overloaded.
  options.attempts = 5;
  for (auto named : {0ms, 20ms}) {
    made.reset();
    inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(ErrorKind::server, named); };
    std::vector<double> sum(4, 0);
    for (int i = 0; i < 400; ++i) {
      waits.clear();
      ASSERT_FALSE(ask());
      for (std::size_t n = 0; n < 4; ++n) {
        EXPECT_GE(waits[n], Duration(named));
        EXPECT_LE(waits[n], Duration(1s) * (1 << n));
        sum[n] += std::chrono::duration<double>(waits[n]).count();
      }
    }
    const double means[] = {0.5, 1, 2, 4};
    for (std::size_t n = 0; n < 4; ++n) EXPECT_NEAR(sum[n] / 400, means[n], means[n] * 0.12) << n;
  }
}

TEST_F(RetryingTest, NothingIsSentThatHasHardlyAnyTimeLeft) {
  // The wait would end within the request's time, but no answer would come any more, and it would be paid for.
  using Case = std::tuple<Duration, std::chrono::milliseconds, Duration>;
  for (auto [total, named, least] : {Case(60s, 55'000ms, 1s), Case(1s, 850ms, 100ms)}) {
    made.reset();
    inner.asked = 0;
    inner.times.clear();
    options.total = total;
    options.first_wait = 1ms;
    inner.reply = [&, wait = named, least = least](const Query& query, std::size_t n) -> Result<Response> {
      EXPECT_GE(*query.deadline - inner.times[n], least) << n;
      return error(ErrorKind::server, wait);  // and up to a tenth more
    };
    for (int i = 0; i < 100; ++i) ask();
    EXPECT_GT(inner.asked, 105u) << "where there is time it is tried again";
    EXPECT_LT(inner.asked, 200u);
  }
}

TEST_F(RetryingTest, TimeInTheModelsOwnLineDoesNotCount) {
  // One request a second is what the user allows; that the last ones wait for half a minute is not theirs to pay.
  options.total = 5s;
  inner.delay = 100ms;
  inner.reply = [&](const Query& query, std::size_t n) -> Result<Response> {
    EXPECT_GE(*query.deadline - inner.times[n], Duration(500ms)) << n;
    if (n % 3 == 1) return error(ErrorKind::server);
    return Response{};
  };
  auto limited = make_limited(inner, timer, {.requests_per_minute = 60});
  auto both = make_retrying(*limited, timer, random, options);
  std::vector<std::optional<Result<Response>>> answers(24);
  for (auto& answer : answers) loop.start(test::answer_into(*both, question("x"), answer));
  loop.finish();
  for (auto& answer : answers) EXPECT_TRUE(*answer);
  EXPECT_GE(inner.times.back() - inner.times.front(), Duration(23s));
}

TEST_F(RetryingTest, AWaitBeyondTheDeadlineIsNotBegun) {
  options.total = 60s;
  inner.reply = [&](const Query&, std::size_t n) -> Result<Response> {
    return error(ErrorKind::rate_limited, n == 0 ? 50'000ms : 20'000ms);
  };
  auto r = ask();
  ASSERT_FALSE(r);
  EXPECT_EQ(inner.asked, 2u);
  EXPECT_LT(timer.clock().now() - inner.times[0], Duration(60s));
}

TEST_F(RetryingTest, EveryAttemptIsToldTheSameDeadline) {
  std::vector<std::optional<Instant>> deadlines;
  inner.delay = 5s;
  inner.reply = [&](const Query& query, std::size_t n) -> Result<Response> {
    deadlines.push_back(query.deadline);
    if (n < 2) return error(ErrorKind::server);
    return Response{};
  };
  options.total = 60s;
  Instant begin = timer.clock().now();
  ASSERT_TRUE(ask());
  EXPECT_EQ(deadlines, std::vector<std::optional<Instant>>(3, begin + 60s));
  deadlines.clear();
  made.reset();
  inner.asked = 0;
  options.total = Duration::zero();
  ASSERT_TRUE(ask());
  EXPECT_EQ(deadlines, std::vector<std::optional<Instant>>(3, std::nullopt));
}

TEST_F(RetryingTest, ATimeOutAtTheDeadlineSaysWhoseItWas) {
  options.total = 60s;
  inner.reply = [&](const Query&, std::size_t n) -> Result<Response> {
    return error(n == 0 ? ErrorKind::server : ErrorKind::timeout);
  };
  inner.delay_of = [&] { return inner.asked == 1 ? Duration(30s) : inner.times[0] + 60s - timer.clock().now(); };
  auto r = ask();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().kind, ErrorKind::timeout);
  EXPECT_NE(r.error().message.find("attempt 2, 60.0 s after the first"), std::string::npos) << r.error().message;
  EXPECT_NE(r.error().message.find("60.0 s for the whole request (total_timeout) are over"), std::string::npos);
  made.reset();
  options.attempts = 1;
  inner.delay_of = [] { return Duration(10s); };
  inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(ErrorKind::timeout); };
  r = ask();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().message, "it failed") << "an attempt's own time-out";
}

TEST_F(RetryingTest, CancellationEndsTheWait) {
  inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(ErrorKind::rate_limited, 3'600'000ms); };
  options.total = Duration::zero();
  std::optional<Result<Response>> out;
  // Real time: the virtual one would jump over the hour.
  auto real = make_timer();
  FakeModel fake(*real);
  fake.reply = inner.reply;
  auto retrying = make_retrying(fake, *real, random, options);
  std::size_t job = loop.start(test::answer_into(*retrying, question("x"), out));
  loop.poll();
  EXPECT_EQ(fake.asked, 1u);
  EXPECT_FALSE(out);
  loop.cancel(job);
  loop.finish();
  ASSERT_TRUE(out);
  EXPECT_EQ(out->error().kind, ErrorKind::cancelled);
  EXPECT_EQ(fake.asked, 1u);
}

TEST_F(RetryingTest, WorkThatIsToEndIsNotTriedAgain) {
  inner.reply = [&](const Query&, std::size_t) -> Result<Response> { return error(ErrorKind::rate_limited, 3'600'000ms); };
  options.total = Duration::zero();
  const Instant begin = timer.clock().now();
  options.stopping = [&] { return timer.clock().now() >= begin + 10s; };
  auto r = ask();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(inner.asked, 1u);
  EXPECT_LT(timer.clock().now() - begin, 11s);
  // ... and a failure that comes after that is not waited upon at all.
  const Instant then = timer.clock().now();
  r = ask();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(timer.clock().now(), then);
}

TEST_F(RetryingTest, AWaitInPiecesIsAsLong) {
  inner.reply = [&](const Query&, std::size_t n) -> Result<Response> {
    if (n == 0) return error(ErrorKind::rate_limited, 100'300ms);
    return Response{.text = "at last"};
  };
  options.stopping = [] { return false; };
  const Instant begin = timer.clock().now();
  ASSERT_TRUE(ask());
  EXPECT_EQ(timer.clock().now() - begin, waits.front());
}

TEST_F(RetryingTest, IdentifyWaitsForABusyServerOnly) {
  inner.who = [&](std::size_t n) -> Result<ModelIdentity> {
    if (n < 2) return error(ErrorKind::server);
    return make_identity({{"backend", "fake"}}, "fake");
  };
  EXPECT_TRUE(loop.run(model().identify()));
  EXPECT_EQ(inner.identified, 3u);
  inner.who = [&](std::size_t) -> Result<ModelIdentity> { return error(ErrorKind::network); };
  EXPECT_FALSE(loop.run(model().identify()));
  EXPECT_EQ(inner.identified, 4u);
}

TEST_F(RetryingTest, TriesAreJournaledUnderTheAnswersKey) {
  test::TemporaryFolder folder;
  auto journal = Journal::open(folder.path() / "assay.db", Journal::Mode::read_write, timer.clock());
  ASSERT_TRUE(journal) << to_string(journal.error());
  Query query = question("x");
  Key key = request_key("who", query.request, query.draw);
  auto tries = [&] { return (*journal)->tries(key).value_or(std::vector<Try>{}); };
  options.on_attempt = journal_tries(**journal, "who");
  ASSERT_TRUE(ask());
  EXPECT_TRUE(tries().empty()) << "an answer at the first attempt needs no row";
  inner.reply = [&](const Query&, std::size_t n) -> Result<Response> {
    if (n % 2 == 1) {
      Error e{ErrorKind::rate_limited, "slow down"};
      e.http_status = 429;
      return fail(e);
    }
    return Response{};
  };
  ASSERT_TRUE(ask());
  std::vector<Try> rows = tries();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].error_kind, "rate_limited");
  EXPECT_EQ(rows[0].message, "slow down");
  EXPECT_EQ(rows[0].http_status, 429);
  EXPECT_EQ(rows[1].error_kind, "");
  EXPECT_LT(rows[0].started, rows[1].started);
}

}  // namespace
}  // namespace assay
