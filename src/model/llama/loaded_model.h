// A GGUF file's weights and vocabulary in memory, shared by the engine's thread and by those who only tokenise.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "model/llama/gguf_file.h"
#include "model/llama/libllama.h"
#include "model/llama/llama_settings.h"

namespace assay {

struct LoadedModel {
  LlamaModelHandle handle;
  LlamaVocabulary vocabulary;
  llama_model* get() const { return handle.get(); }
};

/// Loads once, when first asked for: a run whose answers are all in the journal never pays for it. Thread-safe.
class ModelLoader {
 public:
  explicit ModelLoader(LlamaSettings settings) : settings_(std::move(settings)) {}
  /// The model, or the first call's error again.
  Result<std::shared_ptr<const LoadedModel>> get();

 private:
  const LlamaSettings settings_;
  std::mutex mutex_;
  std::optional<Result<std::shared_ptr<const LoadedModel>>> loaded_;
};

}  // namespace assay
