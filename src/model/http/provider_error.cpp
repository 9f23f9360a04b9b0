#include "model/http/provider_error.h"

#include <curl/curl.h>

#include <cmath>
#include <ctime>

#include "base/json_arena.h"
#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool says_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return contains(text, word); });
}

std::string scalar(const json::value* value) {
  if (!value) return {};
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_number()) return write_json(*value);
  return {};
}

std::optional<double> number(const HttpResponse& response, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (auto value = python_float(response.header(name)); value && std::isfinite(*value) && *value >= 0) return value;
  return std::nullopt;
}

/// Seconds since 1970 of an HTTP date or an RFC 3339 time.
std::optional<double> date_seconds(const std::string& text) {
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest && (*rest == 'Z' || *rest == '.' || std::string_view(rest) == "+00:00")) return static_cast<double>(timegm(&parts));
  std::time_t when = curl_getdate(text.c_str(), nullptr);
  if (when == -1) return std::nullopt;
  return static_cast<double>(when);
}

std::optional<Duration> until(const std::string& text, const HttpResponse& response, Clock& clock) {
  auto when = date_seconds(text);
  if (!when) return std::nullopt;
  auto now = date_seconds(response.header("date"));
  double span = *when - now.value_or(static_cast<double>(clock.unix_micros()) / 1e6);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::clamp(span, 0.0, 86400.0)));
}

std::optional<Duration> reset_of(const HttpResponse& response, Clock& clock, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    std::string text = response.header(name);
    if (text.empty()) continue;
    if (auto span = parse_span(text)) return span;
    if (auto span = until(text, response, clock)) return span;
  }
  return std::nullopt;
}

/// google.rpc.RetryInfo, QuotaFailure and ErrorInfo.
void read_google_detail(const json::value& detail, ErrorBody& out) {
  if (std::string delay = scalar(find(detail, "retryDelay")); !delay.empty()) out.wait = parse_span(delay);
  if (std::string reason = scalar(find(detail, "reason")); reason == "API_KEY_INVALID") out.code = reason;
  const json::value* violations = find(detail, "violations");
  if (!violations || !violations->is_array()) return;
  for (const json::value& violation : violations->get_array())
    if (contains(scalar(find(violation, "quotaId")), "PerDay")) out.day_used_up = true;
}

bool out_of_credit(const ErrorBody& body, std::string_view said, bool named_a_wait) {
  if (body.day_used_up) return true;
  if (says_any(ascii_lower(body.code + " " + body.type),
               {"insufficient_quota", "billing", "payment_required", "insufficient_credits"}))
    return true;
  // Per-minute limits are also called "quota" by some; then the server names a wait.
  return !named_a_wait &&
         says_any(said, {"credit balance", "insufficient credit", "insufficient balance", "exceeded your current quota",
                         "out of credits", "billing", "insufficient funds", "payment required"});
}

}  // namespace

ErrorBody read_error_value(const json::value& error) {
  ErrorBody out;
  if (error.is_string()) {
    out.message = error.get_string();
    return out;
  }
  out.message = scalar(find(error, "message"));
  out.type = scalar(find(error, "type"));
  out.code = scalar(find(error, "code"));
  out.param = scalar(find(error, "param"));
  if (out.type.empty()) out.type = scalar(find(error, "status"));
  if (const json::value* details = find(error, "details"); details && details->is_array())
    for (const json::value& detail : details->get_array()) read_google_detail(detail, out);
  // A router wraps the words of the provider behind it.
  if (const json::value* raw = find_path(error, {"metadata", "raw"}); raw && raw->is_string())
    out.message += ": " + std::string(raw->get_string());
  return out;
}

ErrorBody read_error_body(std::string_view body) {
  constexpr std::size_t kEnough = 1 << 20;
  auto parsed = body.size() <= kEnough ? parse_json(valid_utf8(body)) : Result<json::value>(std::unexpected(Error{}));
  ErrorBody out;
  if (parsed) {
    json::value value = *parsed;
    if (value.is_array() && !value.get_array().empty()) value = json::value(value.get_array().front());
    if (const json::value* error = find(value, "error"); error && (error->is_string() || error->is_object())) {
      out = read_error_value(*error);
    } else {
      out = read_error_value(value);
    }
    if (out.message.empty()) {
      if (const json::value* detail = find(value, "detail"))
        out.message = detail->is_string() ? std::string(detail->get_string()) : write_json(*detail);
    }
    if (out.message.empty() && !value.is_null()) out.message = write_json(value);
  } else {
    // A page for people: its words without the tags.
    bool tag = false;
    for (char c : valid_utf8(body.substr(0, 4000))) {
      if (c == '<') tag = true;
      if (!tag) out.message += c == '\n' || c == '\r' || c == '\t' || c == '\0' ? ' ' : c;
      if (c == '>') tag = false;
    }
    out.message = strip(out.message);
  }
  return out;
}

std::optional<Duration> parse_span(std::string_view text) {
  text = strip(text);
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.')) ++digits;
    auto value = python_float(text.substr(0, digits));
    if (digits == 0 || digits > 18 || !value) return std::nullopt;
    text.remove_prefix(digits);
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    std::string_view unit = text.substr(0, letters);
    text.remove_prefix(letters);
    if (unit == "ms") {
      seconds += *value / 1000;
    } else if (unit == "s" || unit.empty()) {
      seconds += *value;
    } else if (unit == "m") {
      seconds += *value * 60;
    } else if (unit == "h") {
      seconds += *value * 3600;
    } else if (unit == "d") {
      seconds += *value * 86400;
    } else if (unit != "us" && unit != "ns") {
      return std::nullopt;
    }
    if (unit.empty() && !text.empty()) return std::nullopt;
  }
  if (!(seconds >= 0)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(seconds, 86400.0 * 365)));
}

std::optional<std::chrono::milliseconds> wanted_wait(const HttpResponse& response, Clock& clock) {
  auto milliseconds = [](double seconds) {
    constexpr double kDay = 86400;
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(std::min(seconds, kDay) * 1000)));
  };
  if (auto ms = number(response, {"retry-after-ms"})) return milliseconds(*ms / 1000);
  if (std::string text = response.header("retry-after"); !text.empty()) {
    if (auto seconds = python_float(text); seconds && *seconds >= 0 && std::isfinite(*seconds)) return milliseconds(*seconds);
    if (auto span = until(text, response, clock)) return std::chrono::ceil<std::chrono::milliseconds>(*span);
  }
  if (response.status != 429) return std::nullopt;
  RateHints hints;
  read_rate_headers(response, clock, hints);
  std::optional<Duration> wait;
  for (const RateHints::Budget* budget : {&hints.requests, &hints.tokens})
    if (budget->left && *budget->left <= 0 && budget->refill) wait = std::max(wait.value_or(Duration::zero()), *budget->refill);
  if (!wait) return std::nullopt;
  return milliseconds(std::chrono::duration<double>(*wait).count());
}

void read_rate_headers(const HttpResponse& response, Clock& clock, RateHints& hints) {
  bool any = std::any_of(response.headers.begin(), response.headers.end(),
                         [](const auto& header) { return header.first.find("ratelimit-") != std::string::npos; });
  if (!any) return;
  RateHints::Budget requests{number(response, {"x-ratelimit-limit-requests", "anthropic-ratelimit-requests-limit"}),
                             number(response, {"x-ratelimit-remaining-requests", "anthropic-ratelimit-requests-remaining"}),
                             reset_of(response, clock, {"x-ratelimit-reset-requests", "anthropic-ratelimit-requests-reset"})};
  RateHints::Budget tokens{number(response, {"x-ratelimit-limit-tokens", "anthropic-ratelimit-tokens-limit"}),
                           number(response, {"x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining"}),
                           reset_of(response, clock, {"x-ratelimit-reset-tokens", "anthropic-ratelimit-tokens-reset"})};
  if (!requests.limit && !requests.left && !tokens.limit && !tokens.left) return;
  hints.requests = requests;
  hints.tokens = tokens;
  ++hints.updates;
}

Error provider_error(int status, const ErrorBody& body, const HttpResponse& response, const ProviderContext& context,
                     Clock& clock) {
  Error error;
  error.http_status = status;
  error.where = context.url;
  error.retry_after = wanted_wait(response, clock);
  if (!error.retry_after && body.wait) error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(std::min(*body.wait, Duration(std::chrono::hours(24))));
  std::string said = ascii_lower(body.message);
  std::string code = ascii_lower(body.code + " " + body.type);

  if (status == 402 ||
      ((status == 400 || status == 403 || status == 429) && out_of_credit(body, said, error.retry_after.has_value()))) {
    error.kind = ErrorKind::quota;
    error.hint =
        "The account's money or quota is used up: raise it with the provider, then run again (finished answers are kept).";
  } else if (status == 401 || status == 403 || body.code == "API_KEY_INVALID") {  // Google says 400 to a wrong key
    error.kind = ErrorKind::auth;
    if (context.key.empty()) {
      error.hint = context.key_source.empty() ? "The server wants a key and none was given."
                                              : "No key was given: set " + context.key_source + ".";
    } else {
      error.hint = context.key_source.empty() ? "Check the key." : "Check the key in " + context.key_source + " and its rights.";
    }
  } else if (status == 404 || status == 405 || contains(code, "model_not_found") ||
             (status == 400 && contains(said, "not a valid model"))) {
    error.kind = ErrorKind::model_missing;
    error.hint = "Check the model's name, and that the base URL ends where the provider's does (often in /v1).";
  } else if (status == 429) {
    error.kind = ErrorKind::rate_limited;
  } else if (status == 408 || status == 409 || status == 425 || status >= 500) {
    error.kind = ErrorKind::server;
  } else {
    error.kind = ErrorKind::bad_request;
    if (std::string place = valid_utf8(response.header("location")); status >= 300 && status < 400 && !place.empty())
      error.hint = "The server redirects to " + shorten(place, 200) + "; use that address.";
  }

  // Foreign words: one line, bounded, never with the key in them.
  auto quoted = [&](const std::string& foreign, std::size_t most) {
    std::string one_line = context.key.redact(valid_utf8(foreign));
    for (char& c : one_line)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    return shorten(strip(one_line), most);
  };
  error.message = context.label + " answered HTTP " + std::to_string(status);
  if (std::string words = quoted(body.message, 400); !words.empty()) error.message += ": " + words;
  bool status_again = body.code == std::to_string(status) && !body.type.empty();
  if (std::string what = quoted(body.code.empty() || status_again ? body.type : body.code, 60); !what.empty()) error.message += " [" + what + "]";
  error.hint = context.key.redact(std::move(error.hint));
  return error;
}

namespace {

/// Escapes raw control characters inside strings and replaces escaped surrogates that have no partner. Python's NaN, Infinity and
/// -Infinity become null: whoever wanted a number there says so.
std::string repair_json(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  auto unit_at = [&](std::size_t i) -> int {  // the \uXXXX at i, or -1
    if (i + 6 > text.size() || text[i] != '\\' || text[i + 1] != 'u') return -1;
    int value = 0;
    for (std::size_t k = i + 2; k < i + 6; ++k) {
      char c = text[k];
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  };
  std::string out;
  out.reserve(text.size() + 16);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (!in_string) {
      in_string = c == '"';
      std::size_t word = 0;
      for (std::string_view one : {std::string_view("NaN"), std::string_view("Infinity"), std::string_view("-Infinity")})
        if (text.substr(i).starts_with(one)) word = one.size();
      if (word > 0) {
        out += "null";
        i += word - 1;
        continue;
      }
      out += c;
    } else if (c == '\\') {
      int unit = unit_at(i);
      if (unit >= 0xD800 && unit <= 0xDBFF) {
        int low = unit_at(i + 6);
        if (low >= 0xDC00 && low <= 0xDFFF) {
          out.append(text, i, 12);
          i += 11;
        } else {
          out += "\\ufffd";
          i += 5;
        }
      } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
        out += "\\ufffd";
        i += 5;
      } else {
        out += c;
        if (i + 1 < text.size()) out += text[++i];
      }
    } else if (c == '"') {
      in_string = false;
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += hex[(c >> 4) & 15];
      out += hex[c & 15];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Result<JsonBody> read_json_body(std::string body, std::string_view content_type, std::string_view where, json::storage_ptr memory) {
  if (!is_valid_utf8(body)) body = valid_utf8(body);
  if (body.starts_with("\xEF\xBB\xBF")) body.erase(0, 3);  // a byte order mark, which Python's clients pass over too
  auto value = parse_json_into(std::move(memory), {}, body);
  if (!value) value = parse_json(repair_json(body));
  if (value) return JsonBody{std::move(body), std::move(*value)};
  std::string type(content_type.substr(0, content_type.find(';')));
  std::string begin(strip(shorten(body, 120)));
  std::string message = "the answer is not JSON";
  if (begin.empty()) {
    message = "the answer is empty";
  } else if (!type.empty() && !contains(type, "json")) {
    message += " but " + shorten(type, 60);
  } else {
    message += ": " + value.error().message;
  }
  if (!begin.empty()) message += ", it begins: " + begin;
  return fail(ErrorKind::bad_response, std::move(message), std::string(where));
}

}  // namespace assay
