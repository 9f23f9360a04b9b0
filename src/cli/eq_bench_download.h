// Models of config.cfg's rows that are not on this machine yet, from the hub: fetched before a run, and taken away after it with -d.
#pragma once

#include <vector>

#include "cli/eq_bench_run.h"

namespace assay::compat {

/// A `transformers` row gets its GGUF file, where the repository has one that the filters leave; a launched `ooba` row what the filters
/// leave of the repository. `row.model_path` becomes the place here; rows of other engines, and models that are here, stay as they
/// are. Errors: those of the hub; usage (several GGUF files fit).
Result<void> fetch_model(cli::Session& session, const EqBenchConfig& config, const BatchSettings& settings, BenchmarkRow& row);

/// After row `done` has succeeded: takes away what this program downloaded for it, unless a later row uses it, too.
void delete_model(cli::Session& session, const BatchSettings& settings, const std::vector<BenchmarkRow>& rows, std::size_t done);

}  // namespace assay::compat
