// Google's dialect: generateContent with the key in x-goog-api-key. The safety filters are off; what is withheld nevertheless is
// an answer with finish content_filter. It has no min_p (left out, and named in deviations()) and no log-likelihoods
// (`unsupported`).
#pragma once

#include <memory>

#include "model/http/http_provider.h"
#include "model/model.h"

namespace assay {

inline constexpr std::string_view kGeminiBase = "https://generativelanguage.googleapis.com";

/// `options.base` with or without the API's version; /v1beta is added where it does not end in one. `extra` may have a member
/// "generationConfig", whose members are merged into ours; a positive thinkingConfig.thinkingBudget there is added to the tokens
/// of the answer.
std::unique_ptr<Model> make_gemini_model(HttpModelOptions options, Transport& transport, Clock& clock);

}  // namespace assay
