#include "model/http/openai_dialect.h"

#include <cmath>

#include "base/text.h"
#include "model/http/echo_logprobs.h"
#include "model/object_writer.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

// Left out, these change what is sampled or told of it, but not what is asked; tools and response_format are not among them.
constexpr std::string_view kOptional[] = {"temperature", "top_p", "min_p", "top_k", "seed", "stop", "top_logprobs", "logprobs", "details"};

// OpenAI's own list of models behind /completions.
constexpr std::string_view kCompletionModels[] = {"text-davinci-003",
                                                  "text-davinci-002",
                                                  "text-davinci-001",
                                                  "text-curie-001",
                                                  "text-babbage-001",
                                                  "text-ada-001",
                                                  "davinci-instruct-beta",
                                                  "davinci",
                                                  "curie-instruct-beta",
                                                  "curie",
                                                  "babbage",
                                                  "ada",
                                                  "gpt-3.5-turbo-instruct-0914",
                                                  "gpt-3.5-turbo-instruct",
                                                  "babbage-002",
                                                  "davinci-002"};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; ++at) {
    bool left = at == 0 || !is_name_char(text[at - 1]);
    bool right = at + word.size() == text.size() || !is_name_char(text[at + word.size()]);
    if (left && right) return true;
  }
  return false;
}

/// Writes parameters into the body's document, or into `text` where there is one.
class BodyWriter {
 public:
  BodyWriter(OpenAiBody& body, const ParameterQuirks& quirks, ObjectWriter* text = nullptr)
      : body_(body), quirks_(quirks), text_(text) {}
  template <class T>
  void optional(std::string_view name, const std::optional<T>& value) {
    if (value) set(name, json::value(*value));
  }
  void set(std::string_view name, json::value value) {
    if (quirks_.refused.contains(std::string(name))) {
      body_.left_out.emplace_back(name);
      return;
    }
    body_.sent.emplace(name);
    if (text_) {
      append_json(text_->member(name), value);
    } else {
      body_.json[name] = std::move(value);
    }
  }

 private:
  OpenAiBody& body_;
  const ParameterQuirks& quirks_;
  ObjectWriter* text_;
};

void write_sampling(BodyWriter& writer, const Sampling& sampling, const ParameterQuirks& quirks) {
  // The default of those who refuse it is 1: asking for exactly that departs from nothing.
  if (sampling.temperature && !(*sampling.temperature == 1 && quirks.refused.contains("temperature")))
    writer.set("temperature", *sampling.temperature);
  if (sampling.max_tokens)
    writer.set(quirks.max_completion_tokens ? "max_completion_tokens" : "max_tokens", *sampling.max_tokens);
  if (sampling.top_p && !(*sampling.top_p == 1 && quirks.refused.contains("top_p"))) writer.set("top_p", *sampling.top_p);
  writer.optional("min_p", sampling.min_p);
  writer.optional("top_k", sampling.top_k);
  writer.optional("seed", sampling.seed);
  if (!sampling.stop.empty()) {
    json::array stops;
    for (const std::string& stop : sampling.stop) stops.emplace_back(stop);
    writer.set("stop", std::move(stops));
  }
}

void write_chat_logprobs(BodyWriter& writer, const Sampling& sampling) {
  if (!sampling.top_logprobs) return;
  writer.set("logprobs", true);
  if (*sampling.top_logprobs > 0) writer.set("top_logprobs", *sampling.top_logprobs);
}

std::string text_of(const json::value* value) {
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

void add_reasoning(Response& out, std::string_view text) {
  text = strip(text);
  if (text.empty()) return;
  if (!out.reasoning.empty()) out.reasoning += "\n\n";
  out.reasoning += text;
}

/// Content is a string, null, or parts of which some are thoughts.
void read_content(const json::value* content, Response& out) {
  if (!content || content->is_null()) return;
  if (content->is_string()) {
    out.text = content->get_string();
    return;
  }
  const json::array* parts = content->if_array();
  if (!parts) return;
  for (const json::value& part : *parts) {
    std::string type = text_of(find(part, "type"));
    if (type == "thinking" || type == "reasoning") {
      const json::value* thoughts = find(part, "thinking");
      if (thoughts && thoughts->is_array()) {
        for (const json::value& thought : thoughts->get_array()) add_reasoning(out, text_of(find(thought, "text")));
      } else {
        add_reasoning(out, text_of(thoughts ? thoughts : find(part, "text")));
      }
    } else {
      out.text += text_of(find(part, "text"));
    }
  }
}

double finite_logprob(const json::value* value) {
  double number = value ? as_number(*value).value_or(-9999.0) : -9999.0;
  return std::isfinite(number) ? number : -9999.0;
}

void sort_best_first(std::vector<std::pair<std::string, double>>& top) {
  std::stable_sort(top.begin(), top.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
}

void read_chat_logprobs(const json::value* logprobs, Response& out) {
  const json::value* content = logprobs ? find(*logprobs, "content") : nullptr;
  if (!content || !content->is_array()) return;
  for (const json::value& entry : content->get_array()) {
    TokenLogprob token{text_of(find(entry, "token")), finite_logprob(find(entry, "logprob")), {}};
    if (const json::value* top = find(entry, "top_logprobs"); top && top->is_array())
      for (const json::value& one : top->get_array())
        token.top.emplace_back(text_of(find(one, "token")), finite_logprob(find(one, "logprob")));
    sort_best_first(token.top);
    out.logprobs.push_back(std::move(token));
  }
}

void read_completion_logprobs(const json::value* logprobs, Response& out) {
  if (!logprobs || !logprobs->is_object()) return;
  if (find(*logprobs, "content")) return read_chat_logprobs(logprobs, out);  // newer llama-server
  const json::value* tokens = find(*logprobs, "tokens");
  const json::value* values = find(*logprobs, "token_logprobs");
  const json::value* tops = find(*logprobs, "top_logprobs");
  if (!tokens || !tokens->is_array() || !values || !values->is_array()) return;
  std::size_t n = std::min(tokens->get_array().size(), values->get_array().size());
  for (std::size_t i = 0; i < n; ++i) {
    TokenLogprob token{text_of(&tokens->get_array()[i]), finite_logprob(&values->get_array()[i]), {}};
    if (tops && tops->is_array() && i < tops->get_array().size())
      if (const json::object* top = tops->get_array()[i].if_object())
        for (const auto& member : *top) token.top.emplace_back(std::string(member.key()), finite_logprob(&member.value()));
    sort_best_first(token.top);
    out.logprobs.push_back(std::move(token));
  }
}

Result<const json::value*> first_choice(const json::value& body) {
  const json::value* choices = find(body, "choices");
  if (!choices || !choices->is_array()) return fail(ErrorKind::bad_response, "the answer has no \"choices\"");
  if (choices->get_array().empty()) return fail(ErrorKind::bad_response, "the answer's \"choices\" are empty");
  const json::value& choice = choices->get_array().front();
  if (!choice.is_object()) return fail(ErrorKind::bad_response, "the answer's first choice is not an object");
  if (const json::value* error = find(choice, "error"); error && !error->is_null()) {
    ErrorBody said = read_error_value(*error);
    return fail(ErrorKind::server, "the provider failed in mid-answer: " + shorten(said.message, 200));
  }
  return &choice;
}

void read_common(const json::value& body, const json::value& choice, Response& out) {
  out.finish_raw = text_of(find(choice, "finish_reason"));
  out.finish = openai_finish(out.finish_raw);
  out.usage = openai_usage(body);
  out.model_reported = text_of(find(body, "model"));
  if (std::string print = text_of(find(body, "system_fingerprint")); !print.empty()) out.model_reported += " " + print;
}

}  // namespace

bool ParameterQuirks::learn(const ErrorBody& error, const std::set<std::string>& sent) {
  std::string said = lower(error.message), code = lower(error.code + " " + error.type);
  bool refusal = contains(code, "unsupported") || contains(code, "unknown_parameter");
  for (std::string_view words : {"not supported", "unsupported", "does not support", "doesn't support", "not support ",
                                 "unrecognized", "unknown", "unexpected", "not permitted", "not allowed", "only the default",
                                 "may only be set", "cannot both be specified", "deprecated", "extra fields", "extra inputs", "not used by"})
    refusal = refusal || contains(said, words);
  if (!refusal) return false;
  auto names = [&](std::string_view name) {
    return error.param == name || error.param.ends_with("." + std::string(name)) || has_word(said, name);
  };
  if (sent.contains("max_tokens") && names("max_tokens") && contains(said, "max_completion_tokens")) {
    max_completion_tokens = true;
    return true;
  }
  if (sent.contains("max_completion_tokens") && names("max_completion_tokens")) {
    // Remembered, so that the two names are not tried in turn for ever: the old name gets its chance once.
    if (refused.insert("max_completion_tokens").second) max_completion_tokens = false;
    return true;
  }
  auto leave_out = [&](std::string_view name) {
    refused.emplace(name);
    return true;
  };
  // The parameter field is the surest; then the first word of the message that is a parameter we sent.
  for (std::string_view name : kOptional)
    if (error.param == name && sent.contains(std::string(name))) return leave_out(name);
  for (std::string_view name : kOptional)
    if (sent.contains(std::string(name)) && names(name)) return leave_out(name);
  return false;
}

ParameterQuirks quirks_by_name(std::string_view model) {
  if (std::size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  ParameterQuirks out;
  for (std::string_view family : {"o1", "o3", "o4", "gpt-5"}) {
    if (!model.starts_with(family)) continue;
    char next = model.size() > family.size() ? model[family.size()] : '-';
    if ((next != '-' && next != '.') || model.starts_with("gpt-5-chat")) continue;
    out.refused = {"temperature", "top_p", "stop", "logprobs", "top_logprobs"};
    out.max_completion_tokens = true;
  }
  return out;
}

bool is_completion_model(std::string_view model) {
  return std::find(std::begin(kCompletionModels), std::end(kCompletionModels), model) != std::end(kCompletionModels);
}

OpenAiBody openai_chat_body(const Generate& request, std::string_view model, const ParameterQuirks& quirks, json::storage_ptr memory) {
  OpenAiBody body{json::object(std::move(memory)), {}, {}};
  if (!model.empty()) body.json["model"] = model;
  json::array& messages = body.json["messages"].emplace_array();
  for (const Message& message : request.messages) {
    json::object& one = messages.emplace_back(json::object()).get_object();
    one["role"] = message.role;
    one["content"] = message.content;
  }
  BodyWriter writer(body, quirks);
  write_sampling(writer, request.sampling, quirks);
  write_chat_logprobs(writer, request.sampling);
  if (!request.tools.is_null()) body.json["tools"] = request.tools;
  if (!request.tool_choice.is_null()) body.json["tool_choice"] = request.tool_choice;
  if (!request.response_format.is_null()) body.json["response_format"] = request.response_format;
  return body;
}

OpenAiText openai_chat_text(const Generate& request, std::string_view model, const ParameterQuirks& quirks) {
  constexpr std::size_t kParameters = 256, kMessage = 32;  // bytes, about
  std::size_t size = kParameters + model.size();
  for (const Message& message : request.messages) size += message.content.size() + message.content.size() / 16 + kMessage;
  OpenAiText out;
  out.json.reserve(size);
  ObjectWriter object(out.json);
  if (!model.empty()) object.text("model", model);
  object.member("messages") += '[';
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    if (i > 0) out.json += ',';
    ObjectWriter message(out.json);
    message.text("role", request.messages[i].role);
    message.text("content", request.messages[i].content);
    message.end();
  }
  out.json += ']';
  OpenAiBody body;  // what was sent and left out, no document
  BodyWriter writer(body, quirks, &object);
  write_sampling(writer, request.sampling, quirks);
  write_chat_logprobs(writer, request.sampling);
  if (!request.tools.is_null()) append_json(object.member("tools"), request.tools);
  if (!request.tool_choice.is_null()) append_json(object.member("tool_choice"), request.tool_choice);
  if (!request.response_format.is_null()) append_json(object.member("response_format"), request.response_format);
  object.end();
  out.sent = std::move(body.sent);
  out.left_out = std::move(body.left_out);
  return out;
}

OpenAiBody openai_completion_body(const Generate& request, std::string_view model, const ParameterQuirks& quirks) {
  OpenAiBody body;
  if (!model.empty()) body.json["model"] = model;
  std::string prompt = request.prompt;
  for (const Message& message : request.messages) prompt += (prompt.empty() ? "" : "\n\n") + message.content;
  body.json["prompt"] = prompt;
  BodyWriter writer(body, quirks);
  write_sampling(writer, request.sampling, quirks);
  if (request.sampling.top_logprobs) writer.set("logprobs", *request.sampling.top_logprobs);
  return body;
}

json::object openai_echo_body(const std::vector<std::string>& prompts, std::string_view model) {
  json::object body;
  if (!model.empty()) body["model"] = model;
  if (prompts.size() == 1) {
    body["prompt"] = prompts.front();
  } else {
    json::array& list = body["prompt"].emplace_array();
    for (const std::string& prompt : prompts) list.emplace_back(prompt);
  }
  body["temperature"] = 0;
  body["max_tokens"] = 1;  // some servers refuse 0; the generated token is not counted
  body["logprobs"] = 1;
  body["echo"] = true;
  return body;
}

Finish openai_finish(std::string_view reason) {
  if (reason == "stop" || reason == "eos" || reason == "eos_token" || reason == "stop_sequence" || reason == "end_turn" ||
      reason == "STOP")
    return Finish::stop;
  if (reason == "length" || reason == "max_tokens" || reason == "MAX_TOKENS") return Finish::length;
  if (reason == "tool_calls" || reason == "function_call") return Finish::tool_calls;
  if (reason == "content_filter" || reason == "safety" || reason == "SAFETY") return Finish::content_filter;
  if (reason == "error") return Finish::error;
  return Finish::unknown;
}

Usage openai_usage(const json::value& body) {
  Usage out;
  const json::value* usage = find(body, "usage");
  if (!usage) return out;
  out.input_tokens = token_count(*usage, "prompt_tokens");
  out.output_tokens = token_count(*usage, "completion_tokens");
  if (const json::value* details = find(*usage, "prompt_tokens_details"))
    out.cached_tokens = token_count(*details, "cached_tokens");
  if (const json::value* details = find(*usage, "completion_tokens_details"))
    out.reasoning_tokens = token_count(*details, "reasoning_tokens");
  return out;
}

Result<Response> openai_chat_response(const json::value& body) {
  Result<const json::value*> choice = first_choice(body);
  if (!choice) return std::unexpected(choice.error());
  const json::value* message = find(**choice, "message");
  if (!message || !message->is_object()) return fail(ErrorKind::bad_response, "the answer's first choice has no \"message\"");
  Response out;
  read_common(body, **choice, out);
  if (out.finish == Finish::error)
    return fail(ErrorKind::server, "the provider says that generation failed (finish_reason \"error\")");
  read_content(find(*message, "content"), out);
  for (std::string_view name : {"reasoning_content", "reasoning"})
    if (std::string thoughts = text_of(find(*message, name)); !thoughts.empty()) {
      add_reasoning(out, thoughts);
      break;  // servers that send both send the same
    }
  take_thinking_apart(out);
  if (const json::value* calls = find(*message, "tool_calls"); calls && calls->is_array() && !calls->get_array().empty())
    out.tool_calls = *calls;
  if (std::string refusal = text_of(find(*message, "refusal")); !refusal.empty()) {
    if (out.text.empty()) out.text = std::move(refusal);
    out.finish = Finish::content_filter;
    out.finish_raw = "refusal";
  }
  read_chat_logprobs(find(**choice, "logprobs"), out);
  return out;
}

Result<Response> openai_completion_response(const json::value& body) {
  Result<const json::value*> choice = first_choice(body);
  if (!choice) return std::unexpected(choice.error());
  const json::value* text = find(**choice, "text");
  if (!text || !(text->is_string() || text->is_null()))
    return fail(ErrorKind::bad_response, "the answer's first choice has no \"text\"");
  Response out;
  read_common(body, **choice, out);
  if (out.finish == Finish::error)
    return fail(ErrorKind::server, "the provider says that generation failed (finish_reason \"error\")");
  out.text = text_of(text);
  take_thinking_apart(out);
  read_completion_logprobs(find(**choice, "logprobs"), out);
  return out;
}

Result<std::vector<Loglikelihood>> openai_echo_response(const json::value& body, const LoglikelihoodGroup& group) {
  auto echoes = read_echoes(body, echo_prompts(group));
  if (!echoes) return std::unexpected(echoes.error());
  std::vector<Loglikelihood> out;
  for (std::size_t i = 0; i < echoes->size(); ++i) {
    const EchoedPrompt& echo = (*echoes)[i];
    const LoglikelihoodGroup::Item& item = group.items[i];
    // Offsets count code points, as Python strings do. White space that ends the context belongs to the continuation, as in the harness.
    const std::string before = group.shared_prefix + item.context;
    auto context = static_cast<std::int64_t>(count_code_points(rstrip(before)));
    auto end = static_cast<std::int64_t>(count_code_points(before) + count_code_points(item.continuation));
    const std::vector<std::int64_t>& at = echo.offsets;
    const std::size_t n = at.size();
    std::size_t first = static_cast<std::size_t>(echo.leading);
    while (first < n && at[first] < context) ++first;
    // A token that reaches over the boundary holds the continuation's beginning.
    if (first > static_cast<std::size_t>(echo.leading) && (first == n || at[first] > context) && context > 0) --first;
    std::size_t last = first;
    while (last < n && at[last] < end) ++last;
    if (first >= last || at[n - 1] < context)
      return fail(ErrorKind::unsupported, "the server did not echo the prompt", {},
                  "Log-likelihood tasks need a /completions endpoint with echo, or a gguf: model.");
    Loglikelihood likelihood{0, true, static_cast<int>(last - first), false};
    for (std::size_t k = first; k < last; ++k) {
      if (std::isnan(echo.logprobs[k]))
        return fail(ErrorKind::bad_request, "the first token has no log-probability: the context is empty and the server puts no BOS before it");
      likelihood.sum += echo.logprobs[k];
      if (!echo.best[k]) return fail(no_alternatives());
      likelihood.greedy = likelihood.greedy && *echo.best[k];
    }
    out.push_back(likelihood);
  }
  return out;
}

}  // namespace assay
