// Texts written by the model, several at a time: continuous batching over the sequences of one context.
//
// Reproducible: the attention cache of each sequence is apart from the others', a prompt is read in decodes of its own, and
// a step always has a multiple of four rows (idle sequences fill it up), so that every row goes through the same kernels
// whatever else is being computed. tests/model/llama/determinism_test.cpp holds this to the last bit.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/llama/llama_context.h"
#include "model/llama/loaded_model.h"
#include "model/llama/prompt_builder.h"
#include "model/llama/sampler.h"

namespace assay {

/// Engine's thread only.
class GenerationBatch {
 public:
  static Result<std::unique_ptr<GenerationBatch>> create(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings,
                                                         const Clock& clock, DecodeInterrupt& interrupt);
  ~GenerationBatch();

  bool has_room() const;
  bool idle() const { return active_ == 0; }
  /// Reads the prompt and takes the first token; the job is answered when it fails or ends there. Needs has_room().
  void admit(std::shared_ptr<LlamaJob> job, const BuiltPrompt& prompt);
  /// One token for every generation in flight; those that end are answered.
  void step();
  /// Answers everything in flight with `error`.
  void abandon(const Error& error);
  int peak() const { return peak_; }

 private:
  struct Slot;
  GenerationBatch(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings, const Clock& clock,
                  DecodeInterrupt& interrupt, LlamaContextHandle context);
  void take_token(Slot& slot, std::span<const float> logits);
  void finish(Slot& slot, Finish finish);
  void fail_slot(Slot& slot, Error error);
  void release(Slot& slot);
  std::span<const float> logits_at(int index) const;

  std::shared_ptr<const LoadedModel> model_;
  const LlamaSettings settings_;
  const Clock& clock_;
  DecodeInterrupt& interrupt_;
  LlamaContextHandle context_;
  LlamaBatch prompt_batch_, step_batch_;
  std::vector<std::unique_ptr<Slot>> slots_;
  int active_ = 0, peak_ = 0;
};

}  // namespace assay
