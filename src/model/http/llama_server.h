// llama-server asked in its own dialect: a text that we render goes on (POST /completion). That is how a prompt written by an
// instruction template, or by no template at all, reaches such a server exactly.
#pragma once

#include <memory>
#include <optional>

#include "model/http/http_provider.h"
#include "model/model.h"
#include "prompt/prompt_template.h"

namespace assay {

struct LlamaServerOptions : HttpModelOptions {
  /// Renders messages. Without it a message is sent as it is; several are joined by a blank line, which is a deviation.
  std::optional<PromptTemplate> prompt_template;
};

/// `options.base` with or without a final /v1. identify() asks GET /v1/models and /props; an empty name becomes the server's own.
/// Log-likelihoods are `unsupported`: the server evaluates no given continuation.
std::unique_ptr<Model> make_llama_server_model(LlamaServerOptions options, Transport& transport, Clock& clock);

}  // namespace assay
