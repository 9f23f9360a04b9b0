#include "model/budget.h"

#include <gtest/gtest.h>

#include "model/limited.h"
#include "model/retrying.h"
#include "support/fake_model.h"
#include "support/loop.h"

namespace assay {
namespace {

Request ask_for(std::size_t bytes, int max_tokens) {
  Generate out;
  out.prompt = std::string(bytes, 'x');
  out.sampling.max_tokens = max_tokens;
  return out;
}

Response took(std::int64_t in, std::int64_t out) {
  Response response;
  response.usage.input_tokens = in;
  response.usage.output_tokens = out;
  return response;
}

TEST(Budget, TheDearestOutcomeMustFit) {
  const TokenPrices prices{1, 2};
  EXPECT_DOUBLE_EQ(most_cost(ask_for(1'000'000, 1), 500'000, prices), 2.0);
  EXPECT_DOUBLE_EQ(most_cost(ask_for(0, 1), std::nullopt, prices), 0.032768);
  EXPECT_DOUBLE_EQ(real_cost(took(1'000'000, 250'000), prices, 9), 1.5);
  EXPECT_DOUBLE_EQ(real_cost(Response{}, prices, 9), 9.0);
  Budget budget(3);
  EXPECT_TRUE(budget.fits(3));
  EXPECT_FALSE(budget.fits(3.01));
  budget.reserve(2);
  EXPECT_TRUE(budget.fits(1));
  EXPECT_FALSE(budget.fits(1.5));
  budget.settle(2, 0.5);
  EXPECT_DOUBLE_EQ(budget.spent(), 0.5);
  EXPECT_DOUBLE_EQ(budget.reserved(), 0);
  EXPECT_TRUE(budget.fits(2.5));
  int told = 0;
  budget.on_used_up = [&] { ++told; };
  budget.declare_used_up();
  budget.declare_used_up();
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(budget.fits(0.1));
}

TEST(Budget, WaitsForWhatIsInFlightAndStopsWhenNothingIsLeft) {
  test::Loop loop;
  VirtualTimer timer;
  test::FakeModel inner(timer);
  inner.delay = std::chrono::seconds(1);
  inner.reply = [](const Query&, std::size_t) { return Result<Response>(took(0, 100'000)); };  // $0.10; at most $1
  Budget budget(1.25);
  bool stopped = false;
  budget.on_used_up = [&] { stopped = true; };
  auto model = make_budgeted(inner, budget, {0, 1}, timer.clock());
  std::vector<std::optional<Result<Response>>> answers(6);
  for (auto& answer : answers) {
    Query query;
    query.request = ask_for(0, 1'000'000);
    loop.start(test::answer_into(*model, std::move(query), answer));
  }
  loop.finish();
  // One at a time: the second dearest outcome never fits beside the first. After three, $0.30 is spent and no fourth fits.
  EXPECT_EQ(inner.peak, 1u);
  EXPECT_EQ(inner.asked, 3u);
  EXPECT_NEAR(budget.spent(), 0.3, 1e-9);
  EXPECT_LE(budget.spent(), budget.limit());
  EXPECT_TRUE(stopped);
  std::size_t refused = 0;
  for (auto& answer : answers) {
    ASSERT_TRUE(answer);
    if (!*answer) {
      EXPECT_EQ(answer->error().kind, ErrorKind::cancelled);
      ++refused;
    }
  }
  EXPECT_EQ(refused, 3u);
}

TEST(Budget, ATimeOutIsPaidForAndARefusalIsNot) {
  test::Loop loop;
  VirtualTimer timer;
  test::FakeModel inner(timer);
  Budget budget(10);
  auto model = make_budgeted(inner, budget, {0, 1}, timer.clock());
  for (auto [kind, spent] : {std::pair{ErrorKind::bad_request, 0.0}, std::pair{ErrorKind::timeout, 1.0}}) {
    inner.reply = [kind = kind](const Query&, std::size_t) { return Result<Response>(fail(kind, "no")); };
    Query query;
    query.request = ask_for(0, 1'000'000);
    std::optional<Result<Response>> answer;
    loop.start(test::answer_into(*model, std::move(query), answer));
    loop.finish();
    EXPECT_NEAR(budget.spent(), spent, 1e-9);
    EXPECT_EQ(budget.reserved(), 0);
  }
}

TEST(Budget, EveryAttemptIsReservedAndSettledByItself) {
  test::Loop loop;
  VirtualTimer timer;
  Random random{1};
  test::FakeModel inner(timer);
  inner.reply = [](const Query&, std::size_t) { return Result<Response>(fail(ErrorKind::timeout, "no")); };
  Budget budget(2.5);
  auto budgeted = make_budgeted(inner, budget, {0, 1}, timer.clock());
  auto model = make_retrying(*budgeted, timer, random);
  Query query;
  query.request = ask_for(0, 1'000'000);
  auto answer = loop.run(model->answer(std::move(query)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);  // nothing to journal: with more money it is asked again
  EXPECT_EQ(inner.asked, 2u);
  EXPECT_NEAR(budget.spent(), 2, 1e-9);
  EXPECT_TRUE(budget.used_up());
}

TEST(Budget, WaitingForItIsNotTheRequestsTime) {
  test::Loop loop;
  VirtualTimer timer;
  Random random{1};
  test::FakeModel inner(timer);
  inner.delay = std::chrono::minutes(10);
  inner.reply = [&](const Query& query, std::size_t) -> Result<Response> {
    if (timer.clock().now() >= *query.deadline) return fail(ErrorKind::timeout, "late");
    return took(0, 100'000);
  };
  Budget budget(1.5);  // one at a time
  auto limited = make_limited(inner, timer);
  auto budgeted = make_budgeted(*limited, budget, {0, 1}, timer.clock());
  auto model = make_retrying(*budgeted, timer, random, {.attempts = 1, .total = std::chrono::minutes(15)});
  std::vector<std::optional<Result<Response>>> answers(5);
  for (auto& answer : answers) {
    Query query;
    query.request = ask_for(0, 1'000'000);
    loop.start(test::answer_into(*model, std::move(query), answer));
  }
  loop.finish();
  for (auto& answer : answers) EXPECT_TRUE(answer && *answer) << to_string(answer->error());
  EXPECT_EQ(inner.peak, 1u);
}

}  // namespace
}  // namespace assay
