// Makes a libllama context with the model's settings, and feeds it tokens; every limit is checked before the library sees it.
#pragma once

#include "model/llama/libllama.h"
#include "model/llama/llama_job.h"
#include "model/llama/llama_settings.h"

namespace assay {

/// `sequences` of up to settings.n_ctx tokens each when not unified; one pool of settings.n_ctx tokens for all of them when
/// unified. `interrupt` must outlive the context.
Result<LlamaContextHandle> make_llama_context(llama_model* model, const LlamaSettings& settings, int sequences, bool unified,
                                              DecodeInterrupt& interrupt);

/// llama_decode with its answers as errors: cancelled, or internal.
Result<void> decode(llama_context* context, const LlamaBatch& batch);

/// Feeds `tokens` to `sequence` from position `from`, in decodes of `batch.capacity()` tokens counted from there. With
/// `last_logits` the last token's logits can be read afterwards at index -1.
Result<void> feed(llama_context* context, LlamaBatch& batch, const Tokens& tokens, int from, llama_seq_id sequence,
                  bool last_logits);

}  // namespace assay
