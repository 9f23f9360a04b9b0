// assay mix build: what its words say, the models it asks, and the folder it writes.
#pragma once

#include "cli/context.h"

namespace assay::cli {

int mix_build(Invocation& invocation);

}  // namespace assay::cli
