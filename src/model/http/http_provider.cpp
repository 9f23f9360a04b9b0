#include "model/http/http_provider.h"

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
  if (response && hints_) read_rate_headers(*response, clock_, *hints_);
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

Error HttpProvider::error_of(std::string url, const HttpResponse& response) const {
  return provider_error(response, context(url), clock_);
}

Error HttpProvider::error_inside(std::string url, const HttpResponse& response, const json::value& error) const {
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

Result<JsonBody> HttpProvider::json_of(std::string url, HttpResponse& response) const {
  Result<JsonBody> body = read_json_body(std::move(response.body), response.header("content-type"), {});
  if (!body) {
    Error error = body.error();
    error.message = label_ + ": " + key_.redact(std::move(error.message));
    error.where = shown_url(url);
    error.http_status = response.status;
    error.hint = "Is the base URL the one of the API? It often ends in /v1.";
    return fail(std::move(error));
  }
  body->text = key_.redact(std::move(body->text));  // what is journaled must not hold the key, even when a server repeats it
  return body;
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

}  // namespace assay
