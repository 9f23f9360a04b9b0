// The outermost decorator: applies what the user's model spec overrides (temperature=0.7, system=..., ...) to each Generate request and
// remembers every departure from what the benchmark asked for. Below it is the journal, so an override changes the key.
#pragma once

#include <memory>

#include "model/model.h"
#include "model/model_spec.h"

namespace assay {

/// `inner` outlives the model. usage error when a value is not what its setting takes. A spec without overrides gives a model that
/// passes everything on.
///
/// deviations(): "temperature=0.7 instead of 0.01", once a setting, for the first request it changed; then those of `inner`.
/// `system` becomes the first message of chat requests (in place of the benchmark's own system message) and leaves raw prompts alone.
Result<std::unique_ptr<Model>> make_configured(Model& inner, const ModelSpec& spec);

}  // namespace assay
