// Answers that are no success (model/http/provider_error, model/hub/hub_error, leaderboard/upload/google_reply): a status on the first line, headers up to an empty line, a body.
// Dates, spans and rate-limit headers are read here, too.
#include <charconv>

#include "base/text.h"
#include "fuzz.h"
#include "leaderboard/upload/google_reply.h"
#include "model/http/openai_dialect.h"
#include "model/http/provider_error.h"
#include "model/hub/hub_error.h"

namespace assay::fuzz {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant(std::chrono::hours(1)); }
  std::int64_t unix_micros() const override { return 1'767'225'600'000'000; }
};

}  // namespace

void fuzz_one(std::string_view input) {
  parse_span(input);
  HttpResponse response;
  std::string_view status = take_line(input);
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  while (!input.empty()) {
    std::string_view line = take_line(input);
    if (line.empty()) break;
    std::size_t colon = line.find(':');
    std::string_view name = line.substr(0, colon);
    response.headers.emplace_back(lower(valid_utf8(name)), colon == std::string_view::npos ? "" : strip(line.substr(colon + 1)));
  }
  response.body = input;
  FixedClock clock;
  ProviderContext context{"openai:test", "http://127.0.0.1:1/v1", "TEST_KEY", Secret("sk-test-0123456789")};
  ErrorBody body = read_error_body(response.body);
  Error error = provider_error(response, context, clock);
  REQUIRE(!error.message.empty() && error.kind != ErrorKind::internal);
  REQUIRE(is_valid_utf8(to_string(error)) && to_string(error).find("sk-test-0123456789") == std::string::npos);
  REQUIRE(to_string(error).size() < 16384);
  if (auto wait = wanted_wait(response, clock)) REQUIRE(wait->count() >= 0 && *wait <= std::chrono::hours(24));
  RateHints hints;
  read_rate_headers(response, clock, hints);
  for (const RateHints::Budget* budget : {&hints.requests, &hints.tokens}) {
    if (budget->limit) REQUIRE(*budget->limit >= 0);
    if (budget->left) REQUIRE(*budget->left >= 0);
    if (budget->refill) REQUIRE(budget->refill->count() >= 0);
  }
  // The same answer from a hub, and from Google's APIs.
  HubOptions options;
  options.token = Secret("sk-test-0123456789");
  for (const Error& refusal : {hub_error(response, HubAddress{"org/model"}, options), google_error(response, "the store refused", options.token)}) {
    REQUIRE(!refusal.message.empty() && is_valid_utf8(to_string(refusal)) && to_string(refusal).size() < 2048);
    REQUIRE(to_string(refusal).find("sk-test-0123456789") == std::string::npos);
  }
  ParameterQuirks quirks;
  quirks.learn(body, {"temperature", "max_tokens", "seed"});
}

}  // namespace assay::fuzz
