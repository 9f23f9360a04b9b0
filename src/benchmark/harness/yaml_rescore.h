// `assay score harness --from FILE`: reports from result files of today's harness, its own or ours. They hold no answers, so
// nothing is computed anew.
#pragma once

#include "benchmark/benchmark.h"

namespace assay::harness {

/// One report a file; a folder stands for its results_*.json files at any depth. Errors: not_found, data (no result file of
/// today's harness).
Result<std::vector<Report>> score_todays_files(const Benchmark::ScoreRequest& request);

}  // namespace assay::harness
