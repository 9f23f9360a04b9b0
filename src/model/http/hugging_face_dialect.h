// Hugging Face: text generation by the inference API or a dedicated endpoint (text-generation-inference), which take raw prompts, and the
// chat endpoint beside it, which speaks OpenAI's dialect.
#pragma once

#include "model/http/hosted.h"

namespace assay {

inline constexpr std::string_view kHuggingFaceBase = "https://router.huggingface.co";

/// Messages go to /v1/chat/completions; raw prompts to /hf-inference/models/NAME, which serves few generative models since July 2025. Without a model's name
/// the address is a dedicated endpoint, and raw prompts go to its root.
HostedDialect hugging_face_dialect();

/// Sampling is switched on (`do_sample`) where the request has a temperature above 0; without, decoding is greedy, as in the original's API.
Result<HostedBody> hugging_face_body(const Generate& request, std::string_view model, const std::set<std::string>& refused);

/// [{"generated_text"}] or {"generated_text"}, with `details` or without; an answer in OpenAI's form.
Result<Response> hugging_face_response(const json::value& body);

}  // namespace assay
