// Scores of recorded results, without a model: from the stored parsed answers, or from the raw text.
#pragma once

#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/eq_bench/eq_bench_evaluation.h"
#include "benchmark/eq_bench/formats.h"

namespace assay::eq_bench {

/// The file holds revised scores, so it was made with -revise.
bool holds_revised(const StoredRun& run);

/// Every stored question scored anew, in file order; the answers and numbers of the result are the recomputed ones. Nothing is
/// accepted or refused here: what is stored had been accepted. `data` error for a question that the set does not have.
Result<StoredRun> rescore(const StoredRun& run, const std::vector<Question>& questions, const Protocol& protocol, bool reparse);

/// `assay score eq-bench --from PATH`: a Report for each matching run in the file, or in the *.json files of the folder.
Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data);

}  // namespace assay::eq_bench
