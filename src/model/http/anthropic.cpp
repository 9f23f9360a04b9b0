#include "model/http/anthropic.h"

#include "base/text.h"
#include "model/http/anthropic_dialect.h"
#include "model/http/openai_dialect.h"
#include "model/http/url.h"

namespace assay {
namespace {

class AnthropicModel final : public Model {
 public:
  AnthropicModel(HttpModelOptions options, Transport& transport, Clock& clock)
      : options_(with_defaults(std::move(options))), provider_(options_, transport, clock, {"x-api-key", ""}) {
    const json::value* thinking = options_.extra.if_contains("thinking");
    const json::value* budget = thinking ? find(*thinking, "budget_tokens") : nullptr;
    if (!budget || !budget->is_int64()) return;
    thinking_tokens_ = budget->get_int64();
    quirks_.refused.insert({"temperature", "top_p", "top_k"});  // the API refuses them beside thinking
  }

  Async<ModelIdentity> identify() override {
    if (options_.key.empty() && options_.base == std::string(kAnthropicBase) + "/v1") {
      std::string source = options_.key_source.empty() ? "ANTHROPIC_API_KEY" : options_.key_source;
      co_return fail(ErrorKind::auth, options_.label + " needs a key for " + options_.base, {}, "Set " + source + ".");
    }
    std::string url = options_.base + "/models/" + options_.model;
    Result<HttpResponse> known = co_await provider_.get(url);
    if (!known) co_return std::unexpected(known.error());
    json::object server;
    if (known->status == 200) {
      if (Result<JsonBody> body = provider_.json_of(url, *known))
        for (std::string_view name : {"id", "display_name", "created_at"})
          if (const json::value* value = find(body->value, name); value && value->is_string()) server[name] = *value;
    } else if (known->status != 400 && known->status != 404 && known->status != 405 && known->status != 501) {
      co_return fail(provider_.error_of(url, *known));
    }
    json::object facts{{"backend", "anthropic"}, {"model", options_.model}};
    if (!options_.model_id.empty()) {
      facts["model_id"] = options_.model_id;
    } else {
      facts["base"] = shown_url(options_.base);
      if (!server.empty()) facts["server"] = std::move(server);
    }
    if (!options_.extra.empty()) facts["extra"] = options_.extra;
    co_return make_identity(std::move(facts), options_.model);
  }

  Async<Response> answer(Query query) override {
    if (auto* generate = std::get_if<Generate>(&query.request)) return this->generate(std::move(*generate), query.deadline);
    return refuse();
  }

  Capabilities capabilities() const override {
    Capabilities out;
    out.chat = out.tools = true;
    out.max_in_flight = options_.max_in_flight;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override {
    Rendering out;
    out.text = show_messages(request);
    out.renderer = "server";
    return out;
  }

  std::optional<std::int64_t> longest_answer(const Request& request) const override {
    const auto* generate = std::get_if<Generate>(&request);
    Result<AnthropicBody> body = generate ? anthropic_body(*generate, options_.model, quirks_.refused) : fail(ErrorKind::unsupported, "");
    if (!body) return 0;  // nothing is sent
    add_extra(body->json);
    return assay::longest_answer(body->json);
  }

  std::vector<std::string> deviations() const override {
    return deviations_.all();
  }

  json::object facts() const override { return {{"dialect", "anthropic"}, {"base", options_.base}, {"model", options_.model}}; }

 private:
  static HttpModelOptions with_defaults(HttpModelOptions options) {
    options.base = without_slash(options.base.empty() ? std::string(kAnthropicBase) : std::move(options.base));
    if (!options.base.ends_with("/v1")) options.base += "/v1";
    if (options.label.empty()) options.label = "anthropic:" + options.model;
    options.headers.push_back({"anthropic-version", "2023-06-01"});
    return options;
  }

  Async<Response> refuse() const {
    co_return fail(ErrorKind::unsupported, options_.label + ": Anthropic's API gives no log-likelihoods", {},
                   "Use a gguf: model for this task.");
  }

  void add_extra(json::object& body) const {
    for (const auto& member : options_.extra) body[member.key()] = member.value();
    // max_tokens is meant for the answer; here it counts the thoughts too.
    if (thinking_tokens_ > 0 && !options_.extra.contains("max_tokens")) body["max_tokens"] = body["max_tokens"].to_number<std::int64_t>() + thinking_tokens_;
  }

  Async<Response> generate(Generate request, std::optional<Instant> deadline) {
    std::string url = options_.base + "/messages";
    constexpr int kMostLessons = 4;
    for (int lesson = 0;; ++lesson) {
      Result<AnthropicBody> body = anthropic_body(request, options_.model, quirks_.refused);
      if (!body) {
        Error error = body.error();
        error.message = options_.label + ": " + error.message;
        co_return fail(std::move(error));
      }
      add_extra(body->json);
      Result<HttpResponse> response = co_await provider_.post(url, write_json(body->json), deadline);
      if (!response) co_return std::unexpected(response.error());
      if (response->status == 400 && lesson < kMostLessons && quirks_.learn(read_error_body(response->body), body->sent))
        continue;
      Result<Response> answer = provider_.read(url, std::move(*response), anthropic_response);
      deviations_.note(options_.model, body->left_out, {}, answer);
      co_return answer;
    }
  }

  HttpModelOptions options_;
  HttpProvider provider_;
  ParameterQuirks quirks_;
  std::int64_t thinking_tokens_ = 0;
  Deviations deviations_;
};

}  // namespace

std::unique_ptr<Model> make_anthropic_model(HttpModelOptions options, Transport& transport, Clock& clock) {
  return std::make_unique<AnthropicModel>(std::move(options), transport, clock);
}

}  // namespace assay
