#include "benchmark/alpaca_eval/judge_completion.h"

#include <cmath>

#include "base/text.h"

namespace assay::alpaca_eval {
namespace {

/// The first choice of a body in OpenAI's form; null for all else.
const json::object* choice_of(const json::value& body) {
  const json::value* choices = find(body, "choices");
  const json::array* list = choices ? choices->if_array() : nullptr;
  return list && !list->empty() ? list->front().if_object() : nullptr;
}

json::array logprob_content(const std::vector<TokenLogprob>& tokens) {
  json::array out;
  for (const TokenLogprob& token : tokens) {
    json::array top;
    for (const auto& [text, logprob] : token.top) top.push_back(json::object{{"token", text}, {"logprob", logprob}});
    out.push_back(json::object{{"token", token.token}, {"logprob", token.logprob}, {"top_logprobs", std::move(top)}});
  }
  return out;
}

}  // namespace

std::string completion_text(const Response& response) {
  if (const json::array* calls = response.tool_calls.if_array(); calls && !calls->empty())
    if (const json::value* arguments = find_path(calls->front(), {"function", "arguments"}))
      return arguments->is_string() ? std::string(arguments->get_string()) : write_json(*arguments, JsonStyle::python);
  // A name may also be written with escapes; few bodies have either.
  if (contains(response.raw, "function_call") || contains(response.raw, "\\u"))
    if (auto body = parse_json(response.raw))
      if (const json::object* choice = choice_of(*body))
        if (const json::value* arguments = find_path(*choice, {"message", "function_call", "arguments"}); arguments && arguments->is_string())
          return std::string(arguments->get_string());
  return response.text.empty() ? " " : response.text;
}

json::object completion_choice(const Response& response) {
  json::object out;
  std::optional<std::int64_t> tokens;
  if (!response.raw.empty())
    if (auto body = parse_json(response.raw))
      if (const json::object* choice = choice_of(*body)) {
        out = *choice;
        if (const json::value* usage = find(*body, "usage")) tokens = get_integer(*usage, "total_tokens");
      }
  if (out.empty()) {
    out["finish_reason"] = response.finish_raw.empty() ? std::string(name(response.finish)) : response.finish_raw;
    out["message"] = {{"role", "assistant"}, {"content", response.text}};
  }
  // A completion endpoint's own layout of log probabilities is not what the parser reads: they are then written as a chat endpoint has them.
  const json::value* logprobs = out.if_contains("logprobs");
  if (!response.logprobs.empty() && !(logprobs && find(*logprobs, "content"))) out["logprobs"] = {{"content", logprob_content(response.logprobs)}};
  out["text"] = completion_text(response);
  if (!tokens && response.usage.input_tokens && response.usage.output_tokens) tokens = *response.usage.input_tokens + *response.usage.output_tokens;
  out["total_tokens"] = tokens ? json::value(static_cast<double>(*tokens)) : json::value(nullptr);  // a quotient in the original: 390.0
  return out;
}

std::vector<std::optional<double>> read_labels(const AnnotatorConfig& annotator, const json::value& completion, std::string& why) {
  std::vector<std::optional<double>> out(annotator.batch_size);
  auto labels = annotator.parser.parse(python_value(completion));
  if (!labels) {
    why = labels.error().message;
    return out;
  }
  if (labels->size() != annotator.batch_size) {
    why = "the completion has " + std::to_string(labels->size()) + " labels for " + std::to_string(annotator.batch_size) +
          (annotator.batch_size == 1 ? " example" : " examples");
    return out;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = preference_of((*labels)[i]);
    if (!out[i]) why = "the completion holds no preference between 1 and 2";
  }
  return out;
}

}  // namespace assay::alpaca_eval
