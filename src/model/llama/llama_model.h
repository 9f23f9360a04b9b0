// `gguf:FILE`: a model that runs inside this program, through libllama.
#pragma once

#include <memory>

#include "base/clock.h"
#include "model/llama/llama_settings.h"
#include "model/model.h"

namespace assay {

/// Reads and checks the file's head (errors: not_found, data, usage); weights are loaded when the first answer, or a rendering,
/// is wanted. `clock` must outlive the model and is read on the engine's thread, too. Cancelling a coroutine that awaits an answer
/// ends its computation, and so does the query's deadline (`timeout`); destroying the model ends all of them with `cancelled`.
///
/// A generation that sets no seed draws from one derived from its journal key, so a re-run of the same run repeats it.
Result<std::unique_ptr<Model>> make_llama_model(const LlamaSettings& settings, const Clock& clock);

}  // namespace assay
