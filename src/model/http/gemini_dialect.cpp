#include "model/http/gemini_dialect.h"

#include <cmath>

#include "base/text.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

std::string text_of(const json::value* value) {
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

void append_paragraph(std::string& to, std::string_view text) {
  if (text.empty()) return;
  if (!to.empty()) to += "\n\n";
  to += text;
}

json::object content(std::string_view role, std::string_view text) {
  json::object out;
  if (!role.empty()) out["role"] = role;
  out["parts"].emplace_array().push_back(json::object{{"text", text}});
  return out;
}

/// OpenAI's {"type":"function","function":{name, description, parameters}} -> {name, description, parameters}.
json::value convert_tools(const json::value& tools) {
  json::array functions;
  if (const json::array* list = tools.if_array())
    for (const json::value& tool : *list) {
      const json::value* function = find(tool, "function");
      functions.push_back(function ? *function : tool);
      if (json::object* one = functions.back().if_object()) one->erase("strict");  // not known there
    }
  return json::array{json::object{{"functionDeclarations", std::move(functions)}}};
}

json::value convert_tool_choice(const json::value& choice) {
  json::object config;
  if (const json::value* name = find_path(choice, {"function", "name"})) {
    config = {{"mode", "ANY"}, {"allowedFunctionNames", json::array{*name}}};
  } else {
    std::string word = text_of(&choice);
    config["mode"] = word == "required" ? "ANY" : word == "none" ? "NONE" : "AUTO";
  }
  return json::object{{"functionCallingConfig", std::move(config)}};
}

class ConfigWriter {
 public:
  ConfigWriter(GeminiBody& body, json::object& config, const std::set<std::string>& refused)
      : body_(body), config_(config), refused_(refused) {}
  template <class T>
  void optional(const char* name, const char* here, const std::optional<T>& value) {
    if (value) set(name, here, json::value(*value));
  }
  void set(const char* name, const char* here, json::value value) {
    if (refused_.contains(name)) {
      body_.left_out.emplace_back(name);
      return;
    }
    config_[here] = std::move(value);
    body_.sent.emplace(name);
  }

 private:
  GeminiBody& body_;
  json::object& config_;
  const std::set<std::string>& refused_;
};

Finish finish_of(std::string_view reason) {
  if (reason == "STOP") return Finish::stop;
  if (reason == "MAX_TOKENS") return Finish::length;
  for (std::string_view filter : {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"})
    if (reason == filter) return Finish::content_filter;
  return Finish::unknown;
}

void read_parts(const json::array& parts, Response& out) {
  json::array calls;
  for (const json::value& part : parts) {
    if (get_bool(part, "thought").value_or(false)) {
      append_paragraph(out.reasoning, strip(text_of(find(part, "text"))));
    } else if (const json::value* call = find(part, "functionCall")) {
      const json::value* arguments = find(*call, "args");
      std::string id = text_of(find(*call, "id"));
      calls.push_back(json::object{{"id", id.empty() ? "call_" + std::to_string(calls.size()) : id},
                                   {"type", "function"},
                                   {"function", json::object{{"name", text_of(find(*call, "name"))},
                                                             {"arguments", arguments ? write_json(*arguments) : "{}"}}}});
    } else {
      out.text += text_of(find(part, "text"));
    }
  }
  if (!calls.empty()) out.tool_calls = std::move(calls);
}

double finite_logprob(const json::value& entry) {
  double value = get_number(entry, "logProbability").value_or(-9999);
  return std::isfinite(value) ? value : -9999;
}

void read_logprobs(const json::value* result, Response& out) {
  const json::value* chosen = result ? find(*result, "chosenCandidates") : nullptr;
  if (!chosen || !chosen->is_array()) return;
  const json::value* tops = find(*result, "topCandidates");
  for (std::size_t i = 0; i < chosen->get_array().size(); ++i) {
    const json::value& one = chosen->get_array()[i];
    TokenLogprob token{text_of(find(one, "token")), finite_logprob(one), {}};
    const json::value* top =
        tops && tops->is_array() && i < tops->get_array().size() ? find(tops->get_array()[i], "candidates") : nullptr;
    if (top && top->is_array())
      for (const json::value& other : top->get_array())
        token.top.emplace_back(text_of(find(other, "token")), finite_logprob(other));
    std::stable_sort(token.top.begin(), token.top.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    out.logprobs.push_back(std::move(token));
  }
}

void read_usage(const json::value& body, Response& out) {
  const json::value* usage = find(body, "usageMetadata");
  if (!usage) return;
  out.usage.input_tokens = token_count(*usage, "promptTokenCount");
  out.usage.cached_tokens = token_count(*usage, "cachedContentTokenCount");
  out.usage.reasoning_tokens = token_count(*usage, "thoughtsTokenCount");
  out.usage.output_tokens = token_count(*usage, "candidatesTokenCount");
  // They count thoughts beside the answer; ours are all that were written.
  if (out.usage.reasoning_tokens) out.usage.output_tokens = out.usage.output_tokens.value_or(0) + *out.usage.reasoning_tokens;
}

}  // namespace

Result<GeminiBody> gemini_body(const Generate& request, const std::set<std::string>& refused) {
  GeminiBody out;
  std::string system;
  json::array contents;
  for (const Message& message : request.messages) {
    if (message.role == "system") {
      append_paragraph(system, message.content);
    } else {
      contents.push_back(content(message.role == "assistant" ? "model" : "user", message.content));
    }
  }
  if (request.messages.empty()) contents.push_back(content("user", request.prompt));
  if (contents.empty()) return fail(ErrorKind::unsupported, "a request needs a message besides the system text");
  out.json["contents"] = std::move(contents);
  if (!system.empty()) out.json["systemInstruction"] = content({}, system);

  const Sampling& sampling = request.sampling;
  json::object config{{"candidateCount", 1}};
  ConfigWriter writer(out, config, refused);
  if (sampling.max_tokens) config["maxOutputTokens"] = *sampling.max_tokens;
  writer.optional("temperature", "temperature", sampling.temperature);
  writer.optional("top_p", "topP", sampling.top_p);
  writer.optional("top_k", "topK", sampling.top_k);
  writer.optional("seed", "seed", sampling.seed);
  if (sampling.min_p) out.left_out.emplace_back("min_p");  // there is none
  if (!sampling.stop.empty()) writer.set("stop", "stopSequences", json::array(sampling.stop.begin(), sampling.stop.end()));
  if (sampling.top_logprobs) {
    writer.set("logprobs", "responseLogprobs", true);
    if (*sampling.top_logprobs > 0 && !refused.contains("logprobs")) config["logprobs"] = *sampling.top_logprobs;
  }
  if (!request.response_format.is_null()) {
    config["responseMimeType"] = "application/json";
    if (const json::value* schema = find_path(request.response_format, {"json_schema", "schema"}))
      config["responseJsonSchema"] = *schema;
  }
  out.json["generationConfig"] = std::move(config);

  json::array& safety = out.json["safetySettings"].emplace_array();
  for (std::string_view category : {"HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH", "HARM_CATEGORY_SEXUALLY_EXPLICIT",
                                    "HARM_CATEGORY_DANGEROUS_CONTENT"})
    safety.push_back(json::object{{"category", category}, {"threshold", "BLOCK_NONE"}});
  if (!request.tools.is_null()) out.json["tools"] = convert_tools(request.tools);
  if (!request.tool_choice.is_null()) out.json["toolConfig"] = convert_tool_choice(request.tool_choice);
  return out;
}

Result<Response> gemini_response(const json::value& body) {
  Response out;
  out.model_reported = text_of(find(body, "modelVersion"));
  read_usage(body, out);
  const json::value* candidates = find(body, "candidates");
  if (!candidates || !candidates->is_array() || candidates->get_array().empty()) {
    std::string reason = text_of(find_path(body, {"promptFeedback", "blockReason"}));
    if (reason.empty()) return fail(ErrorKind::bad_response, "the answer has no \"candidates\"");
    out.finish = Finish::content_filter;
    out.finish_raw = "prompt blocked: " + reason;
    return out;
  }
  const json::value& candidate = candidates->get_array().front();
  if (!candidate.is_object()) return fail(ErrorKind::bad_response, "the answer's first candidate is not an object");
  out.finish_raw = text_of(find(candidate, "finishReason"));
  out.finish = finish_of(out.finish_raw);
  const json::value* parts = find_path(candidate, {"content", "parts"});
  if (parts && !parts->is_array()) return fail(ErrorKind::bad_response, "the answer's \"parts\" are no list");
  if (!parts && out.finish_raw.empty())
    return fail(ErrorKind::bad_response, "the answer has neither \"parts\" nor a finish reason");
  if (parts) read_parts(parts->get_array(), out);  // none where a filter withheld them, or thoughts used up all tokens
  if (!out.tool_calls.is_null() && out.finish == Finish::stop) out.finish = Finish::tool_calls;
  take_thinking_apart(out);
  read_logprobs(find(candidate, "logprobsResult"), out);
  return out;
}

bool gemini_learn(ParameterQuirks& quirks, ErrorBody error, const std::set<std::string>& sent) {
  std::string& said = error.message;
  for (auto [google, openai] :
       {std::pair("topP", "top_p"), std::pair("topK", "top_k"), std::pair("stopSequences", "stop"),
        std::pair("stop_sequences", "stop"), std::pair("responseLogprobs", "logprobs"),
        std::pair("response_logprobs", "logprobs"), std::pair("Logprobs", "logprobs"), std::pair("not enabled", "not supported")})
    said = replace_all(said, google, openai);
  return quirks.learn(error, sent);
}

std::string gemini_path(std::string_view model) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out = model.find('/') == std::string_view::npos ? "models/" : "";
  for (char c : model) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~/@").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace assay
