#include "model/http/anthropic_dialect.h"

#include "base/text.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

constexpr int kDefaultMaxTokens = 4096;

std::string text_of(const json::value* value) {
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// OpenAI's {"type":"function","function":{name, description, parameters}} -> {name, description, input_schema}.
json::value convert_tools(const json::value& tools) {
  json::array out;
  if (const json::array* list = tools.if_array())
    for (const json::value& tool : *list) {
      const json::value* function = find(tool, "function");
      if (!function) {
        out.push_back(tool);  // already in the other form
        continue;
      }
      json::object& one = out.emplace_back(json::object()).get_object();
      one["name"] = text_of(find(*function, "name"));
      if (std::string description = text_of(find(*function, "description")); !description.empty())
        one["description"] = description;
      const json::value* schema = find(*function, "parameters");
      one["input_schema"] = schema ? *schema : json::value(json::object{{"type", "object"}});
    }
  return out;
}

json::value convert_tool_choice(const json::value& choice) {
  if (choice.is_string()) {
    std::string_view word = choice.get_string();
    return json::object{{"type", word == "required" ? "any" : word}};
  }
  if (const json::value* name = find_path(choice, {"function", "name"})) return json::object{{"type", "tool"}, {"name", *name}};
  return choice;
}

Finish finish_of(std::string_view reason) {
  if (reason == "end_turn" || reason == "stop_sequence") return Finish::stop;
  if (reason == "max_tokens" || reason == "model_context_window_exceeded") return Finish::length;
  if (reason == "tool_use") return Finish::tool_calls;
  if (reason == "refusal") return Finish::content_filter;
  return Finish::unknown;
}

void append_paragraph(std::string& to, std::string_view text) {
  if (text.empty()) return;
  if (!to.empty()) to += "\n\n";
  to += text;
}

}  // namespace

Result<AnthropicBody> anthropic_body(const Generate& request, std::string_view model, const std::set<std::string>& refused) {
  if (request.sampling.top_logprobs) return fail(ErrorKind::unsupported, "Anthropic's API gives no log-probabilities");
  if (!request.response_format.is_null()) return fail(ErrorKind::unsupported, "Anthropic's API has no response_format");
  AnthropicBody out;
  auto set = [&](std::string_view name, json::value value) {
    if (refused.contains(std::string(name))) {
      out.left_out.emplace_back(name);
      return;
    }
    out.json[name] = std::move(value);
    out.sent.emplace(name);
  };
  const Sampling& sampling = request.sampling;
  out.json["model"] = model;
  out.json["max_tokens"] = sampling.max_tokens.value_or(kDefaultMaxTokens);
  if (sampling.temperature && !(*sampling.temperature == 1 && refused.contains("temperature")))
    set("temperature", *sampling.temperature);
  if (sampling.top_p) set("top_p", *sampling.top_p);
  if (sampling.top_k) set("top_k", *sampling.top_k);
  if (sampling.seed) out.left_out.emplace_back("seed");
  if (sampling.min_p) out.left_out.emplace_back("min_p");
  std::string system;
  json::array messages;
  for (const Message& message : request.messages) {
    if (message.role == "system") {
      append_paragraph(system, message.content);
    } else {
      messages.push_back(
          json::object{{"role", message.role == "assistant" ? "assistant" : "user"}, {"content", message.content}});
    }
  }
  if (request.messages.empty()) messages.push_back(json::object{{"role", "user"}, {"content", request.prompt}});
  if (messages.empty()) return fail(ErrorKind::unsupported, "a request needs a message besides the system text");
  out.json["system"] = system;
  out.json["messages"] = std::move(messages);
  out.json["stream"] = false;
  json::array stops;
  for (const std::string& stop : sampling.stop) {
    if (!strip(stop).empty()) {
      stops.emplace_back(stop);
    } else if (std::find(out.left_out.begin(), out.left_out.end(), "stop (white space)") == out.left_out.end()) {
      out.left_out.emplace_back("stop (white space)");  // the API refuses such stop sequences
    }
  }
  if (!stops.empty()) out.json["stop_sequences"] = std::move(stops);
  if (!request.tools.is_null()) out.json["tools"] = convert_tools(request.tools);
  if (!request.tool_choice.is_null()) out.json["tool_choice"] = convert_tool_choice(request.tool_choice);
  return out;
}

Result<Response> anthropic_response(const json::value& body) {
  const json::value* content = find(body, "content");
  if (!content || !content->is_array()) return fail(ErrorKind::bad_response, "the answer has no \"content\"");
  Response out;
  json::array calls;
  for (const json::value& block : content->get_array()) {
    std::string type = text_of(find(block, "type"));
    if (type == "text") {
      out.text += text_of(find(block, "text"));
    } else if (type == "thinking") {
      append_paragraph(out.reasoning, text_of(find(block, "thinking")));
    } else if (type == "tool_use") {
      const json::value* input = find(block, "input");
      calls.push_back(json::object{
          {"id", text_of(find(block, "id"))},
          {"type", "function"},
          {"function", json::object{{"name", text_of(find(block, "name"))}, {"arguments", input ? write_json(*input) : "{}"}}}});
    }
  }
  take_thinking_apart(out);  // servers of other models speak this dialect, too
  if (!calls.empty()) out.tool_calls = std::move(calls);
  out.finish_raw = text_of(find(body, "stop_reason"));
  out.finish = finish_of(out.finish_raw);
  out.model_reported = text_of(find(body, "model"));
  if (const json::value* usage = find(body, "usage")) {
    out.usage.output_tokens = token_count(*usage, "output_tokens");
    out.usage.cached_tokens = token_count(*usage, "cache_read_input_tokens");
    // Their input_tokens leave the cached ones out; ours are all that were read.
    if (auto fresh = token_count(*usage, "input_tokens"))
      out.usage.input_tokens =
          *fresh + out.usage.cached_tokens.value_or(0) + token_count(*usage, "cache_creation_input_tokens").value_or(0);
  }
  return out;
}

}  // namespace assay
