// `assay eq-bench`: the original's program under its own name, options and files.
#pragma once

#include "cli/arguments.h"

namespace assay::cli {

CommandSpec eq_bench_command();

}  // namespace assay::cli
