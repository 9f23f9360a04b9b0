#include "model/http/llama_server.h"

#include "base/text.h"
#include "model/http/llama_server_dialect.h"
#include "model/http/url.h"

namespace assay {
namespace {

class LlamaServerModel final : public Model {
 public:
  LlamaServerModel(LlamaServerOptions options, Transport& transport, Clock& clock)
      : options_(with_defaults(std::move(options))), provider_(options_, transport, clock, {"Authorization", "Bearer "}) {}

  Async<ModelIdentity> identify() override {
    json::object server;
    for (const char* path : {"/v1/models", "/props"}) {
      std::string url = options_.base + path;
      Result<HttpResponse> told = co_await provider_.get(url);
      if (!told) co_return std::unexpected(told.error());
      if (told->status == 200) {
        if (Result<JsonBody> body = provider_.json_of(url, *told)) take(body->value, server);
      } else if (told->status != 400 && told->status != 404 && told->status != 405 && told->status != 501) {
        co_return fail(provider_.error_of(url, *told));  // 503 while the model is being loaded
      }
    }
    json::object facts{{"backend", "llama.cpp"}, {"model", options_.model}};
    facts["template"] = options_.prompt_template ? options_.prompt_template->sum() : "none";
    if (!options_.model_id.empty()) {
      facts["model_id"] = options_.model_id;
    } else {
      facts["base"] = shown_url(options_.base);
      if (!server.empty()) facts["server"] = std::move(server);
    }
    if (!options_.extra.empty()) facts["extra"] = options_.extra;
    co_return make_identity(std::move(facts), options_.model.empty() ? options_.label : options_.model);
  }

  Async<Response> answer(Query query) override {
    if (auto* generate = std::get_if<Generate>(&query.request)) return this->generate(std::move(*generate), query.deadline);
    return refuse("llama-server gives no log-likelihood of a given text", "Use a gguf: model for this task.");
  }

  Capabilities capabilities() const override {
    Capabilities out;
    out.chat = out.completion = out.logprobs = true;
    out.max_in_flight = options_.max_in_flight;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override {
    std::vector<std::string> unused;
    Result<std::string> text = prompt_of(request, unused);
    if (!text) return std::unexpected(text.error());
    Rendering out;
    out.text = std::move(*text);
    bool rendered = options_.prompt_template && !request.messages.empty();
    out.renderer = !rendered                                    ? "none (the text is sent as it is)"
                   : options_.prompt_template->is_instruction() ? "instruction template"
                                                                : "chat template (jinja)";
    return out;
  }

  std::optional<std::int64_t> longest_answer(const Request& request) const override {
    const auto* generate = std::get_if<Generate>(&request);
    if (!generate) return Model::longest_answer(request);
    json::object body = llama_server_body({}, generate->sampling);
    for (const auto& member : options_.extra) body[member.key()] = member.value();
    return assay::longest_answer(body);
  }

  std::vector<std::string> deviations() const override { return deviations_.all(); }

  json::object facts() const override { return {{"dialect", "llama.cpp"}, {"base", options_.base}, {"model", options_.model}}; }

 private:
  static LlamaServerOptions with_defaults(LlamaServerOptions options) {
    options.base = without_slash(std::move(options.base));
    if (options.base.ends_with("/v1")) options.base = without_slash(options.base.substr(0, options.base.size() - 3));
    if (options.label.empty()) options.label = options.model.empty() ? shown_url(options.base) : "llama.cpp:" + options.model;
    return options;
  }

  void take(const json::value& body, json::object& server) {
    add_server_props(body, server);
    const json::value* data = find(body, "data");
    if (!data || !data->is_array() || data->get_array().empty()) return;
    const json::value& entry = data->get_array().front();  // such a server has one model
    if (options_.model.empty()) options_.model = get_string(entry, "id").value_or("");
    if (const json::value* meta = find(entry, "meta"); meta && meta->is_object()) server["meta"] = *meta;
  }

  Result<std::string> prompt_of(const Generate& request, std::vector<std::string>& deviations) const {
    if (request.messages.empty()) return request.prompt;
    if (!options_.prompt_template) {
      std::string text;
      for (const Message& message : request.messages) text += (text.empty() ? "" : "\n\n") + message.content;
      if (request.messages.size() > 1) deviations.emplace_back("messages joined into one prompt: no template was given");
      return text;
    }
    ChatPrompt chat;
    for (const Message& message : request.messages) chat.messages.push_back({message.role, message.content});
    auto rendered = options_.prompt_template->render(std::move(chat));
    if (!rendered) return std::unexpected(rendered.error());
    if (rendered->system_moved) deviations.emplace_back("system text put before the first message: the template has no place for it");
    return std::move(rendered->text);
  }

  Async<Response> refuse(std::string what, std::string hint) {
    co_return fail(ErrorKind::unsupported, options_.label + ": " + what, {}, std::move(hint));
  }

  Async<Response> generate(Generate request, std::optional<Instant> deadline) {
    if (!(request.tools.is_null() && request.response_format.is_null()))
      co_return fail(ErrorKind::unsupported, options_.label + ": a rendered prompt has no tools and no response_format", {},
                     "Ask the server by messages: leave ?api=llama.cpp out.");
    std::vector<std::string> departs;
    Result<std::string> prompt = prompt_of(request, departs);
    if (!prompt) co_return std::unexpected(prompt.error());
    json::object body = llama_server_body(*prompt, request.sampling);
    for (const auto& member : options_.extra) body[member.key()] = member.value();
    std::string url = options_.base + "/completion";
    Result<HttpResponse> response = co_await provider_.post(url, write_json(body), deadline);
    if (!response) co_return std::unexpected(response.error());
    Result<Response> answer = provider_.read(url, std::move(*response), llama_server_response);
    deviations_.note(options_.label, {}, std::move(departs), answer);
    co_return answer;
  }

  LlamaServerOptions options_;
  HttpProvider provider_;
  Deviations deviations_;
};

}  // namespace

std::unique_ptr<Model> make_llama_server_model(LlamaServerOptions options, Transport& transport, Clock& clock) {
  return std::make_unique<LlamaServerModel>(std::move(options), transport, clock);
}

}  // namespace assay
