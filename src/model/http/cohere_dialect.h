// Cohere's dialect: messages by v2/chat; raw prompts by v1/generate, the older one, which is what AlpacaEval's program asks.
#pragma once

#include "model/http/hosted.h"

namespace assay {

inline constexpr std::string_view kCohereBase = "https://api.cohere.com";

HostedDialect cohere_dialect();

Result<HostedBody> cohere_body(const Generate& request, std::string_view model, const std::set<std::string>& refused);

/// Of either. v1/generate: an empty text is a bad_response, as it is for AlpacaEval's program, which asks again. Log-probabilities are the
/// answer's `token_likelihoods`, those of the prompt included where they were asked for.
Result<Response> cohere_response(const json::value& body);

}  // namespace assay
