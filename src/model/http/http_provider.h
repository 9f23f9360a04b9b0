// What the HTTP dialects share: where a provider is, who asks, and one exchange with it.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/http/provider_error.h"
#include "model/model.h"
#include "model/rate_hints.h"
#include "model/request.h"
#include "model/transport.h"

namespace assay {

struct HttpModelOptions {
  std::string base;        // URL without credentials, query and trailing '/'; "" = the provider's own
  std::string model;       // name as the provider knows it
  Secret key;              // "" = none is sent
  std::string key_source;  // what to set when it is missing or wrong: "OPENAI_API_KEY"
  std::string label;       // for people; "" = backend:model
  std::string
      model_id;  // --model-id: the user's own name for the model behind the endpoint takes the server's place in the identity
  std::vector<HttpHeader> headers;               // sent with every request
  json::object extra;                            // members of every request body, over ours; they are part of the identity
  Duration timeout = std::chrono::seconds(600);  // one attempt
  Duration connect_timeout = std::chrono::seconds(10);
  std::size_t max_in_flight = 0;     // Capabilities::max_in_flight
  std::shared_ptr<RateHints> hints;  // filled from the headers of answers; may be null
};

class HttpProvider {
 public:
  /// `key_header`: the header (and the text before the key) that carries the key. Transport and clock outlive the provider.
  HttpProvider(const HttpModelOptions& options, Transport& transport, Clock& clock, HttpHeader key_header);

  /// Any status is a value; network trouble is an error, and so is (`timeout`) what is not there by the deadline.
  Async<HttpResponse> get(std::string url);
  Async<HttpResponse> post(std::string url, std::string body, std::optional<Instant> deadline);

  Error error_of(const std::string& url, const HttpResponse& response) const;
  /// An error that the body of a success holds.
  Error error_inside(const std::string& url, const HttpResponse& response, const json::value& error) const;
  /// What the provider's answer means: an error by its status or inside its body, else what `parse` makes of the body, with latency and raw text.
  Result<Response> read(const std::string& url, HttpResponse response, Result<Response> (*parse)(const json::value& body)) const;
  /// A provider's body as JSON. The document lives in `memory`.
  Result<JsonBody> json_of(const std::string& url, HttpResponse& response, json::storage_ptr memory = {}) const;

 private:
  Async<HttpResponse> exchange(HttpRequest request, std::optional<Instant> deadline);
  ProviderContext context(std::string_view url) const;

  std::string label_, key_source_;
  std::vector<HttpHeader> headers_;
  Secret key_;
  Duration timeout_, connect_timeout_;
  std::shared_ptr<RateHints> hints_;
  Transport& transport_;
  Clock& clock_;
};

/// Takes the key out of an answer that repeats it, before anything of it is read, kept or shown. A word or a number in a key's place ("none", "EMPTY",
/// "1234") is no secret, and stands in many an answer that has to be read as it is.
void redact(HttpResponse& response, const Secret& key);

/// The most tokens of answer that a request's body allows, whatever the dialect calls them, all choices together. Null: it names no limit.
std::optional<std::int64_t> longest_answer(const json::object& body);

/// `text` without a trailing "/".
std::string without_slash(std::string text);

/// A prompt for people, where the server does the rendering.
std::string show_messages(const Generate& request);
/// Its Rendering, where raw prompts are sent as they are.
Rendering server_rendering(const Generate& request);
/// How the requests that a model answered depart from what was asked.
class Deviations {
 public:
  /// Of one request: `label` did not take the parameters in `left_out`; `others` are sentences. Both go into the answer, too; without one nothing departs.
  void note(const std::string& label, const std::vector<std::string>& left_out, std::vector<std::string> others, Result<Response>& answer);
  std::vector<std::string> all() const { return {all_.begin(), all_.end()}; }

 private:
  std::set<std::string> all_;
};

}  // namespace assay
