// OpenAI's dialect: chat completions and completions, at any base URL (hosted services, llama-server, vLLM, Ollama, routers...).
//
// Parameters that a model refuses are left out: some are known by name (o1, o3, o4, gpt-5 and their kin think before they answer
// and refuse temperature and max_tokens), others are learned from a 400 that names the parameter, which is then asked once more
// without it. What was left out is in deviations(). Thinking (`reasoning_content`, `reasoning`, <think>) is kept apart from the
// answer.
//
// Log-likelihoods come from /completions with `echo`; a server that does not echo gives `unsupported`.
#pragma once

#include <memory>

#include "model/http/http_provider.h"
#include "model/model.h"

namespace assay {

enum class OpenAiApi {
  automatic,  // messages -> chat, a raw prompt -> completions; the official address: completions for its completion models alone
  chat,
  completions,  // messages are joined into one prompt
};

struct OpenAiOptions : HttpModelOptions {
  OpenAiApi api = OpenAiApi::automatic;
};

inline constexpr std::string_view kOpenAiBase = "https://api.openai.com/v1";

/// identify() asks GET {base}/models; an empty model name becomes the only one listed there.
std::unique_ptr<Model> make_openai_model(OpenAiOptions options, Transport& transport, Clock& clock);

}  // namespace assay
