// Request bodies and answers of OpenAI's dialect, as pure functions.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/http/provider_error.h"
#include "model/request.h"

namespace assay {

/// What a model does not take. Grows while a run learns.
struct ParameterQuirks {
  std::set<std::string> refused;       // by OpenAI's names: "temperature"
  bool max_completion_tokens = false;  // instead of max_tokens

  /// Takes a lesson from a 400: true when it names one of `sent`, the parameters of the request that was refused, as unsupported: it is
  /// worth a try without. So it is when another request has taught the same meanwhile; whoever asks again bounds how often.
  bool learn(const ErrorBody& error, const std::set<std::string>& sent);
};

/// What is known by the model's name alone ("o3-mini", "openai/gpt-5").
ParameterQuirks quirks_by_name(std::string_view model);

/// Served by /completions at OpenAI's own address; every other model by chat.
bool is_completion_model(std::string_view model);

struct OpenAiBody {
  json::object json;
  std::set<std::string> sent;         // the parameters in it that could be left out
  std::vector<std::string> left_out;  // asked for, not sent because the model refuses them
};
/// `json` lives in `memory`.
OpenAiBody openai_chat_body(const Generate& request, std::string_view model, const ParameterQuirks& quirks, json::storage_ptr memory = {});
/// openai_chat_body() as text, byte for byte, without the values in between: it is made for every request of a run.
struct OpenAiText {
  std::string json;
  std::set<std::string> sent;
  std::vector<std::string> left_out;
};
OpenAiText openai_chat_text(const Generate& request, std::string_view model, const ParameterQuirks& quirks);
OpenAiBody openai_completion_body(const Generate& request, std::string_view model, const ParameterQuirks& quirks);
/// Scores the texts that follow: `prompts` come back with the log-probability of each of their tokens.
json::object openai_echo_body(const std::vector<std::string>& prompts, std::string_view model);

/// Errors: bad_response (no choices, wrong shapes), server (a choice that says "error").
Result<Response> openai_chat_response(const json::value& body);
Result<Response> openai_completion_response(const json::value& body);
/// One a prompt of the group, in order. Errors: unsupported (nothing echoed), bad_response.
Result<std::vector<Loglikelihood>> openai_echo_response(const json::value& body, const LoglikelihoodGroup& group);

Finish openai_finish(std::string_view reason);
Usage openai_usage(const json::value& body);

}  // namespace assay
