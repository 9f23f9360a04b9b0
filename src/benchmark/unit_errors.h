// Which failures end a unit, where a benchmark would otherwise count one as "no text came" and go on.
#pragma once

#include "base/error.h"

namespace assay {

/// True for what ends more than one attempt: the model (fatal_for_model), the run (cancelled), the wish to ask at all (missing), or
/// what no other attempt would change (unsupported, usage, internal).
bool ends_unit(ErrorKind kind);

}  // namespace assay
