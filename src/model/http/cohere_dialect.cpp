#include "model/http/cohere_dialect.h"

#include <cmath>

#include "base/text.h"
#include "model/http/url.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

Finish finish_of(std::string_view reason) {
  if (reason == "COMPLETE" || reason == "STOP_SEQUENCE") return Finish::stop;
  if (reason == "MAX_TOKENS" || reason == "ERROR_LIMIT") return Finish::length;
  if (reason == "TOOL_CALL") return Finish::tool_calls;
  if (reason == "ERROR_TOXIC") return Finish::content_filter;
  if (reason == "ERROR" || reason == "TIMEOUT" || reason == "USER_CANCEL") return Finish::error;
  return Finish::unknown;
}

/// How generation ended, where that is no answer. ERROR_LIMIT: the context is full, and would be at the next attempt.
std::optional<Error> failure(const Response& out) {
  const std::string why = "the provider says that generation failed (" + shorten(out.finish_raw, 60) + ")";
  if (out.finish == Finish::error) return Error{ErrorKind::server, why};
  const bool nothing = out.text.empty() && out.reasoning.empty() && out.tool_calls.is_null();
  if (out.finish_raw == "ERROR_LIMIT" && nothing) return Error{ErrorKind::bad_request, why};
  return std::nullopt;
}

double finite_logprob(const json::value& entry, std::string_view name) {
  double value = get_number(entry, name).value_or(-9999);
  return std::isfinite(value) ? value : -9999;
}

Result<Response> generated(const json::value& body, const json::array& generations) {
  if (generations.empty() || !generations.front().is_object())
    return fail(ErrorKind::bad_response, "the answer's \"generations\" are empty");
  const json::value& first = generations.front();
  const json::value* text = find(first, "text");
  if (!text || !text->is_string()) return fail(ErrorKind::bad_response, "the answer's first generation has no \"text\"");
  Response out;
  out.text = text->get_string();
  out.finish_raw = hosted_text(find(first, "finish_reason"));
  out.finish = out.finish_raw.empty() ? Finish::stop : finish_of(out.finish_raw);
  if (auto failed = failure(out)) return fail(std::move(*failed));
  if (out.text.empty() && out.finish != Finish::content_filter) return fail(ErrorKind::bad_response, "the answer's text is empty");
  take_thinking_apart(out);
  if (const json::value* tokens = find(first, "token_likelihoods"); tokens && tokens->is_array())
    for (const json::value& token : tokens->get_array())
      out.logprobs.push_back({hosted_text(find(token, "token")), finite_logprob(token, "likelihood"), {}});
  if (const json::value* units = find_path(body, {"meta", "billed_units"})) {
    out.usage.input_tokens = token_count(*units, "input_tokens");
    out.usage.output_tokens = token_count(*units, "output_tokens");
  }
  return out;
}

void read_message(const json::value& message, Response& out) {
  if (const json::value* content = find(message, "content"); content && content->is_array()) {
    for (const json::value& part : content->get_array()) {
      if (hosted_text(find(part, "type")) == "thinking") {
        out.reasoning += (out.reasoning.empty() ? "" : "\n\n") + hosted_text(find(part, "thinking"));
      } else {
        out.text += hosted_text(find(part, "text"));
      }
    }
  } else {
    out.text = hosted_text(content);
  }
  take_thinking_apart(out);
  if (std::string plan = hosted_text(find(message, "tool_plan")); !plan.empty()) out.reasoning += (out.reasoning.empty() ? "" : "\n\n") + plan;
  if (const json::value* calls = find(message, "tool_calls"); calls && calls->is_array() && !calls->get_array().empty()) out.tool_calls = *calls;
}

}  // namespace

Result<HostedBody> cohere_body(const Generate& request, std::string_view model, const std::set<std::string>& refused) {
  HostedBody out;
  HostedWriter writer(out, out.json, refused);
  const Sampling& sampling = request.sampling;
  const bool chat = !request.messages.empty();
  if (!model.empty()) out.json["model"] = model;
  if (chat) {
    json::array& messages = out.json["messages"].emplace_array();
    for (const Message& message : request.messages)
      messages.push_back(json::object{{"role", message.role}, {"content", message.content}});
    out.json["stream"] = false;
  } else {
    if (!(request.tools.is_null() && request.response_format.is_null()))
      return fail(ErrorKind::unsupported, "raw prompts have no tools and no response_format");
    out.json["prompt"] = request.prompt;
  }
  if (sampling.max_tokens) out.json["max_tokens"] = *sampling.max_tokens;
  writer.optional("temperature", "temperature", sampling.temperature);
  writer.optional("top_p", "p", sampling.top_p);
  writer.optional("top_k", "k", sampling.top_k);
  writer.optional("seed", "seed", sampling.seed);
  writer.none("min_p", sampling.min_p.has_value());
  writer.texts("stop", chat ? "stop_sequences" : "end_sequences", sampling.stop);  // v1/generate leaves its stop_sequences in the text
  if (sampling.top_logprobs) {
    if (*sampling.top_logprobs > 0) return fail(ErrorKind::unsupported, "Cohere gives log-probabilities of chosen tokens alone");
    if (chat)
      writer.set("logprobs", "logprobs", true);
    else
      writer.set("logprobs", "return_likelihoods", "GENERATION");
  }
  if (!chat) return out;
  if (!request.tools.is_null()) out.json["tools"] = request.tools;
  if (const json::string* word = request.tool_choice.if_string()) {
    if (*word == "required") out.json["tool_choice"] = "REQUIRED";
    if (*word == "none") out.json["tool_choice"] = "NONE";
  } else if (!request.tool_choice.is_null()) {
    out.json["tool_choice"] = "REQUIRED";  // one function cannot be named; with a single tool it is the same
    if (const json::array* tools = request.tools.if_array(); !tools || tools->size() != 1)
      return fail(ErrorKind::unsupported, "Cohere cannot be told which of several tools to call");
  }
  if (!request.response_format.is_null()) {
    json::object format{{"type", "json_object"}};
    if (const json::value* schema = find_path(request.response_format, {"json_schema", "schema"})) format["json_schema"] = *schema;
    out.json["response_format"] = std::move(format);
  }
  return out;
}

Result<Response> cohere_response(const json::value& body) {
  if (const json::value* generations = find(body, "generations"); generations && generations->is_array())
    return generated(body, generations->get_array());
  const json::value* message = find(body, "message");
  if (!message || !message->is_object()) return fail(ErrorKind::bad_response, "the answer has no \"message\"");
  Response out;
  read_message(*message, out);
  out.finish_raw = hosted_text(find(body, "finish_reason"));
  out.finish = finish_of(out.finish_raw);
  if (auto failed = failure(out)) return fail(std::move(*failed));
  for (std::string_view kind : {"tokens", "billed_units"})
    if (const json::value* units = find_path(body, {"usage", kind})) {
      if (!out.usage.input_tokens) out.usage.input_tokens = token_count(*units, "input_tokens");
      if (!out.usage.output_tokens) out.usage.output_tokens = token_count(*units, "output_tokens");
    }
  if (const json::value* logprobs = find(body, "logprobs"); logprobs && logprobs->is_array())
    for (const json::value& piece : logprobs->get_array()) {
      const json::value* values = find(piece, "logprobs");
      double sum = 0;  // a piece of text may be several tokens
      if (values && values->is_array())
        for (const json::value& value : values->get_array()) sum += as_number(value).value_or(-9999);
      out.logprobs.push_back({hosted_text(find(piece, "text")), std::isfinite(sum) ? sum : -9999, {}});
    }
  return out;
}

HostedDialect cohere_dialect() {
  HostedDialect out;
  out.backend = "cohere";
  out.base = kCohereBase;
  out.key_source = "COHERE_API_KEY";
  out.key_header = {"Authorization", "Bearer "};
  out.can.chat = out.can.completion = out.can.tools = out.can.logprobs = true;
  out.path = [](const Generate& request, std::string_view) -> std::string { return request.messages.empty() ? "/v1/generate" : "/v2/chat"; };
  out.body = cohere_body;
  out.response = cohere_response;
  out.probe = [](std::string_view model) -> std::string { return model.empty() ? "" : "/v1/models/" + path_segment(model); };
  out.probe_members = {"name", "context_length", "finetuned"};
  return out;
}

}  // namespace assay
