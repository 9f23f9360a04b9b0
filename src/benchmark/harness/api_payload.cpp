#include "benchmark/harness/api_payload.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <limits>
#include <span>

#include "base/text.h"

namespace assay::harness {
namespace {

constexpr std::size_t kMostChatStops = 4;  // what OpenAI's API takes

/// Models that think: they take neither stops nor a temperature.
bool reasons(std::string_view model) {
  return contains(model, "o1") || contains(model, "o3") || contains(model, "o4") || contains(model, "5");
}

json::value take(json::object& kwargs, std::string_view key, json::value otherwise) {
  json::value* found = kwargs.if_contains(key);
  if (!found) return otherwise;
  json::value out = std::move(*found);
  kwargs.erase(key);
  return out;
}

/// What is not taken travels on as it is: with both of them given, max_gen_toks does.
json::value take_length(json::object& kwargs, ApiClass api) {
  if (api != ApiClass::anthropic && kwargs.contains("max_tokens")) return take(kwargs, "max_tokens", nullptr);
  return take(kwargs, "max_gen_toks", 256);
}

json::array take_stops(json::object& kwargs, ApiClass api, const std::optional<std::string>& eos) {
  json::value otherwise;  // of a task that says nothing
  if (auto own = default_eos(api)) otherwise = json::string(*own);
  json::value until = take(kwargs, "until", std::move(otherwise));
  json::array out;
  if (until.is_array()) out = std::move(until.get_array());
  else if (until.is_string()) out.push_back(std::move(until));
  if (eos && std::find(out.begin(), out.end(), json::value(json::string(*eos))) == out.end())
    out.emplace_back(json::string(*eos));
  return out;
}

std::vector<const json::value*> choices_by_index(const json::value& response) {
  std::vector<const json::value*> out;
  const json::value* choices = find(response, "choices");
  if (!choices || !choices->is_array()) return out;
  for (const json::value& choice : choices->get_array()) out.push_back(&choice);
  std::stable_sort(out.begin(), out.end(), [](const json::value* a, const json::value* b) {
    return get_integer(*a, "index").value_or(0) < get_integer(*b, "index").value_or(0);
  });
  return out;
}

void add_rest(json::object& payload, const json::object& kwargs) {
  for (const auto& member : kwargs) payload[member.key()] = member.value();
}

}  // namespace

std::optional<ApiClass> api_class(std::string_view model) {
  if (model == "local-completions" || model == "openai-completions") return ApiClass::completions;
  if (model == "local-chat-completions") return ApiClass::local_chat;
  if (model == "openai-chat-completions") return ApiClass::openai_chat;
  if (model == "anthropic-chat" || model == "anthropic-chat-completions") return ApiClass::anthropic;
  return std::nullopt;
}

std::optional<std::string> default_eos(ApiClass api) {
  if (api == ApiClass::openai_chat) return "<|endoftext|>";
  if (api == ApiClass::anthropic) return "\n\nHuman:";
  return std::nullopt;
}

json::object echo_payload(const std::string& model, json::value prompt, std::int64_t seed) {
  return {{"model", model}, {"prompt", std::move(prompt)}, {"temperature", 0}, {"max_tokens", 1}, {"logprobs", 1}, {"seed", seed},
          {"echo", true}};
}

json::object generation_payload(ApiClass api, const std::string& model, const std::string& prompt,
                                const std::vector<Message>& messages, const json::object& gen_kwargs, std::int64_t seed,
                                const std::optional<std::string>& eos) {
  json::object kwargs = gen_kwargs;
  kwargs.erase("do_sample");
  const json::value length = take_length(kwargs, api);
  const json::value temperature = take(kwargs, "temperature", 0);
  json::object out;
  if (api == ApiClass::completions) {
    out = {{"prompt", prompt},
           {"model", model},
           {"max_tokens", length},
           {"temperature", temperature},
           {"stop", take_stops(kwargs, api, eos)},
           {"seed", seed}};
    add_rest(out, kwargs);
    return out;
  }
  json::array dialogue;
  if (api == ApiClass::anthropic) {
    const bool led = !messages.empty() && messages[0].role == "system" && !messages[0].content.empty();
    for (const Message& message : std::span(messages).subspan(led ? 1 : 0)) {
      json::array content;
      content.push_back(json::object{{"type", "text"}, {"text", message.content}});
      dialogue.push_back(json::object{{"role", message.role}, {"content", std::move(content)}});
    }
    json::array stops = take_stops(kwargs, api, eos), kept;
    for (json::value& stop : stops)  // the API refuses stops of white space alone
      if (stop.is_string() && !strip(std::string_view(stop.get_string())).empty()) kept.push_back(std::move(stop));
    if (kept.empty()) kept.emplace_back(json::string(eos && !eos->empty() ? *eos : *default_eos(api)));
    out = {{"messages", std::move(dialogue)},
           {"model", model},
           {"max_tokens", length},
           {"temperature", temperature},
           {"stop_sequences", std::move(kept)}};
    add_rest(out, kwargs);
    if (led) out["system"] = messages[0].content;
    return out;
  }
  for (const Message& message : messages) dialogue.push_back(json::object{{"role", message.role}, {"content", message.content}});
  const bool official = api == ApiClass::openai_chat;
  json::array stops = take_stops(kwargs, api, eos);
  if (stops.size() > kMostChatStops) stops.resize(kMostChatStops);
  out = {{"messages", std::move(dialogue)}, {"model", model}};
  out[official ? "max_completion_tokens" : "max_tokens"] = length;
  if (official && reasons(model)) {
    out["temperature"] = 1;
    kwargs.erase("stop");
  } else {
    out["temperature"] = temperature;
    out["stop"] = std::move(stops);
  }
  out["seed"] = seed;
  add_rest(out, kwargs);
  return out;
}

Result<std::vector<std::pair<double, bool>>> read_echo(const json::value& response,
                                                       const std::vector<std::int64_t>& context_lengths) {
  const std::vector<const json::value*> choices = choices_by_index(response);
  if (choices.size() != context_lengths.size())
    return fail(ErrorKind::bad_response, "the answer has " + std::to_string(choices.size()) + " choices for " +
                                             std::to_string(context_lengths.size()) + " requests");
  std::vector<std::pair<double, bool>> out;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const json::value* values = find_path(*choices[i], {"logprobs", "token_logprobs"});
    const json::value* tops = find_path(*choices[i], {"logprobs", "top_logprobs"});
    if (!values || !values->is_array() || !tops || !tops->is_array() || values->get_array().size() != tops->get_array().size() ||
        values->get_array().empty())
      return fail(ErrorKind::bad_response, "choice " + std::to_string(i) + " has no log-probabilities of the prompt");
    if (context_lengths[i] <= 0)
      return fail(ErrorKind::bad_request, "the context of request " + std::to_string(i) + " is empty, or was cut away");
    double sum = 0;
    bool greedy = true;
    for (auto k = static_cast<std::size_t>(context_lengths[i]); k + 1 < values->get_array().size(); ++k) {
      auto value = as_number(values->get_array()[k]);
      const json::value& top = tops->get_array()[k];
      if (!value || !top.is_object())
        return fail(ErrorKind::bad_response,
                    "token " + std::to_string(k) + " of choice " + std::to_string(i) + " has no log-probability");
      sum += *value;
      double best = -std::numeric_limits<double>::infinity();
      for (const auto& member : top.get_object()) best = std::max(best, as_number(member.value()).value_or(best));
      greedy = greedy && *value == best;
    }
    out.emplace_back(sum, greedy);
  }
  return out;
}

CutRequest cut_request(const std::vector<std::int64_t>& context, const std::vector<std::int64_t>& continuation,
                       std::int64_t max_length) {
  CutRequest out;
  out.input = context;
  out.input.insert(out.input.end(), continuation.begin(), continuation.end());
  const std::int64_t most = std::max<std::int64_t>(0, max_length - 1);
  const std::int64_t cut = std::max<std::int64_t>(0, static_cast<std::int64_t>(out.input.size()) - most);
  out.input.erase(out.input.begin(), out.input.begin() + cut);
  out.context_length = static_cast<std::int64_t>(context.size()) - cut;
  return out;
}

json::array read_generations(ApiClass api, const json::value& response, const std::optional<std::string>& think_end) {
  json::array out;
  if (api == ApiClass::anthropic) {
    const json::value* content = find(response, "content");
    if (content && content->is_array())
      for (const json::value& part : content->get_array()) out.emplace_back(json::string(get_string(part, "text").value_or("")));
    return out;
  }
  // Each at the place of its index. A chat's answer of another shape (a content filter's) is an empty text, whatever else is in it.
  const json::value* choices = find(response, "choices");
  bool fits = choices && choices->is_array();
  if (fits) out.resize(choices->get_array().size());
  const auto n = static_cast<std::int64_t>(out.size());
  for (std::size_t k = 0; fits && k < out.size(); ++k) {
    const json::value& choice = choices->get_array()[k];
    const json::value* text = api == ApiClass::completions ? find(choice, "text") : find_path(choice, {"message", "content"});
    auto index = get_integer(choice, "index");
    fits = text && index && *index < n && *index >= -n;
    if (!fits) break;
    json::value one = *text;
    if (think_end && !think_end->empty() && one.is_string()) {
      std::string_view rest = one.get_string();
      if (const std::size_t at = rest.rfind(*think_end); at != std::string_view::npos) rest.remove_prefix(at + think_end->size());
      one = json::string(std::string(lstrip(rest)));
    }
    out[static_cast<std::size_t>(*index < 0 ? *index + n : *index)] = std::move(one);
  }
  if (!fits) out = json::array{""};
  return out;
}

}  // namespace assay::harness
