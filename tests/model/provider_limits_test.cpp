// retrying(limited(...)) against a provider's token buckets in virtual time: the allowance is used, hardly anything is refused,
// and nothing is lost, whatever the provider says or does not say of its limits. bench/p6 measures the same over sockets.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "model/http/provider_error.h"
#include "model/limited.h"
#include "model/retrying.h"
#include "support/fake_model.h"
#include "support/loop.h"
#include "support/provider_weather.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using Headers = test::ProviderLimits::Headers;
using Wait = test::ProviderLimits::RetryAfter;

struct Provider {
  test::ProviderLimits limits;
  double server_errors = 0.02, resets = 0.01, random_refusals = 0;
  Duration answer = 2s;
  int requests = 6000;
};

struct Measured {
  double used = 0, refused = 0, failed = 0;
  json::object limits;
};

/// The shares after the first `warm_up` seconds and before the last request was sent.
struct ProviderLimitsTest : testing::Test {
  Measured measure(const Provider& provider, Duration warm_up = 60s) {
    test::Loop loop;
    VirtualTimer timer;
    Random random(11);
    Clock& clock = timer.clock();
    Instant begin = clock.now();
    test::ProviderWeather weather(provider.limits, begin);
    auto hints = std::make_shared<RateHints>();
    test::FakeModel server(timer);
    Random draws(5);
    double per_minute = provider.limits.requests_per_minute;
    const double tokens = 20.0 / 4 + 100;
    if (provider.limits.tokens_per_minute > 0) {
      double by_tokens = provider.limits.tokens_per_minute / tokens;
      per_minute = per_minute > 0 ? std::min(per_minute, by_tokens) : by_tokens;
    }
    struct Row {
      Instant at;
      bool admitted;
    };
    std::deque<Row> rows;
    // What happens to a request is decided when it arrives, and said when its time is over.
    std::map<std::size_t, std::pair<int, test::ProviderWeather::HeaderList>> fates;
    server.delay_of = [&]() -> Duration {
      Instant now = clock.now();
      bool admitted = draws.unit() >= provider.random_refusals && weather.admit(tokens, server.in_flight, now);
      rows.push_back({now, admitted});
      double draw = draws.unit();
      int status = !admitted                                         ? 429
                   : draw < provider.server_errors                   ? 500
                   : draw < provider.server_errors + provider.resets ? 0
                                                                     : 200;
      fates[server.asked - 1] = {status, weather.headers(!admitted, tokens, now, static_cast<double>(clock.unix_micros()) / 1e6)};
      double spread = 0.5 + draws.unit();
      return status == 200 ? Duration(static_cast<std::int64_t>(static_cast<double>(provider.answer.count()) * spread))
                           : Duration(50ms);
    };
    server.reply = [&](const Query&, std::size_t number) -> Result<Response> {
      auto fate = fates.extract(number).mapped();
      if (fate.first == 0) return fail(ErrorKind::network, "reset");
      HttpResponse response;
      response.status = fate.first;
      for (auto& [name, value] : fate.second) {
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        response.headers.emplace_back(name, value);
      }
      read_rate_headers(response, clock, *hints);
      if (fate.first == 200) {
        Response out;
        out.usage.input_tokens = 5;
        out.usage.output_tokens = 100;
        return out;
      }
      return fail(provider_error(response, {}, clock));
    };
    auto limited = make_limited(server, timer, {.hints = hints});
    auto model = make_retrying(*limited, timer, random);
    std::deque<std::optional<Result<Response>>> answers;
    // As the runner does: a window, not everything at once.
    struct Window {
      static Task<void> worker(Model& model, std::deque<std::optional<Result<Response>>>& answers, int& left) {
        while (left > 0) {
          --left;
          answers.emplace_back();
          auto& mine = answers.back();
          Query query = test::question("a question of 20 b.");
          std::get<Generate>(query.request).sampling.max_tokens = 100;
          Result<Response> answer = co_await model.answer(std::move(query));
          mine = std::move(answer);
        }
      }
    };
    int left = provider.requests;
    for (int i = 0; i < 256; ++i) loop.start(Window::worker(*model, answers, left));
    loop.finish();
    Measured out;
    for (auto& answer : answers) out.failed += answer && *answer ? 0 : 1;
    EXPECT_EQ(answers.size(), static_cast<std::size_t>(provider.requests));
    Instant from = begin + warm_up;
    // While there was more to do than may be done: without the last window's worth.
    Instant to = rows[rows.size() * 19 / 20].at;
    double admitted = 0, refused = 0;
    for (const Row& row : rows)
      if (row.at >= from && row.at < to) ++(row.admitted ? admitted : refused);
    out.used = admitted / (per_minute / 60 * std::chrono::duration<double>(to - from).count());
    out.refused = refused / (admitted + refused);
    out.limits = limited->facts().at("limits").as_object();
    return out;
  }
  void expect_good(const Provider& provider, const char* what, Duration warm_up = 60s) {
    Measured got = measure(provider, warm_up);
    EXPECT_GE(got.used, 0.97) << what << " " << write_json(got.limits);
    EXPECT_LE(got.refused, 0.01) << what << " " << write_json(got.limits);
    EXPECT_EQ(got.failed, 0) << what;
    EXPECT_LE(got.limits.at("history").as_array().size(), 49u);
  }
};

TEST_F(ProviderLimitsTest, FiveHundredRequestsAMinute) {
  for (double at_once : {8.0, 50.0, 500.0}) {
    expect_good({.limits = {.requests_per_minute = 500, .requests_at_once = at_once}}, "bare");
    expect_good({.limits = {.requests_per_minute = 500, .requests_at_once = at_once, .retry_after = Wait::seconds}},
                "Retry-After: seconds");
    expect_good({.limits = {.requests_per_minute = 500,
                            .requests_at_once = at_once,
                            .headers = Headers::openai,
                            .retry_after = Wait::milliseconds}},
                "OpenAI's headers");
    expect_good({.limits = {.requests_per_minute = 500,
                            .requests_at_once = at_once,
                            .headers = Headers::anthropic,
                            .retry_after = Wait::seconds}},
                "Anthropic's headers");
  }
  expect_good({.limits = {.requests_per_minute = 500, .retry_after = Wait::date}}, "Retry-After: a date");
}

TEST_F(ProviderLimitsTest, AHundredThousandTokensAMinute) {
  expect_good({.limits = {.tokens_per_minute = 100'000}, .requests = 12'000}, "bare");
  expect_good({.limits = {.tokens_per_minute = 100'000, .headers = Headers::openai}, .requests = 12'000}, "OpenAI's headers");
  expect_good(
      {.limits = {.requests_per_minute = 2'000, .tokens_per_minute = 100'000, .headers = Headers::anthropic}, .requests = 12'000},
      "Anthropic's headers");
}

TEST_F(ProviderLimitsTest, AnswersThatTakeLongNeedManyAtOnce) {
  expect_good({.limits = {.requests_per_minute = 500}, .answer = 15s}, "bare, 15 s an answer", 240s);
  expect_good({.limits = {.requests_per_minute = 500, .headers = Headers::openai}, .answer = 15s},
              "OpenAI's headers, 15 s an answer", 240s);
}

TEST_F(ProviderLimitsTest, ABucketWithoutDepthThatNamesWholeSeconds) {
  Measured got = measure({.limits = {.requests_per_minute = 500, .requests_at_once = 1, .retry_after = Wait::seconds}});
  EXPECT_GE(got.used, 0.9) << write_json(got.limits);
  EXPECT_LE(got.refused, 0.01) << write_json(got.limits);
  EXPECT_EQ(got.failed, 0);
}

TEST_F(ProviderLimitsTest, RefusalsAtRandomDoNotSlowARunWithoutLimits) {
  // 256 at once and two seconds an answer make 128 a second; that they were 8 after the first minutes was the fault.
  Provider provider{.limits = {.requests_per_minute = 128 * 60, .requests_at_once = 1e6}, .random_refusals = 0.03, .requests = 40'000};
  Measured got = measure(provider, 120s);
  EXPECT_GE(got.used, 0.8) << write_json(got.limits);
  EXPECT_NEAR(got.refused, 0.03, 0.01);
  EXPECT_EQ(got.failed, 0);
  EXPECT_NEAR(as_number(got.limits.at("random_refusals")).value_or(0), 0.03, 0.02);
}

TEST_F(ProviderLimitsTest, RefusalsAtRandomBesideALimitLeaveTheLimitItsUse) {
  Provider provider{.limits = {.requests_per_minute = 500}, .random_refusals = 0.03, .requests = 12'000};
  Measured got = measure(provider, 300s);
  EXPECT_GE(got.used, 0.95) << write_json(got.limits);
  EXPECT_LE(got.refused, 0.09) << write_json(got.limits);
  EXPECT_EQ(got.failed, 0);
}

}  // namespace
}  // namespace assay
