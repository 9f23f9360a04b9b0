#include "model/http/bedrock_dialect.h"

#include "base/text.h"
#include "model/http/anthropic_dialect.h"
#include "model/http/url.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

constexpr int kDefaultMaxTokens = 2048;

Finish finish_of(std::string_view reason) {
  if (reason == "end_turn" || reason == "stop_sequence" || reason == "stop") return Finish::stop;
  if (reason == "max_tokens" || reason == "length" || reason == "model_context_window_exceeded") return Finish::length;
  if (reason == "tool_use") return Finish::tool_calls;
  if (reason == "guardrail_intervened" || reason == "content_filtered" || reason == "refusal") return Finish::content_filter;
  return Finish::unknown;
}

bool plain_text_only(const Generate& request) { return request.tools.is_null() && request.response_format.is_null(); }

Result<HostedBody> claude_text(const Generate& request, const std::set<std::string>& refused) {
  if (!plain_text_only(request) || request.sampling.top_logprobs)
    return fail(ErrorKind::unsupported, "text completion has no tools, no response_format and no log-probabilities");
  HostedBody out;
  HostedWriter writer(out, out.json, refused);
  const Sampling& sampling = request.sampling;
  out.json["prompt"] = request.prompt;
  out.json["max_tokens_to_sample"] = sampling.max_tokens.value_or(kDefaultMaxTokens);
  writer.optional("temperature", "temperature", sampling.temperature);
  writer.optional("top_p", "top_p", sampling.top_p);
  writer.optional("top_k", "top_k", sampling.top_k);
  writer.none("seed", sampling.seed.has_value());
  writer.none("min_p", sampling.min_p.has_value());
  writer.texts("stop", "stop_sequences", sampling.stop);
  return out;
}

Result<HostedBody> claude_messages(const Generate& request, const std::set<std::string>& refused) {
  Result<AnthropicBody> messages = anthropic_body(request, "", refused);
  if (!messages) return std::unexpected(messages.error());
  HostedBody out{{{"anthropic_version", "bedrock-2023-05-31"}}, std::move(messages->sent), std::move(messages->left_out), {}};
  for (const auto& member : messages->json)  // the address names the model, and says whether to stream
    if (member.key() != "model" && member.key() != "stream" && !(member.key() == "system" && member.value() == json::value("")))
      out.json[member.key()] = member.value();
  return out;
}

Result<HostedBody> llama_text(const Generate& request, const std::set<std::string>& refused) {
  if (!plain_text_only(request) || request.sampling.top_logprobs)
    return fail(ErrorKind::unsupported, "text completion has no tools, no response_format and no log-probabilities");
  HostedBody out;
  HostedWriter writer(out, out.json, refused);
  const Sampling& sampling = request.sampling;
  out.json["prompt"] = request.prompt;
  out.json["max_gen_len"] = sampling.max_tokens.value_or(kDefaultMaxTokens);
  writer.optional("temperature", "temperature", sampling.temperature);
  writer.optional("top_p", "top_p", sampling.top_p);
  writer.none("top_k", sampling.top_k.has_value());
  writer.none("seed", sampling.seed.has_value());
  writer.none("min_p", sampling.min_p.has_value());
  writer.none("stop", !sampling.stop.empty());
  return out;
}

json::array text_parts(std::string_view text) {
  json::array out;
  out.push_back(json::object{{"text", text}});
  return out;
}

json::object tool_config(const Generate& request) {
  json::object out;
  json::array& tools = out["tools"].emplace_array();
  if (const json::array* list = request.tools.if_array())
    for (const json::value& tool : *list) {
      const json::value* function = find(tool, "function");
      if (!function) continue;
      json::object spec{{"name", hosted_text(find(*function, "name"))}};
      if (std::string description = hosted_text(find(*function, "description")); !description.empty()) spec["description"] = description;
      const json::value* schema = find(*function, "parameters");
      json::object wrapped;
      wrapped["json"] = schema ? *schema : json::value(json::object{{"type", "object"}});
      spec["inputSchema"] = std::move(wrapped);
      tools.push_back(json::object{{"toolSpec", std::move(spec)}});
    }
  json::object choice;
  if (const json::value* name = find_path(request.tool_choice, {"function", "name"})) {
    choice["tool"] = json::object{{"name", *name}};
  } else if (request.tool_choice.is_string()) {
    choice[request.tool_choice.get_string() == "required" ? "any" : "auto"] = json::object();
  }
  if (!choice.empty()) out["toolChoice"] = std::move(choice);
  return out;
}

Result<HostedBody> converse(const Generate& request, const std::set<std::string>& refused) {
  if (request.sampling.top_logprobs) return fail(ErrorKind::unsupported, "Bedrock gives no log-probabilities");
  if (!request.response_format.is_null()) return fail(ErrorKind::unsupported, "Bedrock has no response_format");
  HostedBody out;
  const Sampling& sampling = request.sampling;
  SplitMessages split = split_messages(request.messages);
  if (request.messages.empty()) split.turns.push_back({"user", request.prompt});
  if (split.turns.empty()) return fail(ErrorKind::unsupported, "a request needs a message besides the system text");
  json::array& messages = out.json["messages"].emplace_array();
  for (const Message& message : split.turns)
    messages.push_back(json::object{{"role", message.role == "assistant" ? "assistant" : "user"}, {"content", text_parts(message.content)}});
  if (!split.system.empty()) out.json["system"] = text_parts(split.system);
  json::object config;
  HostedWriter writer(out, config, refused);
  if (sampling.max_tokens) config["maxTokens"] = *sampling.max_tokens;
  writer.optional("temperature", "temperature", sampling.temperature);
  writer.optional("top_p", "topP", sampling.top_p);
  writer.none("top_k", sampling.top_k.has_value());
  writer.none("seed", sampling.seed.has_value());
  writer.none("min_p", sampling.min_p.has_value());
  writer.texts("stop", "stopSequences", sampling.stop);
  if (!config.empty()) out.json["inferenceConfig"] = std::move(config);
  const json::string* choice = request.tool_choice.if_string();
  const bool barred = choice && *choice == "none";  // Converse knows no such choice: what is not offered cannot be called
  if (!request.tools.is_null() && !barred) out.json["toolConfig"] = tool_config(request);
  return out;
}

Result<Response> converse_response(const json::value& body, const json::array& content) {
  Response out;
  json::array calls;
  for (const json::value& part : content) {
    if (const json::value* thought = find_path(part, {"reasoningContent", "reasoningText", "text"})) {
      out.reasoning += (out.reasoning.empty() ? "" : "\n\n") + hosted_text(thought);
    } else if (const json::value* call = find(part, "toolUse")) {
      const json::value* input = find(*call, "input");
      calls.push_back(json::object{{"id", hosted_text(find(*call, "toolUseId"))},
                                   {"type", "function"},
                                   {"function", json::object{{"name", hosted_text(find(*call, "name"))},
                                                             {"arguments", input ? write_json(*input) : "{}"}}}});
    } else {
      out.text += hosted_text(find(part, "text"));
    }
  }
  take_thinking_apart(out);
  if (!calls.empty()) out.tool_calls = std::move(calls);
  out.finish_raw = hosted_text(find(body, "stopReason"));
  out.finish = finish_of(out.finish_raw);
  if (const json::value* usage = find(body, "usage")) {
    out.usage.output_tokens = token_count(*usage, "outputTokens");
    out.usage.cached_tokens = token_count(*usage, "cacheReadInputTokens");
    // As with Anthropic's own: their inputTokens leave the cached ones out.
    if (auto fresh = token_count(*usage, "inputTokens"))
      out.usage.input_tokens = *fresh + out.usage.cached_tokens.value_or(0) + token_count(*usage, "cacheWriteInputTokens").value_or(0);
  }
  return out;
}

void refusal(Error& error, const HttpResponse& response) {
  std::string type = response.header("x-amzn-errortype");
  if (contains(type, "ThrottlingException") || contains(type, "ModelNotReadyException")) error.kind = ErrorKind::rate_limited;
  // 424: the model itself failed, which the next attempt may not.
  if (response.status == 424 || contains(type, "ModelErrorException")) error.kind = ErrorKind::server;
  if (contains(type, "ServiceQuotaExceededException")) error.kind = ErrorKind::rate_limited;
  if (error.kind == ErrorKind::auth)
    error.hint = "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, the region, and the account's access to the model.";
}

}  // namespace

BedrockForm bedrock_form(const Generate& request, std::string_view model) {
  const bool raw = request.messages.empty();
  if (contains(model, "anthropic.")) {
    bool completes = contains(model, "claude-v1") || contains(model, "claude-v2") || contains(model, "claude-instant");
    return raw && completes ? BedrockForm::claude_text : BedrockForm::claude_messages;
  }
  return raw && contains(model, "meta.llama") ? BedrockForm::llama_text : BedrockForm::converse;
}

std::string bedrock_path(const Generate& request, std::string_view model) {
  return "/model/" + path_segment(model) + (bedrock_form(request, model) == BedrockForm::converse ? "/converse" : "/invoke");
}

Result<HostedBody> bedrock_body(const Generate& request, std::string_view model, const std::set<std::string>& refused) {
  switch (bedrock_form(request, model)) {
    case BedrockForm::claude_text:
      return claude_text(request, refused);
    case BedrockForm::claude_messages:
      return claude_messages(request, refused);
    case BedrockForm::llama_text:
      return llama_text(request, refused);
    case BedrockForm::converse:
      break;
  }
  return converse(request, refused);
}

Result<Response> bedrock_response(const json::value& body) {
  if (const json::value* content = find_path(body, {"output", "message", "content"}); content && content->is_array())
    return converse_response(body, content->get_array());
  if (find(body, "content")) return anthropic_response(body);
  const json::value* text = find(body, "completion");
  if (!text) text = find(body, "generation");
  if (!text || !text->is_string()) return fail(ErrorKind::bad_response, "the answer has no \"completion\", \"generation\", \"content\" or \"output\"");
  Response out;
  out.text = text->get_string();
  take_thinking_apart(out);
  out.finish_raw = hosted_text(find(body, "stop_reason"));
  out.finish = finish_of(out.finish_raw);
  out.usage.input_tokens = token_count(body, "prompt_token_count");
  out.usage.output_tokens = token_count(body, "generation_token_count");
  return out;
}

HostedDialect bedrock_dialect() {
  HostedDialect out;
  out.backend = "bedrock";
  out.key_source = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  out.key_needed = false;  // there is no key header; bedrock.h looks after the credentials
  out.can.chat = out.can.completion = out.can.tools = true;
  out.path = bedrock_path;
  out.body = bedrock_body;
  out.response = bedrock_response;
  out.refusal = refusal;
  return out;
}

}  // namespace assay
