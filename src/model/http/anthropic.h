// Anthropic's messages dialect: the system text apart from the messages, thinking blocks apart from the answer, 529 when
// overloaded. It has no seed, min_p or log-probabilities: a seed or min_p is left out and named in deviations(),
// log-probabilities are `unsupported`.
#pragma once

#include <memory>

#include "model/http/http_provider.h"
#include "model/model.h"

namespace assay {

inline constexpr std::string_view kAnthropicBase = "https://api.anthropic.com";

/// `options.base` with or without a final /v1. max_tokens is a must in this dialect: where a request has none, 4096 is sent.
std::unique_ptr<Model> make_anthropic_model(HttpModelOptions options, Transport& transport, Clock& clock);

}  // namespace assay
