// `assay score open-llm-leaderboard --from FILE`: reports from published result files. They hold no answers, so what can be derived
// from them is the columns and the average.
#pragma once

#include "benchmark/benchmark.h"

namespace assay::harness {

/// One report a file; a folder stands for its *.json files. Files of details (benchmark/harness/details.h), or a folder with such, make one
/// report of numbers recomputed from the log-likelihoods; its `deviates` say what does not agree. Errors: not_found, data (no result file; MMLU by the old prompt).
Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, bool suite);

}  // namespace assay::harness
