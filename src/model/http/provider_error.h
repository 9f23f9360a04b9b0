// What an HTTP answer that is not a success means for the model, the same for every provider (docs/providers.md):
//   401, 403 -> auth · 402, used-up credit in any status -> quota · 404, 405, an unknown model in any status -> model_missing
//   (all fatal) 408, 409, 425, 5xx, 529 -> server · 429 -> rate_limited (tried again) · other 4xx and 3xx -> bad_request
#pragma once

#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "model/rate_hints.h"
#include "model/transport.h"

namespace assay {

struct ProviderContext {
  std::string label;       // "openai:gpt-4o", for messages
  std::string url;         // as it may be shown
  std::string key_source;  // where the key comes from: "OPENAI_API_KEY"; "" = none is usual here
  Secret key;              // removed from whatever the server says
};

/// The fields of an error body, in whichever of the usual shapes it came.
struct ErrorBody {
  std::string message, type, code, param;
  std::optional<Duration> wait;  // Google's RetryInfo: what others say in Retry-After
  bool day_used_up = false;      // Google's QuotaFailure names a budget for a day: a short wait changes nothing
};
ErrorBody read_error_body(std::string_view body);
ErrorBody read_error_value(const json::value& error);  // the value of "error"

/// `status` is the answer's, or the one an error body inside a 200 names.
Error provider_error(int status, const ErrorBody& body, const HttpResponse& response, const ProviderContext& context,
                     Clock& clock);
inline Error provider_error(const HttpResponse& response, const ProviderContext& context, Clock& clock) {
  return provider_error(response.status, read_error_body(response.body), response, context, clock);
}

/// The wait that the server asks for: retry-after-ms, Retry-After in seconds or as a date (measured against the answer's own Date
/// where there is one), else the reset of an exhausted budget. At most a day. (A wait that the body asks for counts after these.)
std::optional<std::chrono::milliseconds> wanted_wait(const HttpResponse& response, Clock& clock);

/// Reads x-ratelimit-* and anthropic-ratelimit-* headers.
void read_rate_headers(const HttpResponse& response, Clock& clock, RateHints& hints);

/// "1s", "6m0s", "20ms", "1h2m3.5s", "12.5": seconds as providers write them.
std::optional<Duration> parse_span(std::string_view text);

/// The body as JSON: ill-formed UTF-8 replaced; raw control characters inside strings and lone surrogates, which servers do send,
/// repaired. Errors: bad_response, naming the content type and the beginning of the body.
struct JsonBody {
  std::string text;  // valid UTF-8
  json::value value;
};
/// `value` lives in `memory`.
Result<JsonBody> read_json_body(std::string body, std::string_view content_type, std::string_view where, json::storage_ptr memory = {});

}  // namespace assay
