// `launch:RECIPE?...`: a model spec becomes a server that is started when it is needed, and the model behind it (model/server/).
#pragma once

#include <memory>

#include "cli/models.h"
#include "model/rate_hints.h"

namespace assay::cli {

/// Chooses port and log (under the data home, the newest twenty are kept), sums GGUF weights, and builds the back end that will
/// ask. Starts nothing. Errors: usage (spec, template), not_found and io (weights).
Result<std::unique_ptr<Model>> make_launched_backend(Session& session, const ModelSpec& spec, const ModelOptions& options, std::shared_ptr<RateHints> hints);

}  // namespace assay::cli
