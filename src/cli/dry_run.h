// assay run --dry-run: the plan, what it would cost, the first prompt as the model will see it. Nothing is asked.
#pragma once

#include <string>

#include "cli/benchmarks.h"
#include "cli/session.h"

namespace assay::cli {

/// Returns the exit code.
int dry_run(Session& session, const Benchmark& benchmark, const Selection& selection, const std::string& model_spec);

}  // namespace assay::cli
