#include "model/http/provider_error.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using namespace std::chrono_literals;

struct FixedClock final : Clock {
  Instant now() const override { return Instant(1h); }
  std::int64_t unix_micros() const override { return 1'700'000'000'000'000; }  // 2023-11-14T22:13:20Z
};

struct ProviderErrorTest : testing::Test {
  HttpResponse response(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    HttpResponse out;
    out.status = status;
    out.body = std::move(body);
    out.headers = std::move(headers);
    return out;
  }
  Error error(int status, std::string body = R"({"error":{"message":"words"}})",
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    return provider_error(response(status, std::move(body), std::move(headers)), context, clock);
  }
  std::optional<std::chrono::milliseconds> wait(std::vector<std::pair<std::string, std::string>> headers, int status = 429) {
    return wanted_wait(response(status, "", std::move(headers)), clock);
  }
  FixedClock clock;
  ProviderContext context{"openai:gpt-4o", "https://api.example/v1/chat/completions", "EXAMPLE_KEY", Secret("sk-12345678")};
};

TEST_F(ProviderErrorTest, StatusDecidesTheKind) {
  const std::map<int, ErrorKind> kinds{
      {400, ErrorKind::bad_request},   {401, ErrorKind::auth},          {402, ErrorKind::quota},  {403, ErrorKind::auth},
      {404, ErrorKind::model_missing}, {405, ErrorKind::model_missing}, {408, ErrorKind::server}, {409, ErrorKind::server},
      {413, ErrorKind::bad_request},   {422, ErrorKind::bad_request},   {425, ErrorKind::server}, {429, ErrorKind::rate_limited},
      {500, ErrorKind::server},        {502, ErrorKind::server},        {503, ErrorKind::server}, {529, ErrorKind::server},
      {302, ErrorKind::bad_request}};
  for (auto [status, kind] : kinds) {
    Error e = error(status);
    EXPECT_EQ(name(e.kind), name(kind)) << status;
    EXPECT_EQ(e.http_status, status);
    EXPECT_EQ(e.where, context.url);
    EXPECT_NE(e.message.find("openai:gpt-4o answered HTTP " + std::to_string(status) + ": words"), std::string::npos)
        << e.message;
  }
}

TEST_F(ProviderErrorTest, ARedirectNamesItsPlaceWhereThereIsOne) {
  EXPECT_EQ(error(307, "", {{"location", "https://other.example/v1"}}).hint, "The server redirects to https://other.example/v1; use that address.");
  EXPECT_EQ(error(304, "").hint, "");
}

TEST_F(ProviderErrorTest, UsedUpMoneyIsQuotaInWhateverStatusItComes) {
  EXPECT_EQ(
      error(
          429,
          R"({"error":{"message":"You exceeded your current quota, please check your plan","type":"insufficient_quota","code":"insufficient_quota"}})")
          .kind,
      ErrorKind::quota);
  EXPECT_EQ(
      error(
          400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}})")
          .kind,
      ErrorKind::quota);
  EXPECT_EQ(error(403, R"({"error":{"message":"no","code":"billing_not_active"}})").kind, ErrorKind::quota);
  // A limit a minute that is called quota comes with a wait.
  EXPECT_EQ(error(429, R"({"error":{"message":"You exceeded your current quota, see billing"}})", {{"retry-after", "20"}}).kind,
            ErrorKind::rate_limited);
  EXPECT_EQ(
      error(429, R"({"error":{"message":"Rate limit reached for requests","type":"requests","code":"rate_limit_exceeded"}})")
          .kind,
      ErrorKind::rate_limited);
  EXPECT_EQ(error(401, R"({"error":{"message":"see your billing page"}})").kind, ErrorKind::auth);
}

TEST_F(ProviderErrorTest, AnUnknownModelIsMissingInAnyStatus) {
  EXPECT_EQ(error(400, R"({"error":{"message":"foo/bar is not a valid model ID","code":400}})").kind, ErrorKind::model_missing);
  EXPECT_EQ(error(403, R"({"error":{"message":"no access","code":"model_not_found"}})").kind, ErrorKind::auth);
  EXPECT_EQ(error(400, R"({"error":{"message":"gone","code":"model_not_found"}})").kind, ErrorKind::model_missing);
}

TEST_F(ProviderErrorTest, TheCureNamesTheVariableAndNeverTheKey) {
  Error e = error(
      401, R"({"error":{"message":"Incorrect API key provided: sk-12345678. Find it elsewhere.","code":"invalid_api_key"}})");
  EXPECT_EQ(to_string(e).find("sk-12345678"), std::string::npos) << to_string(e);
  EXPECT_NE(e.message.find("[secret]"), std::string::npos);
  EXPECT_NE(e.hint.find("EXAMPLE_KEY"), std::string::npos);
  context.key = Secret();
  EXPECT_NE(error(401).hint.find("set EXAMPLE_KEY"), std::string::npos);
}

TEST_F(ProviderErrorTest, ReadsEveryShapeOfBody) {
  EXPECT_EQ(read_error_body(R"({"error":"just text"})").message, "just text");
  EXPECT_EQ(read_error_body(R"({"message":"flat","code":17})").message, "flat");
  EXPECT_EQ(read_error_body(R"({"message":"flat","code":17})").code, "17");
  EXPECT_EQ(read_error_body(R"({"detail":"fast"})").message, "fast");
  EXPECT_EQ(read_error_body(R"({"detail":[{"loc":["body","min_p"],"msg":"extra fields not permitted"}]})").message,
            R"([{"loc":["body","min_p"],"msg":"extra fields not permitted"}])");
  EXPECT_EQ(read_error_body(R"([{"error":{"message":"listed","status":"RESOURCE_EXHAUSTED"}}])").type, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(read_error_body(R"({"error":{"message":"Provider returned error","metadata":{"raw":"the real reason"}}})").message,
            "Provider returned error: the real reason");
  EXPECT_EQ(read_error_body("<html><body><h1>502</h1>\nBad gateway</body></html>").message, "502 Bad gateway");
  EXPECT_EQ(read_error_body("").message, "");
}

TEST_F(ProviderErrorTest, ForeignWordsAreOneBoundedLine) {
  Error e = error(500, std::string("{\"error\":{\"message\":\"a\\nb\\u0000c") + std::string(5000, 'x') + "\"}}");
  EXPECT_EQ(e.message.find('\n'), std::string::npos);
  EXPECT_EQ(e.message.find('\0'), std::string::npos);
  EXPECT_LT(e.message.size(), 600u);
  EXPECT_EQ(error(500, "\xff\xfe broken").message.find('\xff'), std::string::npos);
}

TEST_F(ProviderErrorTest, WaitsInEveryForm) {
  EXPECT_EQ(wait({{"retry-after", "7"}}), 7000ms);
  EXPECT_EQ(wait({{"retry-after", "0.25"}}), 250ms);
  EXPECT_EQ(wait({{"retry-after-ms", "1500"}, {"retry-after", "9"}}), 1500ms);
  EXPECT_EQ(wait({{"retry-after", "Tue, 14 Nov 2023 22:13:50 GMT"}}), 30'000ms);
  // The server's own clock counts, not ours.
  EXPECT_EQ(wait({{"date", "Wed, 15 Nov 2023 10:00:00 GMT"}, {"retry-after", "Wed, 15 Nov 2023 10:00:05 GMT"}}), 5000ms);
  EXPECT_EQ(wait({{"retry-after", "Tue, 14 Nov 2023 22:00:00 GMT"}}), 0ms);
  EXPECT_EQ(wait({{"retry-after", "soon"}}), std::nullopt);
  EXPECT_EQ(wait({{"retry-after", "-3"}}), std::nullopt);
  EXPECT_EQ(wait({{"retry-after", "1e300"}}), std::chrono::milliseconds(24h));
  EXPECT_EQ(wait({}), std::nullopt);
  EXPECT_EQ(wait({{"retry-after", "2"}}, 503), 2000ms);
  EXPECT_EQ(wait({{"x-ratelimit-limit-requests", "60"},
                  {"x-ratelimit-remaining-requests", "0"},
                  {"x-ratelimit-reset-requests", "1m2s"}}),
            62'000ms);
  EXPECT_EQ(wait({{"x-ratelimit-limit-requests", "60"},
                  {"x-ratelimit-remaining-requests", "3"},
                  {"x-ratelimit-reset-requests", "1m2s"}}),
            std::nullopt);
}

TEST_F(ProviderErrorTest, SpansAsProvidersWriteThem) {
  EXPECT_EQ(parse_span("1s"), Duration(1s));
  EXPECT_EQ(parse_span("6m0s"), Duration(6min));
  EXPECT_EQ(parse_span("20ms"), Duration(20ms));
  EXPECT_EQ(parse_span("1h2m3.5s"), Duration(3723500ms));
  EXPECT_EQ(parse_span("12.5"), Duration(12500ms));
  for (const char* wrong : {"", "s", "1x", "-1s", "2023-11-14T22:13:20Z", "1 s", "1.2.3s"})
    EXPECT_EQ(parse_span(wrong), std::nullopt) << wrong;
}

TEST_F(ProviderErrorTest, RateHeadersOfBothDialects) {
  RateHints hints;
  read_rate_headers(response(200, "", {{"content-type", "x"}}), clock, hints);
  EXPECT_EQ(hints.updates, 0u);
  read_rate_headers(response(200, "",
                             {{"x-ratelimit-limit-requests", "500"},
                              {"x-ratelimit-remaining-requests", "499"},
                              {"x-ratelimit-reset-requests", "120ms"},
                              {"x-ratelimit-limit-tokens", "30000"},
                              {"x-ratelimit-remaining-tokens", "29000"},
                              {"x-ratelimit-reset-tokens", "2s"}}),
                    clock, hints);
  EXPECT_EQ(hints.updates, 1u);
  EXPECT_EQ(hints.requests.limit, 500);
  EXPECT_EQ(hints.requests.left, 499);
  EXPECT_EQ(hints.requests.refill, Duration(120ms));
  EXPECT_EQ(hints.tokens.limit, 30000);
  read_rate_headers(response(200, "",
                             {{"anthropic-ratelimit-requests-limit", "50"},
                              {"anthropic-ratelimit-requests-remaining", "0"},
                              {"anthropic-ratelimit-requests-reset", "2023-11-14T22:14:20Z"}}),
                    clock, hints);
  EXPECT_EQ(hints.requests.limit, 50);
  EXPECT_EQ(hints.requests.refill, Duration(60s));
  EXPECT_EQ(hints.tokens.limit, std::nullopt);
}

TEST_F(ProviderErrorTest, BodiesAreRepairedWhereServersErr) {
  auto text_in = [](std::string body) {
    auto read = read_json_body(std::move(body), "application/json", "http://h/");
    EXPECT_TRUE(read);
    return read ? get_string(read->value, "t").value_or("?") : "?";
  };
  EXPECT_EQ(text_in("{\"t\":\"a\xff\"}"), "a\xEF\xBF\xBD");
  EXPECT_EQ(text_in(std::string("{\"t\":\"a\0b\nc\"}", 13)), std::string("a\0b\nc", 5));
  EXPECT_EQ(text_in("{\"t\":\"a\\u0000b\"}"), std::string("a\0b", 3));
  EXPECT_EQ(text_in("{\"t\":\"cut \\ud83d\"}"), "cut \xEF\xBF\xBD");
  EXPECT_EQ(text_in("{\"t\":\"\\udc00 \\ud83d\\ude00 \\ud83dx\"}"), "\xEF\xBF\xBD \xF0\x9F\x98\x80 \xEF\xBF\xBDx");
  EXPECT_EQ(text_in("{\"t\":\"\\\\ud83d \\\"q\\\"\"}"), "\\ud83d \"q\"");
  EXPECT_EQ(text_in("\xEF\xBB\xBF{\"t\":\"after a mark\"}"), "after a mark");

  auto html = read_json_body("<html>hello</html>", "text/html; charset=x", "http://h/");
  ASSERT_FALSE(html);
  EXPECT_EQ(html.error().kind, ErrorKind::bad_response);
  EXPECT_NE(html.error().message.find("text/html"), std::string::npos);
  auto cut = read_json_body("{\"choices\":[{\"mess", "application/json", "http://h/");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::bad_response);
  EXPECT_NE(read_json_body("", "application/json", "").error().message.find("empty"), std::string::npos);
}

}  // namespace
}  // namespace assay
