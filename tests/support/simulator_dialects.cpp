#include "support/simulator_dialects.h"

#include "support/simulator_hosted.h"

#include <cstdlib>

namespace assay::test {
namespace {

bool is_anthropic(std::string_view target) {
  return target.ends_with("/messages");
}
bool is_gemini(std::string_view target) {
  return target.ends_with(":generateContent");
}
bool is_llama_server(std::string_view target) {
  return target.ends_with("/completion");
}
void merge(json::object& into, const json::value& members) {
  if (const json::object* object = members.if_object())
    for (const auto& member : *object) into[member.key()] = member.value();
}

}  // namespace

bool is_simulated_generation(std::string_view target) {
  target = target.substr(0, target.find('?'));
  return target.ends_with("/chat/completions") || target.ends_with("/completions") || is_anthropic(target) || is_gemini(target) ||
         is_llama_server(target) || is_simulated_embedding(target) || is_simulated_hosted(target);
}

bool is_simulated_embedding(std::string_view target) {
  return target.ends_with("/embeddings");
}

std::string simulated_prompt(const json::value& body) {
  if (std::string prompt = simulated_hosted_prompt(body); !prompt.empty()) return prompt;
  if (auto prompt = get_string(body, "prompt")) return *prompt;
  if (const json::value* prompts = find(body, "prompt"); prompts && prompts->is_array() && !prompts->get_array().empty())
    if (const json::string* first = prompts->get_array().front().if_string()) return std::string(*first);
  if (const json::value* contents = find(body, "contents"); contents && contents->is_array()) {
    std::string text;
    const json::array& list = contents->get_array();
    for (auto it = list.rbegin(); it != list.rend() && text.empty(); ++it) {
      const json::value* parts = find(*it, "parts");
      if (get_string(*it, "role").value_or("user") != "user" || !parts || !parts->is_array()) continue;
      for (const json::value& part : parts->get_array()) text += get_string(part, "text").value_or("");
    }
    return text;
  }
  if (const json::value* input = find(body, "input"); input && input->is_array()) {
    std::string text;
    for (const json::value& one : input->get_array())
      if (const json::string* words = one.if_string()) text.append(text.empty() ? "" : "\n").append(words->data(), words->size());
    return text;
  }
  const json::value* messages = find(body, "messages");
  if (!messages || !messages->is_array()) return {};
  const json::array& list = messages->get_array();
  for (auto it = list.rbegin(); it != list.rend(); ++it)
    if (get_string(*it, "role") == "user") return get_string(*it, "content").value_or("");
  return {};
}

double simulated_tokens(const SimulatedRequest& request) {
  json::value body = request.json();
  double out = static_cast<double>(request.prompt.size()) / 4 + 1;
  for (std::string_view name : {"max_tokens", "max_completion_tokens", "n_predict"})
    if (const json::value* most = find(body, name)) return out + as_number(*most).value_or(0);
  if (const json::value* most = find_path(body, {"generationConfig", "maxOutputTokens"}))
    return out + as_number(*most).value_or(0);
  return out + 256;
}

std::string simulated_body(const SimulatedReply& reply, std::string_view target, std::size_t prompt_bytes) {
  auto in = static_cast<std::int64_t>(prompt_bytes / 4 + 1);
  auto out = static_cast<std::int64_t>(reply.text.size() / 4 + 1);
  target = target.substr(0, target.find('?'));
  if (is_simulated_hosted(target)) return simulated_hosted_body(reply, target, in, out);
  json::object body;
  if (is_anthropic(target)) {
    std::string stop = reply.finish == "length" ? "max_tokens" : reply.finish == "stop" ? "end_turn" : reply.finish;
    body = {{"id", "msg_sim"}, {"type", "message"}, {"role", "assistant"}, {"model", "sim"}};
    json::array& content = body["content"].emplace_array();
    if (!reply.reasoning.empty())
      content.push_back(json::object{{"type", "thinking"}, {"thinking", reply.reasoning}, {"signature", "s"}});
    if (!reply.text.empty()) content.push_back(json::object{{"type", "text"}, {"text", reply.text}});
    body["stop_reason"] = stop;
    body["usage"] = json::object{{"input_tokens", in}, {"output_tokens", out}};
    merge(body, reply.message);
    return write_json(body);
  }
  if (is_gemini(target)) {
    std::string finish = reply.finish == "stop"             ? "STOP"
                         : reply.finish == "length"         ? "MAX_TOKENS"
                         : reply.finish == "content_filter" ? "SAFETY"
                                                            : reply.finish;
    json::array parts;
    if (!reply.reasoning.empty()) parts.push_back(json::object{{"text", reply.reasoning}, {"thought", true}});
    if (!reply.text.empty()) parts.push_back(json::object{{"text", reply.text}});
    json::object content{{"role", "model"}};
    if (!parts.empty()) content["parts"] = std::move(parts);
    merge(content, reply.message);
    json::object candidate{{"content", std::move(content)}, {"finishReason", finish}, {"index", 0}};
    merge(candidate, reply.choice);
    body["candidates"].emplace_array().push_back(std::move(candidate));
    body["usageMetadata"] = json::object{{"promptTokenCount", in}, {"candidatesTokenCount", out}, {"totalTokenCount", in + out}};
    body["modelVersion"] = "sim";
    return write_json(body);
  }
  if (is_llama_server(target)) {
    std::string text = reply.reasoning.empty() ? reply.text : "<think>" + reply.reasoning + "</think>" + reply.text;
    std::string stop = reply.finish == "stop" ? "eos" : reply.finish == "length" ? "limit" : reply.finish;
    body = {{"index", 0},     {"content", text},         {"stop", true},
            {"model", "sim"}, {"tokens_predicted", out}, {"tokens_evaluated", in}};
    body["stop_type"] = stop;
    merge(body, reply.choice);
    return write_json(body);
  }
  bool chat = target.ends_with("/chat/completions");
  body = {{"id", "sim"}, {"object", chat ? "chat.completion" : "text_completion"}, {"model", "sim"}};
  json::object choice{{"index", 0}, {"finish_reason", reply.finish}};
  if (chat) {
    json::object message{{"role", "assistant"}, {"content", reply.text}};
    if (!reply.reasoning.empty()) message["reasoning_content"] = reply.reasoning;
    merge(message, reply.message);
    choice["message"] = std::move(message);
  } else {
    choice["text"] = reply.text;
  }
  merge(choice, reply.choice);
  body["choices"].emplace_array().push_back(std::move(choice));
  body["usage"] = json::object{{"prompt_tokens", in}, {"completion_tokens", out}, {"total_tokens", in + out}};
  return write_json(body);
}

std::string simulated_embeddings(const SimulatedReply& reply, const json::value& body) {
  const long wish = std::strtol(reply.text.c_str(), nullptr, 10);
  const std::size_t dimension = wish > 0 && wish <= 4096 ? static_cast<std::size_t>(wish) : 16;
  json::array data;
  std::int64_t tokens = 0;
  const json::value* input = find(body, "input");
  if (input && input->is_array())
    for (const json::value& one : input->get_array()) {
      std::vector<double> counts(dimension);
      std::uint64_t hash = 0;
      bool inside = false;
      auto end_of_word = [&] {
        if (inside) counts[hash % dimension] += 1, ++tokens;
        inside = false;
      };
      for (char c : one.is_string() ? std::string_view(one.get_string().data(), one.get_string().size()) : std::string_view()) {
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const bool letter = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || (low & 0x80);
        if (!letter) {
          end_of_word();
          continue;
        }
        if (!inside) hash = 0xCBF29CE484222325ull;
        inside = true;
        hash = (hash ^ static_cast<unsigned char>(low)) * 0x100000001B3ull;
      }
      end_of_word();
      json::array vector;
      for (double count : counts) vector.emplace_back(count + 0.0625);
      data.push_back(json::object{{"object", "embedding"}, {"index", data.size()}, {"embedding", std::move(vector)}});
    }
  return write_json(json::object{{"object", "list"}, {"model", "sim"}, {"data", std::move(data)}, {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}});
}

}  // namespace assay::test
