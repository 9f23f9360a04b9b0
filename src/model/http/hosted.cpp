#include "model/http/hosted.h"

#include <algorithm>

#include "base/text.h"
#include "model/http/openai_dialect.h"
#include "model/http/url.h"

namespace assay {
namespace {

class HostedModel final : public Model {
 public:
  HostedModel(HostedDialect dialect, HttpModelOptions options, Transport& transport, Clock& clock, std::unique_ptr<Transport> layer)
      : dialect_(std::move(dialect)),
        options_(with_defaults(dialect_, std::move(options))),
        layer_(std::move(layer)),
        provider_(options_, layer_ ? *layer_ : transport, clock, dialect_.key_header) {}

  Async<ModelIdentity> identify() override {
    std::string source = options_.key_source.empty() ? std::string(dialect_.key_source) : options_.key_source;
    if (options_.base.empty())
      co_return fail(ErrorKind::usage, options_.label + " has no address", {},
                     "Write http://HOST?api=" + std::string(dialect_.backend) + "#NAME.");
    if (dialect_.key_needed && options_.key.empty() && options_.base == dialect_.base)
      co_return fail(ErrorKind::auth, options_.label + " needs a key for " + shown_url(options_.base), {}, "Set " + source + ".");
    json::object server;
    std::string probe = dialect_.probe && options_.model_id.empty() ? dialect_.probe(options_.model) : std::string();
    if (!probe.empty()) {
      std::string url = options_.base + probe;
      Result<HttpResponse> known = co_await provider_.get(url);
      if (!known) co_return std::unexpected(known.error());
      bool tells_nothing = known->status == 400 || known->status == 404 || known->status == 405 || known->status == 501;
      if (known->status == 200) {
        if (Result<JsonBody> body = provider_.json_of(url, *known))
          for (std::string_view name : dialect_.probe_members)
            if (const json::value* value = find(body->value, name); value && !value->is_null()) server[name] = *value;
      } else if (!tells_nothing) {
        co_return fail(error_of(url, *known));
      }
    }
    json::object facts{{"backend", dialect_.backend}, {"model", options_.model}};
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
    return refuse();
  }

  Capabilities capabilities() const override {
    Capabilities out = dialect_.can;
    out.max_in_flight = options_.max_in_flight;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override {
    return server_rendering(request);
  }

  std::optional<std::int64_t> longest_answer(const Request& request) const override {
    const auto* generate = std::get_if<Generate>(&request);
    if (!generate) return 0;  // nothing is sent
    Result<HostedBody> body = dialect_.body(as_dialogue(*generate), options_.model, quirks_.refused);
    if (!body) return 0;
    add_extra(body->json);
    return assay::longest_answer(body->json);
  }

  std::vector<std::string> deviations() const override {
    return deviations_.all();
  }

  json::object facts() const override {
    return {{"dialect", dialect_.backend}, {"base", shown_url(options_.base)}, {"model", options_.model}};
  }

 private:
  static HttpModelOptions with_defaults(const HostedDialect& dialect, HttpModelOptions options) {
    options.base = without_slash(options.base.empty() ? dialect.base : options.base);
    if (options.label.empty()) options.label = std::string(dialect.backend) + ":" + options.model;
    return options;
  }

  Async<Response> refuse() const {
    co_return fail(ErrorKind::unsupported, options_.label + " gives no log-likelihoods", {}, "Use a gguf: model for this task.");
  }

  Error error_of(const std::string& url, const HttpResponse& response) const {
    Error out = provider_.error_of(url, response);
    if (dialect_.refusal) dialect_.refusal(out, response);
    return out;
  }

  void add_extra(json::object& body) const {
    json::object* into = &body;
    if (json::value* part = dialect_.extra_into.empty() ? nullptr : body.if_contains(dialect_.extra_into); part && part->is_object())
      into = &part->get_object();
    for (const auto& member : options_.extra) (*into)[member.key()] = member.value();
  }

  /// A raw prompt becomes a message where the dialect has nothing else.
  Generate as_dialogue(Generate request) const {
    if (!dialect_.can.completion && request.messages.empty()) {
      request.messages.push_back({"user", std::move(request.prompt)});
      request.prompt.clear();
    }
    return request;
  }

  Async<Response> generate(Generate request, std::optional<Instant> deadline) {
    request = as_dialogue(std::move(request));
    std::string url = options_.base + dialect_.path(request, options_.model);
    constexpr int kMostLessons = 6;
    for (int lesson = 0;; ++lesson) {
      Result<HostedBody> body = dialect_.body(request, options_.model, quirks_.refused);
      if (!body) {
        Error error = body.error();
        error.message = options_.label + ": " + error.message;
        co_return fail(std::move(error));
      }
      add_extra(body->json);
      Result<HttpResponse> response = co_await provider_.post(url, write_json(body->json), deadline);
      if (!response) co_return std::unexpected(response.error());
      if ((response->status == 400 || response->status == 422) && lesson < kMostLessons &&
          quirks_.learn(read_error_body(response->body), body->sent))
        continue;
      Result<Response> answer = read(url, std::move(*response));
      if (answer && body->logprobs_unasked) answer->logprobs.clear();
      cut_at_stop(answer, request.sampling.stop, body->left_out);
      deviations_.note(options_.label, body->left_out, std::move(body->deviations), answer);
      co_return answer;
    }
  }

  Result<Response> read(const std::string& url, HttpResponse response) const {
    if (response.status < 200 || response.status > 299) return fail(error_of(url, response));
    return provider_.read(url, std::move(response), dialect_.response);
  }

  HostedDialect dialect_;
  HttpModelOptions options_;
  std::unique_ptr<Transport> layer_;
  HttpProvider provider_;
  ParameterQuirks quirks_;
  Deviations deviations_;
};

}  // namespace

std::unique_ptr<Model> make_hosted_model(HostedDialect dialect, HttpModelOptions options, Transport& transport, Clock& clock,
                                         std::unique_ptr<Transport> layer) {
  return std::make_unique<HostedModel>(std::move(dialect), std::move(options), transport, clock, std::move(layer));
}

void HostedWriter::set(const char* name, const char* here, json::value value) {
  if (refused_.contains(name)) {
    body_.left_out.emplace_back(name);
    return;
  }
  target_[here] = std::move(value);
  body_.sent.emplace(name);
}

SplitMessages split_messages(const std::vector<Message>& messages) {
  SplitMessages out;
  for (const Message& message : messages) {
    if (message.role != "system") {
      out.turns.push_back(message);
    } else if (!message.content.empty()) {
      out.system += (out.system.empty() ? "" : "\n\n") + message.content;
    }
  }
  return out;
}

void cut_at_stop(Result<Response>& answer, const std::vector<std::string>& stops, const std::vector<std::string>& left_out) {
  if (!answer || std::ranges::any_of(left_out, [](const std::string& name) { return name.starts_with("stop"); })) return;
  std::size_t end = answer->text.size();
  for (const std::string& stop : stops)
    if (!stop.empty()) end = std::min(end, answer->text.find(stop));
  if (end == answer->text.size()) return;
  answer->text.resize(end);
  if (answer->finish == Finish::length || answer->finish == Finish::unknown) answer->finish = Finish::stop;
}

std::string hosted_text(const json::value* value) {
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace assay
