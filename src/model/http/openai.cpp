#include "model/http/openai.h"

#include <boost/asio/this_coro.hpp>

#include "base/async/event.h"
#include "base/json_arena.h"
#include "base/text.h"
#include "model/embedding.h"
#include "model/http/echo_logprobs.h"
#include "model/http/llama_server_dialect.h"
#include "model/http/openai_embeddings.h"
#include "model/http/openai_dialect.h"
#include "model/http/url.h"

namespace assay {
namespace {

constexpr std::size_t kBodyGuess = 2048;  // bytes; most prompts fit

class OpenAiModel final : public Model {
 public:
  OpenAiModel(OpenAiOptions options, Transport& transport, Clock& clock)
      : options_(with_defaults(std::move(options))),
        provider_(options_, transport, clock, is_azure() ? HttpHeader{"api-key", ""} : HttpHeader{"Authorization", "Bearer "}),
        official_(options_.base == kOpenAiBase || options_.base == kMistralBase),
        quirks_(own_quirks(options_.model)) {}

  Async<ModelIdentity> identify() override {
    if (official_ && options_.key.empty()) {
      std::string source = options_.key_source.empty() ? "OPENAI_API_KEY" : options_.key_source;
      co_return fail(ErrorKind::auth, options_.label + " needs a key for " + options_.base, {}, "Set " + source + ".");
    }
    if (is_azure() && (options_.base.empty() || options_.model.empty()))
      co_return fail(ErrorKind::usage, options_.label + " needs the endpoint of an Azure resource and the name of a deployment", {},
                     "Set AZURE_OPENAI_ENDPOINT and write azure:DEPLOYMENT, or write https://NAME.openai.azure.com?api=azure#DEPLOYMENT.");
    if (is_azure()) co_return identity({});
    if (instruct()) co_return co_await identify_loaded_model();
    Result<HttpResponse> listed = co_await provider_.get(options_.base + "/models");
    if (!listed) co_return std::unexpected(listed.error());
    json::object server;
    if (listed->status == 200) {
      Result<json::value> known = take_own_entry(std::move(*listed));
      if (!known) co_return std::unexpected(known.error());
      if (const json::object* entry = known->if_object()) server = *entry;
    } else if (!lists_nothing(*listed)) {
      co_return fail(provider_.error_of(options_.base + "/models", *listed));
    }
    if (auto owner = server.if_contains("owned_by"); owner && *owner == json::value("llamacpp")) {
      echoes_ = false;
      Result<HttpResponse> props = co_await provider_.get(server_root() + "/props");
      if (props && props->status == 200)
        if (Result<JsonBody> body = provider_.json_of(server_root() + "/props", *props)) add_server_props(body->value, server);
    }
    co_return identity(std::move(server));
  }

  Async<Response> answer(Query query) override {
    if (auto* generate = std::get_if<Generate>(&query.request))
      return is_embedding_request(*generate) ? embed(std::move(*generate), query.deadline) : this->generate(std::move(*generate), query.deadline);
    if (auto* group = std::get_if<LoglikelihoodGroup>(&query.request)) return loglikelihood(std::move(*group), query.deadline);
    return refuse("the log-likelihood of a whole text needs the model's tokenizer", "Use a gguf: model for this task.");
  }

  Capabilities capabilities() const override {
    Capabilities out;
    bool only_chat = options_.api == OpenAiApi::chat ||
                     (official_ && options_.api == OpenAiApi::automatic && !is_completion_model(options_.model));
    out.chat = true;
    out.completion = !only_chat;
    out.loglikelihood = out.completion && echoes_;
    out.logprobs = !quirks_.refused.contains("logprobs");
    out.tools = !completions_for(false);
    out.max_in_flight = options_.max_in_flight;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override {
    Rendering out;
    out.text = show_messages(request);
    out.renderer = completions_for(request.messages.empty()) ? "none (the text is sent as it is)" : "server";
    return out;
  }

  std::optional<std::int64_t> longest_answer(const Request& request) const override {
    if (const auto* group = std::get_if<LoglikelihoodGroup>(&request)) {
      json::object body = openai_echo_body(std::vector<std::string>(), options_.model);
      for (const auto& member : options_.extra) body[member.key()] = member.value();
      return static_cast<std::int64_t>(group->items.size()) * assay::longest_answer(body).value_or(1);
    }
    const auto* generate = std::get_if<Generate>(&request);
    if (!generate || is_embedding_request(*generate)) return Model::longest_answer(request);
    return assay::longest_answer(body_of(*generate, completions_for(generate->messages.empty())).json);
  }

  std::vector<std::string> deviations() const override {
    return deviations_.all();
  }

  json::object facts() const override {
    json::object out{{"dialect", options_.backend}, {"base", options_.base}, {"model", options_.model}};
    if (quirks_.max_completion_tokens) out["max_tokens_sent_as"] = "max_completion_tokens";
    if (!reported_.empty()) {
      json::array& names = out["reported"].emplace_array();
      for (const std::string& name : reported_) names.emplace_back(name);
    }
    if (echo_verdict_ && *echo_verdict_)
      out["echo"] = json::object{{"checked", true}, {"special_tokens_before_a_text", **echo_verdict_}};
    return out;
  }

 private:
  static OpenAiOptions with_defaults(OpenAiOptions options) {
    std::string_view own = options.backend == "mistral" ? kMistralBase : options.backend == "azure" ? std::string_view() : kOpenAiBase;
    if (options.backend == "azure" && options.api_version.empty()) options.api_version = kAzureApiVersion;
    options.base = without_slash(options.base.empty() ? std::string(own) : std::move(options.base));
    if (options.api == OpenAiApi::instruct && !options.base.ends_with("/v1")) options.base += "/v1";
    if (options.label.empty()) options.label = options.model.empty() ? shown_url(options.base) : options.backend + ":" + options.model;
    return options;
  }

  bool is_azure() const { return options_.backend == "azure"; }

  /// `endpoint`: "/chat/completions", "/completions", "/embeddings".
  std::string url_of(std::string_view endpoint) const {
    if (!is_azure()) return options_.base + std::string(endpoint);
    return options_.base + "/openai/deployments/" + path_segment(options_.model) + std::string(endpoint) +
           "?api-version=" + path_segment(options_.api_version);
  }

  bool instruct() const { return options_.api == OpenAiApi::instruct; }

  /// Names say what OpenAI's own models refuse; behind an instruct server stands whatever was loaded.
  ParameterQuirks own_quirks(std::string_view model) const { return instruct() ? ParameterQuirks() : quirks_by_name(model); }

  const std::string& shown_name() const { return options_.model.empty() ? options_.label : options_.model; }

  std::string server_root() const {
    return options_.base.ends_with("/v1") ? options_.base.substr(0, options_.base.size() - 3) : options_.base;
  }

  bool completions_for(bool raw_prompt) const {
    if (instruct()) return raw_prompt;
    if (options_.api != OpenAiApi::automatic) return options_.api == OpenAiApi::completions;
    return official_ ? is_completion_model(options_.model) : raw_prompt;
  }

  /// Not every server lists its models, and a key may be good for asking without being good for listing.
  static bool lists_nothing(const HttpResponse& response) {
    if (response.status == 403) return contains(lower(read_error_body(response.body).message), "scope");
    return response.status == 400 || response.status == 404 || response.status == 405 || response.status == 501;
  }

  /// What the list says of our model, without what changes by itself (times, permissions). null = nothing.
  Result<json::value> take_own_entry(HttpResponse response) {
    Result<JsonBody> body = provider_.json_of(options_.base + "/models", response);
    if (!body) return json::value(nullptr);  // whatever it is, it is no list
    const json::value* data = find(body->value, "data");
    if (!data || !data->is_array()) return json::value(nullptr);
    const json::array& models = data->get_array();
    if (options_.model.empty() && models.size() > 1) {
      std::vector<std::string> names;
      for (const json::value& one : models) names.push_back(get_string(one, "id").value_or("?"));
      if (names.size() > 20) names.resize(20);
      return fail(ErrorKind::usage, shown_url(options_.base) + " serves several models: " + shorten(join(names, ", "), 400), {},
                  "Say which: " + shown_url(options_.base) + "#NAME");
    }
    for (const json::value& one : models) {
      std::string id = get_string(one, "id").value_or("");
      if (options_.model.empty()) {
        options_.model = id;
        quirks_ = own_quirks(id);
      }
      if (id != options_.model) continue;
      json::object kept;
      for (std::string_view name : {"owned_by", "root", "parent", "max_model_len", "meta"})
        if (const json::value* value = find(one, name); value && !value->is_null()) kept[name] = *value;
      return json::value(std::move(kept));
    }
    return json::value(nullptr);
  }

  /// text-generation-webui lists every model it could load; another address says which one it has loaded.
  Async<ModelIdentity> identify_loaded_model() {
    std::string url = options_.base + "/internal/model/info";
    Result<HttpResponse> info = co_await provider_.get(url);
    if (!info) co_return std::unexpected(info.error());
    json::object server;
    if (info->status == 200) {
      if (Result<JsonBody> body = provider_.json_of(url, *info))
        for (std::string_view name : {"model_name", "lora_names"})
          if (const json::value* value = find(body->value, name); value && !value->is_null()) server[name] = *value;
      if (auto name = get_string(server, "model_name"); name && options_.model.empty()) options_.model = *name;
    } else if (!lists_nothing(*info)) {
      co_return fail(provider_.error_of(url, *info));
    }
    co_return identity(std::move(server));
  }

  ModelIdentity identity(json::object server) const {
    json::object facts{{"backend", options_.backend}, {"model", options_.model}};
    if (instruct()) facts["template"] = options_.instruction_template;
    if (!options_.model_id.empty()) {
      facts["model_id"] = options_.model_id;
    } else {
      facts["base"] = shown_url(options_.base);
      if (!server.empty()) facts["server"] = std::move(server);
    }
    if (options_.api == OpenAiApi::completions) facts["api"] = "completions";
    if (options_.bos) facts["bos"] = *options_.bos ? "on" : "off";
    if (!options_.extra.empty()) facts["extra"] = options_.extra;
    return make_identity(std::move(facts), options_.model.empty() ? options_.label : options_.model);
  }

  Async<Response> refuse(std::string what, std::string hint) {
    co_return fail(ErrorKind::unsupported, options_.label + ": " + what, {}, std::move(hint));
  }

  Async<Response> generate(Generate request, std::optional<Instant> deadline) {
    bool completions = completions_for(request.messages.empty());
    if (!completions && request.messages.empty())
      co_return fail(ErrorKind::unsupported, options_.label + " takes messages, not a raw prompt", {},
                     "Add ?api=completions if the server has that endpoint. The harness's tasks can be asked in dialogues: apply_chat_template=true.");
    if (completions && !(request.tools.is_null() && request.response_format.is_null()))
      co_return fail(ErrorKind::unsupported, options_.label + ": the completions endpoint has no tools and no response_format");
    std::string url = url_of(completions ? "/completions" : "/chat/completions");
    constexpr int kMostLessons = 8;
    for (int lesson = 0;; ++lesson) {
      Asked body = asked(request, completions);
      Result<HttpResponse> response = co_await provider_.post(url, std::move(body.text), deadline);
      if (!response) co_return std::unexpected(response.error());
      bool withheld = false;
      if (response->status == 400 || response->status == 422) {
        ErrorBody said = read_error_body(response->body);
        if (lesson < kMostLessons && quirks_.learn(said, body.sent)) continue;
        withheld = contains(lower(said.code + said.type), "content_filter") || contains(response->body, "ResponsibleAIPolicyViolation");
      }
      Result<Response> answer = withheld ? filtered(*response) : read(url, std::move(*response), [&](const json::value& value) {
        return completions ? openai_completion_response(value) : openai_chat_response(value);
      });
      std::vector<std::string> others;
      if (completions && request.messages.size() > 1) others.emplace_back("messages joined into one prompt for the completions endpoint");
      deviations_.note(shown_name(), body.left_out, std::move(others), answer);
      co_return answer;
    }
  }

  Async<Response> embed(Generate request, std::optional<Instant> deadline) {
    json::object body = openai_embeddings_body(request, options_.model);
    for (const auto& member : options_.extra) body[member.key()] = member.value();
    std::string url = url_of("/embeddings");
    Result<HttpResponse> response = co_await provider_.post(url, write_json(body), deadline);
    if (!response) co_return std::unexpected(response.error());
    const std::size_t count = request.messages.size();
    Result<Response> out = read(url, std::move(*response), [&](const json::value& value) { return openai_embeddings_response(value, count); });
    if (out) out->raw.clear();  // the vectors are in the text, in a tenth of the room
    co_return out;
  }

  /// What is sent; of the document itself nothing stays while the answer is waited for.
  struct Asked {
    std::string text;
    std::set<std::string> sent;
    std::vector<std::string> left_out;
  };
  Asked asked(const Generate& request, bool completions) const {
    if (!completions && !instruct() && options_.always.empty() && options_.extra.empty()) {
      OpenAiText body = openai_chat_text(request, options_.model, quirks_);
      return {std::move(body.json), std::move(body.sent), std::move(body.left_out)};
    }
    JsonArena arena;
    OpenAiBody body = body_of(request, completions, arena.memory());
    std::string text;
    text.reserve(kBodyGuess);
    append_json(text, body.json);
    return {std::move(text), std::move(body.sent), std::move(body.left_out)};
  }

  OpenAiBody body_of(const Generate& request, bool completions, json::storage_ptr memory = {}) const {
    OpenAiBody body = completions  ? openai_completion_body(request, options_.model, quirks_)
                      : instruct() ? instruct_body(request)
                                   : openai_chat_body(request, options_.model, quirks_, std::move(memory));
    for (const auto& member : options_.always) body.json[member.key()] = member.value();
    for (const auto& member : options_.extra) body.json[member.key()] = member.value();
    return body;
  }

  OpenAiBody instruct_body(Generate request) const {
    if (!request.sampling.min_p && !quirks_.refused.contains("min_p")) request.sampling.min_p = 0.1;
    OpenAiBody body = openai_chat_body(request, {}, quirks_);
    body.json["mode"] = "instruct";
    body.json["instruction_template"] = options_.instruction_template;
    body.json["user_bio"] = "";
    return body;
  }

  /// Ends a check however its coroutine ends; those who wait look at the verdict, or check themselves.
  struct CheckAtExit {
    std::shared_ptr<Event>& running;
    std::shared_ptr<Event> event;
    ~CheckAtExit() {
      if (running == event) running.reset();
      event->set();
    }
  };

  /// Once: whether the echoed log-probabilities mean anything, and how many special tokens stand before a text. A failure of the
  /// transport is no verdict.
  Async<int> check_echo(std::optional<Instant> deadline) {
    if (auto running = echo_checking_) {
      co_await running->wait();
      auto state = co_await asio::this_coro::cancellation_state;  // ours has been told once, and ends nothing that we would begin now
      if (state.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "the request was cancelled");
    }
    if (echo_verdict_) co_return *echo_verdict_;
    auto event = std::make_shared<Event>(co_await asio::this_coro::executor);
    echo_checking_ = event;
    CheckAtExit ending{echo_checking_, event};
    json::object body = openai_echo_body(echo_probes(), options_.model);
    for (const auto& member : options_.extra) body[member.key()] = member.value();
    std::string url = url_of("/completions");
    Result<HttpResponse> response = co_await provider_.post(url, write_json(body), deadline);
    if (!response) co_return std::unexpected(response.error());
    if (response->status < 200 || response->status > 299) {
      const ErrorBody said = read_error_body(response->body);
      Error refusal = provider_.error_of(url, *response);
      // An address that is not there, or a request that is not taken: the model may still answer in other ways.
      const bool no_such_way = refusal.kind == ErrorKind::bad_request ||
                               (refusal.kind == ErrorKind::model_missing && !contains(lower(said.code + said.type + said.message), "model"));
      if (no_such_way) {
        refusal.kind = ErrorKind::unsupported;
        refusal.message = "the server does not echo prompts: " + refusal.message;
        refusal.hint = "Log-likelihood tasks need a /completions endpoint with echo, or a gguf: model.";
        echo_verdict_ = fail(refusal);
      }
      co_return fail(std::move(refusal));
    }
    Result<JsonBody> answer = provider_.json_of(url, *response);
    if (!answer) co_return std::unexpected(answer.error());
    Result<int> verdict = judge_echo(answer->value, options_.bos);
    if (!verdict) {
      Error bad = verdict.error();
      bad.message = options_.label + ": " + bad.message;
      if (bad.where.empty()) bad.where = shown_url(url);
      verdict = fail(std::move(bad));
    }
    echo_verdict_ = verdict;
    co_return verdict;
  }

  Async<Response> loglikelihood(LoglikelihoodGroup group, std::optional<Instant> deadline) {
    Capabilities can = capabilities();
    if (!can.loglikelihood)
      co_return fail(ErrorKind::unsupported, options_.label + " gives no log-probabilities of a prompt", {},
                     "Log-likelihood tasks need a /completions endpoint with echo (?api=completions), or a gguf: model.");
    Response out;
    if (group.items.empty()) {
      out.finish = Finish::stop;
      co_return out;
    }
    if (options_.echo_check) {
      auto checked = co_await check_echo(deadline);
      if (!checked) co_return std::unexpected(checked.error());
    }
    json::object body = openai_echo_body(echo_prompts(group), options_.model);
    for (const auto& member : options_.extra) body[member.key()] = member.value();
    std::string url = url_of("/completions");
    Result<HttpResponse> response = co_await provider_.post(url, write_json(body), deadline);
    if (!response) co_return std::unexpected(response.error());
    Result<Response> answer = read(url, std::move(*response), [&](const json::value& value) -> Result<Response> {
      Result<std::vector<Loglikelihood>> values = openai_echo_response(value, group);
      if (!values) return std::unexpected(values.error());
      Response out;
      out.loglikelihoods = std::move(*values);
      out.usage = openai_usage(value);
      out.finish = Finish::stop;
      out.model_reported = get_string(value, "model").value_or("");
      return out;
    });
    if (echo_verdict_ && *echo_verdict_ && **echo_verdict_ > 0) deviations_.note(shown_name(), {}, {std::string(kEchoedBos)}, answer);
    co_return answer;
  }

  /// A provider's filter refused the prompt itself: that is its answer, and asking again would not change it.
  Result<Response> filtered(const HttpResponse& response) const {
    Response out;
    out.finish = Finish::content_filter;
    out.finish_raw = "content_filter";
    out.latency = response.seconds;
    out.raw = options_.key.redact(valid_utf8(response.body));
    return out;
  }

  template <class Parse>
  Result<Response> read(const std::string& url, HttpResponse response, Parse parse) {
    if (response.status < 200 || response.status > 299) return fail(provider_.error_of(url, response));
    JsonArena arena;  // `parse` copies into values of other memory what it keeps
    Result<JsonBody> body = provider_.json_of(url, response, arena.memory());
    if (!body) return std::unexpected(body.error());
    const json::value* error = find(body->value, "error");
    if (error && !error->is_null() && !find(body->value, "choices") && !find(body->value, "data")) return fail(provider_.error_inside(url, response, *error));
    Result<Response> out = parse(body->value);
    if (!out) {
      Error bad = out.error();
      bad.message = options_.label + ": " + bad.message;
      if (bad.where.empty()) bad.where = shown_url(url);
      bad.http_status = response.status;
      return fail(std::move(bad));
    }
    out->latency = response.seconds;
    out->raw = std::move(body->text);
    if (!out->model_reported.empty() && reported_.size() < 16) reported_.insert(out->model_reported);
    return out;
  }

  OpenAiOptions options_;
  HttpProvider provider_;
  bool official_;
  ParameterQuirks quirks_;
  bool echoes_ = true;  // until the server is known not to
  std::shared_ptr<Event> echo_checking_;
  std::optional<Result<int>> echo_verdict_;
  Deviations deviations_;
  std::set<std::string> reported_;
};

}  // namespace

std::unique_ptr<Model> make_openai_model(OpenAiOptions options, Transport& transport, Clock& clock) {
  return std::make_unique<OpenAiModel>(std::move(options), transport, clock);
}

}  // namespace assay
