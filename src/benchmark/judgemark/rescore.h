// Scores of recorded judgements, without a model: from the stored scores, or from the judge's words.
#pragma once

#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/judgemark/evaluation.h"
#include "benchmark/judgemark/formats.h"

namespace assay::judgemark {

/// `assay score judgemark --from PATH`: a Report for each Judgemark run in the file, or in the files of the folder. The test set is
/// used where it is at hand (which stories are missing, names of criteria); without it the file's own models and stories are all.
Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data);

/// What the original computes of such a run, in its stored order. `prepared` says which stories there are, and has the tables.
StoredResults results_of(const StoredRun& run, const Prepared& prepared);

}  // namespace assay::judgemark
