#include "model/http/http_provider.h"

#include <algorithm>

#include "base/text.h"
#include "model/http/url.h"

namespace assay {

HttpProvider::HttpProvider(const HttpModelOptions& options, Transport& transport, Clock& clock, HttpHeader key_header)
    : label_(options.label),
      key_source_(options.key_source),
      headers_(options.headers),
      key_(options.key),
      timeout_(options.timeout),
      connect_timeout_(options.connect_timeout),
      hints_(options.hints),
      transport_(transport),
      clock_(clock) {
  headers_.push_back({"Content-Type", "application/json"});
  if (!key_.empty()) {
    key_header.secret = key_;
    headers_.push_back(std::move(key_header));
  }
}

Async<HttpResponse> HttpProvider::exchange(HttpRequest request, std::optional<Instant> deadline) {
  request.headers = headers_;
  request.timeout = timeout_;
  if (deadline) {
    Duration left = *deadline - clock_.now();
    if (left <= Duration::zero())
      co_return fail(ErrorKind::timeout, request.method + " " + shown_url(request.url) + " was not sent: its time was over");
    if (timeout_ <= Duration::zero() || left < timeout_) request.timeout = left;
  }
  request.connect_timeout = connect_timeout_;
  Result<HttpResponse> response = co_await transport_.send(std::move(request));
  if (!response) co_return response;
  redact(*response, key_);
  if (hints_) read_rate_headers(*response, clock_, *hints_);
  co_return response;
}

Async<HttpResponse> HttpProvider::get(std::string url) {
  HttpRequest request;
  request.method = "GET";
  request.url = std::move(url);
  return exchange(std::move(request), std::nullopt);
}

Async<HttpResponse> HttpProvider::post(std::string url, std::string body, std::optional<Instant> deadline) {
  HttpRequest request;
  request.url = std::move(url);
  request.body = std::move(body);
  return exchange(std::move(request), deadline);
}

ProviderContext HttpProvider::context(std::string_view url) const {
  return {label_, shown_url(url), key_source_, key_};
}

Error HttpProvider::error_of(const std::string& url, const HttpResponse& response) const {
  return provider_error(response, context(url), clock_);
}

Error HttpProvider::error_inside(const std::string& url, const HttpResponse& response, const json::value& error) const {
  ErrorBody body = read_error_value(error);
  int status = 0;
  if (body.code.size() == 3 && body.code.find_first_not_of("0123456789") == std::string::npos) status = std::stoi(body.code);
  if (status < 400 || status > 599) {
    std::string what = lower(body.type + " " + body.code);
    auto says = [&](std::string_view word) { return contains(what, word); };
    status = says("rate_limit") || says("insufficient_quota")    ? 429
             : says("authentication") || says("invalid_api_key") ? 401
             : says("permission")                                ? 403
             : says("not_found")                                 ? 404
             : says("invalid_request") || says("context_length") ? 400
                                                                 : 500;
  }
  Error out = provider_error(status, body, response, context(url), clock_);
  out.message += " (inside an answer of HTTP " + std::to_string(response.status) + ")";
  out.http_status = response.status;
  return out;
}

Result<JsonBody> HttpProvider::json_of(const std::string& url, HttpResponse& response, json::storage_ptr memory) const {
  Result<JsonBody> body = read_json_body(std::move(response.body), response.header("content-type"), {}, std::move(memory));
  if (!body) {
    Error error = body.error();
    error.message = label_ + ": " + key_.redact(std::move(error.message));
    error.where = shown_url(url);
    error.http_status = response.status;
    error.hint = "Is the base URL the one of the API? It often ends in /v1.";
    return fail(std::move(error));
  }
  return body;
}

Result<Response> HttpProvider::read(const std::string& url, HttpResponse response, Result<Response> (*parse)(const json::value& body)) const {
  if (response.status < 200 || response.status > 299) return fail(error_of(url, response));
  Result<JsonBody> body = json_of(url, response);
  if (!body) return std::unexpected(body.error());
  if (const json::value* error = find(body->value, "error"); error && !error->is_null()) return fail(error_inside(url, response, *error));
  Result<Response> out = parse(body->value);
  if (!out) {
    Error bad = out.error();
    bad.message = label_ + ": " + bad.message;
    bad.where = shown_url(url);
    bad.http_status = response.status;
    return fail(std::move(bad));
  }
  out->latency = response.seconds;
  out->raw = std::move(body->text);
  return out;
}

void redact(HttpResponse& response, const Secret& key) {
  constexpr std::size_t kLongWord = 10;
  const std::string_view value = key.reveal();
  const bool letters = std::ranges::all_of(value, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  const bool digits = std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  if (value.size() <= kLongWord && (letters || digits)) return;
  response.body = key.redact(std::move(response.body));
  for (auto& [name, said] : response.headers) said = key.redact(std::move(said));
}

std::optional<std::int64_t> longest_answer(const json::object& body) {
  static constexpr std::string_view limits[] = {"max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens", "max_tokens_to_sample", "max_gen_len",
                                                "maxTokens",  "maxOutputTokens",       "n_predict",         "request_output_len"};
  static constexpr std::string_view counts[] = {"n", "best_of", "candidateCount", "num_return_sequences"};
  constexpr double kMost = 1e15;
  std::optional<double> limit;
  double choices = 1;
  bool endless = false;  // -1 and the like: as long as it gets
  auto look = [&](const json::object& members) {
    auto number = [&](std::string_view name) {
      const json::value* value = members.if_contains(name);
      return value ? as_number(*value) : std::nullopt;
    };
    for (std::string_view name : limits)
      if (auto value = number(name)) limit = std::max(limit.value_or(0), *value), endless |= *value < 0;
    for (std::string_view name : counts)
      if (auto value = number(name)) choices = std::max(choices, *value);
  };
  look(body);
  for (const auto& member : body)  // generationConfig, parameters, input ...
    if (const json::object* inside = member.value().if_object()) look(*inside);
  if (!limit || endless) return std::nullopt;
  return static_cast<std::int64_t>(std::min(*limit * choices, kMost));
}

std::string without_slash(std::string text) {
  while (!text.empty() && text.back() == '/') text.pop_back();
  return text;
}

std::string show_messages(const Generate& request) {
  if (request.messages.empty()) return request.prompt;
  std::string out;
  for (const Message& message : request.messages) {
    if (!out.empty()) out += "\n\n";
    out += "[" + message.role + "]\n" + message.content;
  }
  return out;
}

Rendering server_rendering(const Generate& request) {
  Rendering out;
  out.text = show_messages(request);
  out.renderer = request.messages.empty() ? "none (the text is sent as it is)" : "server";
  return out;
}

void Deviations::note(const std::string& label, const std::vector<std::string>& left_out, std::vector<std::string> others, Result<Response>& answer) {
  if (!answer) return;
  for (const std::string& name : left_out) others.push_back(name + " not accepted by " + label + ": its own default applied");
  all_.insert(others.begin(), others.end());
  answer->deviations = std::move(others);
}

}  // namespace assay
