#include "support/simulator_hosted.h"

#include "base/text.h"

namespace assay::test {
namespace {

bool is_text_generation(std::string_view path) {
  return path == "/" || (contains(path, "/models/") && !path.ends_with("/predictions") && !path.ends_with("/completions") &&
                          !contains(path, ":generateContent"));
}

bool is_reka(std::string_view path) { return path.ends_with("/chat") && !path.ends_with("/v2/chat"); }

bool completes_text(std::string_view path) {
  return contains(path, "anthropic.claude-v") || contains(path, "anthropic.claude-instant");
}

std::string text_with_thoughts(const SimulatedReply& reply) {
  return reply.reasoning.empty() ? reply.text : "<think>" + reply.reasoning + "</think>" + reply.text;
}

void merge(json::object& into, const json::value& members) {
  if (const json::object* object = members.if_object())
    for (const auto& member : *object) into[member.key()] = member.value();
}

std::string finish_word(const SimulatedReply& reply, std::string_view stop, std::string_view length, std::string_view filter) {
  return std::string(reply.finish == "stop" ? stop : reply.finish == "length" ? length : reply.finish == "content_filter" ? filter : reply.finish);
}

}  // namespace

bool is_simulated_hosted(std::string_view path) {
  return path.ends_with("/invoke") || path.ends_with("/converse") || path.ends_with("/v1/generate") || path.ends_with("/v2/chat") ||
         path.ends_with("/predictions") || is_reka(path) || is_text_generation(path);
}

std::string simulated_hosted_prompt(const json::value& body) {
  if (auto inputs = get_string(body, "inputs")) return *inputs;
  if (const json::value* prompt = find_path(body, {"input", "prompt"}); prompt && prompt->is_string()) return std::string(prompt->get_string());
  if (const json::value* turns = find(body, "conversation_history"); turns && turns->is_array() && !turns->get_array().empty())
    return get_string(turns->get_array().back(), "text").value_or("");
  const json::value* messages = find(body, "messages");
  if (!messages || !messages->is_array()) return {};
  const json::array& list = messages->get_array();
  for (auto it = list.rbegin(); it != list.rend(); ++it) {
    const json::value* content = find(*it, "content");
    if (get_string(*it, "role") != "user" || !content || !content->is_array()) continue;
    std::string text;
    for (const json::value& part : content->get_array()) text += get_string(part, "text").value_or("");
    return text;
  }
  return {};
}

std::string simulated_hosted_body(const SimulatedReply& reply, std::string_view path, std::int64_t in, std::int64_t out) {
  json::object body;
  if (path.ends_with("/converse")) {
    json::array content;
    if (!reply.reasoning.empty())
      content.push_back(json::object{{"reasoningContent", json::object{{"reasoningText", json::object{{"text", reply.reasoning}}}}}});
    content.push_back(json::object{{"text", reply.text}});
    json::object message{{"role", "assistant"}, {"content", std::move(content)}};
    merge(message, reply.message);
    body["output"] = json::object{{"message", std::move(message)}};
    body["stopReason"] = finish_word(reply, "end_turn", "max_tokens", "content_filtered");
    body["usage"] = json::object{{"inputTokens", in}, {"outputTokens", out}, {"totalTokens", in + out}};
  } else if (path.ends_with("/invoke") && contains(path, "meta.llama")) {
    body = {{"generation", reply.text}, {"prompt_token_count", in}, {"generation_token_count", out}};
    body["stop_reason"] = finish_word(reply, "stop", "length", "content_filtered");
  } else if (path.ends_with("/invoke") && completes_text(path)) {
    body = {{"type", "completion"}, {"completion", reply.text}};
    body["stop_reason"] = finish_word(reply, "stop_sequence", "max_tokens", "refusal");
  } else if (path.ends_with("/invoke")) {
    json::array content;
    if (!reply.reasoning.empty()) content.push_back(json::object{{"type", "thinking"}, {"thinking", reply.reasoning}});
    content.push_back(json::object{{"type", "text"}, {"text", reply.text}});
    body = {{"type", "message"}, {"role", "assistant"}, {"model", "sim"}, {"content", std::move(content)}};
    body["stop_reason"] = finish_word(reply, "end_turn", "max_tokens", "refusal");
    body["usage"] = json::object{{"input_tokens", in}, {"output_tokens", out}};
  } else if (path.ends_with("/v1/generate")) {
    json::object generation{{"id", "g"}, {"text", reply.text}};
    generation["finish_reason"] = finish_word(reply, "COMPLETE", "MAX_TOKENS", "ERROR_TOXIC");
    json::array likelihoods;
    for (std::int64_t i = 0; i < in + out; ++i) likelihoods.push_back(json::object{{"token", "t"}, {"likelihood", -0.5}});
    generation["token_likelihoods"] = std::move(likelihoods);
    merge(generation, reply.choice);
    body["generations"].emplace_array().emplace_back(std::move(generation));
    body["meta"] = json::object{{"billed_units", json::object{{"input_tokens", in}, {"output_tokens", out}}}};
  } else if (path.ends_with("/v2/chat")) {
    json::array content;
    if (!reply.reasoning.empty()) content.push_back(json::object{{"type", "thinking"}, {"thinking", reply.reasoning}});
    content.push_back(json::object{{"type", "text"}, {"text", reply.text}});
    json::object message{{"role", "assistant"}, {"content", std::move(content)}};
    merge(message, reply.message);
    body = {{"id", "sim"}, {"message", std::move(message)}};
    body["finish_reason"] = finish_word(reply, "COMPLETE", "MAX_TOKENS", "ERROR_TOXIC");
    body["usage"] = json::object{{"tokens", json::object{{"input_tokens", in}, {"output_tokens", out}}}};
  } else if (is_reka(path)) {
    body = {{"type", "model"}, {"text", text_with_thoughts(reply)}};
    body["finish_reason"] = reply.finish;
    body["metadata"] = json::object{{"input_tokens", in}, {"generated_tokens", out}};
  } else if (path.ends_with("/predictions")) {
    body = {{"id", "p1"}, {"status", "succeeded"}, {"error", nullptr}};
    body["output"].emplace_array().emplace_back(text_with_thoughts(reply));
    body["metrics"] = json::object{{"input_token_count", in}, {"output_token_count", out}};
  } else {
    json::object answer{{"generated_text", reply.text}};
    json::object details{{"generated_tokens", out}};
    details["finish_reason"] = finish_word(reply, "eos_token", "length", "content_filter");
    answer["details"] = std::move(details);
    json::array list;
    list.emplace_back(std::move(answer));
    return write_json(list);
  }
  if (!path.ends_with("/v1/generate") && !path.ends_with("/predictions")) merge(body, reply.choice);
  return write_json(body);
}

}  // namespace assay::test
