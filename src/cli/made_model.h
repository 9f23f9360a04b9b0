// Models of random weights that the program makes itself: what is measured with them is speed and the whole path, not knowledge.
#pragma once

#include "cli/context.h"
#include "model/model_spec.h"

namespace assay::cli {

/// `gguf:bench` (124 million weights, 132 MB) and `gguf:bench-tiny` (10 million, 11 MB): the name becomes that of a file below the data
/// home, which is made where it is not there; other specs stay as they are. A file of the user's with such a name is ./bench.
Result<void> make_named_model(const Invocation& invocation, ModelSpec& spec);

}  // namespace assay::cli
