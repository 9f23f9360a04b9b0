// Recorded annotations, scored again without a model: annotations.json files of the original and of ours.
#pragma once

#include "benchmark/benchmark.h"

namespace assay::alpaca_eval {

/// A file, or a folder that holds annotations.json or several .json files. Every file is a report.
Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data);

}  // namespace assay::alpaca_eval
