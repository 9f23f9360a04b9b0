// Texts as vectors with a GGUF model: libllama pools the vectors of a text's tokens into one (mean, first or last token).
// A text is computed alone, so its vector depends on nothing beside it.
#pragma once

#include <memory>

#include "model/embedding.h"
#include "model/llama/llama_context.h"
#include "model/llama/loaded_model.h"

namespace assay {

/// Engine's thread only.
class TextEmbedder {
 public:
  /// A context of its own, of at most settings.n_ctx and kMostTokens tokens. Errors: unsupported (no context, or a model that ranks).
  static Result<std::unique_ptr<TextEmbedder>> create(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings, DecodeInterrupt& interrupt);

  /// Answers an embedding request. A text that is longer than the context is cut at its end; the answer's `finish` is then `length`.
  Result<Response> embed(const Generate& request);

  static constexpr int kMostTokens = 2048;  // attention without flash needs their square

 private:
  TextEmbedder(std::shared_ptr<const LoadedModel> model, LlamaSettings settings, LlamaContextHandle context, int tokens);
  Result<Vector> embed_text(std::string_view text, Response& out);

  std::shared_ptr<const LoadedModel> model_;
  const LlamaSettings settings_;
  LlamaContextHandle context_;
  const int limit_;
  LlamaBatch batch_;
};

}  // namespace assay
