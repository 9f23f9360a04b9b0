// Scores of recorded results, without a model: from the stored scores, or from the judge's words.
#pragma once

#include <vector>

#include "benchmark/benchmark.h"

namespace assay::creative_writing {

/// `assay score creative-writing --from PATH`: a Report for each Creative Writing run in the file, or in the files of the folder. The
/// prompt file is used where it is at hand (names of criteria); without it the known ids of the version stand for it.
Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data);

}  // namespace assay::creative_writing
