// Scores of recorded results, without a model: from judged files, or from responses by the rule parsers.
#pragma once

#include <vector>

#include "benchmark/benchmark.h"

namespace assay::mixeval {

/// `assay score mixeval --from PATH`: PATH is a folder with judged files (a report for each judge), or with response files (parsed by
/// rule; a judge would have to be asked), or the folder of a model above it. `reparse`: verdicts are read from the judge's words again.
Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data);

}  // namespace assay::mixeval
