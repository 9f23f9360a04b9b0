#include "model/http/gemini.h"

#include "base/text.h"
#include "model/http/gemini_dialect.h"
#include "model/http/url.h"

namespace assay {
namespace {

class GeminiModel final : public Model {
 public:
  GeminiModel(HttpModelOptions options, Transport& transport, Clock& clock)
      : options_(with_defaults(std::move(options))),
        provider_(options_, transport, clock, {"x-goog-api-key", ""}),
        url_(options_.base + "/" + gemini_path(options_.model)) {
    if (const json::value* config = options_.extra.if_contains("generationConfig"))
      if (const json::value* thinking = find(*config, "thinkingConfig"))
        thinking_tokens_ = std::max<std::int64_t>(get_integer(*thinking, "thinkingBudget").value_or(0), 0);
  }

  Async<ModelIdentity> identify() override {
    if (options_.key.empty() && options_.base.starts_with(kGeminiBase)) {
      std::string source = options_.key_source.empty() ? "GEMINI_API_KEY" : options_.key_source;
      co_return fail(ErrorKind::auth, options_.label + " needs a key for " + options_.base, {}, "Set " + source + ".");
    }
    if (options_.model.empty())
      co_return fail(ErrorKind::usage, options_.label + ": the model has no name", {},
                     "Write gemini:NAME, or http://HOST?api=gemini#NAME.");
    Result<HttpResponse> known = co_await provider_.get(url_);
    if (!known) co_return std::unexpected(known.error());
    json::object server;
    if (known->status == 200) {
      if (Result<JsonBody> body = provider_.json_of(url_, *known))
        for (std::string_view name : {"name", "version", "displayName"})
          if (const json::value* value = find(body->value, name); value && value->is_string()) server[name] = *value;
    } else if (Error error = provider_.error_of(url_, *known);
               (known->status != 400 && known->status != 404 && known->status != 405 && known->status != 501) ||
               error.kind == ErrorKind::auth) {
      co_return fail(std::move(error));
    }
    json::object facts{{"backend", "gemini"}, {"model", options_.model}};
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
    out.logprobs = !quirks_.refused.contains("logprobs");
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
    Result<GeminiBody> body = generate ? gemini_body(*generate, quirks_.refused) : fail(ErrorKind::unsupported, "");
    if (!body) return 0;  // nothing is sent
    add_extra(body->json);
    return assay::longest_answer(body->json);
  }

  std::vector<std::string> deviations() const override {
    return deviations_.all();
  }

  json::object facts() const override { return {{"dialect", "gemini"}, {"base", options_.base}, {"model", options_.model}}; }

 private:
  static HttpModelOptions with_defaults(HttpModelOptions options) {
    options.base = without_slash(options.base.empty() ? std::string(kGeminiBase) : std::move(options.base));
    std::string_view last = options.base;
    last.remove_prefix(last.rfind('/') + 1);
    if (!(last.size() >= 2 && last[0] == 'v' && last[1] >= '0' && last[1] <= '9')) options.base += "/v1beta";
    if (options.label.empty()) options.label = "gemini:" + options.model;
    return options;
  }

  Async<Response> refuse() const {
    co_return fail(ErrorKind::unsupported, options_.label + ": Google's API gives no log-likelihoods", {},
                   "Use a gguf: model for this task.");
  }

  /// `extra` over the body; generationConfig member by member.
  void add_extra(json::object& body) const {
    for (const auto& member : options_.extra) {
      const json::object* config = member.key() == "generationConfig" ? member.value().if_object() : nullptr;
      if (!config) {
        body[member.key()] = member.value();
        continue;
      }
      json::object& ours = body["generationConfig"].get_object();
      for (const auto& setting : *config) ours[setting.key()] = setting.value();
      // maxOutputTokens counts the thoughts, too; a benchmark's max_tokens is meant for the answer.
      if (json::value* most = ours.if_contains("maxOutputTokens");
          most && thinking_tokens_ > 0 && !config->contains("maxOutputTokens"))
        *most = most->to_number<std::int64_t>() + thinking_tokens_;
    }
  }

  Async<Response> generate(Generate request, std::optional<Instant> deadline) {
    std::string url = url_ + ":generateContent";
    constexpr int kMostLessons = 6;
    for (int lesson = 0;; ++lesson) {
      Result<GeminiBody> body = gemini_body(request, quirks_.refused);
      if (!body) {
        Error error = body.error();
        error.message = options_.label + ": " + error.message;
        co_return fail(std::move(error));
      }
      add_extra(body->json);
      Result<HttpResponse> response = co_await provider_.post(url, write_json(body->json), deadline);
      if (!response) co_return std::unexpected(response.error());
      if (response->status == 400 && lesson < kMostLessons && gemini_learn(quirks_, read_error_body(response->body), body->sent))
        continue;
      Result<Response> answer = provider_.read(url, std::move(*response), gemini_response);
      deviations_.note(options_.model, body->left_out, {}, answer);
      co_return answer;
    }
  }

  HttpModelOptions options_;
  HttpProvider provider_;
  std::string url_;  // of the model
  ParameterQuirks quirks_;
  std::int64_t thinking_tokens_ = 0;
  Deviations deviations_;
};

}  // namespace

std::unique_ptr<Model> make_gemini_model(HttpModelOptions options, Transport& transport, Clock& clock) {
  return std::make_unique<GeminiModel>(std::move(options), transport, clock);
}

}  // namespace assay
