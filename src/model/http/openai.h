// OpenAI's dialect: chat completions and completions, at any base URL (hosted services, llama-server, vLLM, Ollama, routers...).
//
// Parameters that a model refuses are left out: some are known by name (o1, o3, o4, gpt-5 and their kin think before they answer
// and refuse temperature and max_tokens), others are learned from a 400 that names the parameter, which is then asked once more
// without it. What was left out is in deviations(). Thinking (`reasoning_content`, `reasoning`, <think>) is kept apart from the
// answer.
//
// The same dialect serves Mistral's API, Azure's deployments of OpenAI's models, and text-generation-webui ("ooba"), which renders an
// instruction template that is named in the request.
//
// Log-likelihoods come from /completions with `echo`; a server that does not echo gives `unsupported`. Before the first one the server
// is asked for texts whose log-probabilities must stand in a known order (echo_logprobs.h): chance is refused, and so is a doubled BOS.
#pragma once

#include <memory>

#include "model/http/http_provider.h"
#include "model/model.h"

namespace assay {

enum class OpenAiApi {
  automatic,  // messages -> chat, a raw prompt -> completions; the official address: completions for its completion models alone
  chat,
  completions,  // messages are joined into one prompt
  instruct,     // messages -> text-generation-webui's instruct mode, a raw prompt -> completions
};

struct OpenAiOptions : HttpModelOptions {
  OpenAiApi api = OpenAiApi::automatic;
  std::string backend = "openai";    // "openai", "azure", "mistral" or "ooba": part of the identity
  std::string api_version;           // of "azure", where `model` names a deployment; "" = kAzureApiVersion. Not in the identity
  json::object always;               // members of every body that belong to the back end, under `extra`; not in the identity
  bool echo_check = true;            // false: log-likelihoods are taken as they come
  std::optional<bool> bos;           // what echoed texts must begin with; by itself either is taken. Looked at by the check
  std::string instruction_template;  // OpenAiApi::instruct: the name that the server looks up; "" = its own choice. In the identity
};

inline constexpr std::string_view kOpenAiBase = "https://api.openai.com/v1";
inline constexpr std::string_view kMistralBase = "https://api.mistral.ai/v1";
inline constexpr std::string_view kAzureApiVersion = "2024-10-21";  // the last general one before versions became optional

/// An empty base is OpenAI's, or Mistral's for that back end. identify() asks GET {base}/models; an empty model name becomes the
/// only one listed there. OpenAiApi::instruct: the base ends in /v1 (added where it does not), identify() asks
/// GET {base}/internal/model/info, no request names a model, and min_p is 0.1 where a request leaves it open. Azure: the base is the
/// resource's endpoint, there is no default; requests go to {base}/openai/deployments/{model}/..., and nothing is asked before the first one.
std::unique_ptr<Model> make_openai_model(OpenAiOptions options, Transport& transport, Clock& clock);

}  // namespace assay
