// The benchmarks and packs this program has, and how a command line becomes a prepared Evaluation.
#pragma once

#include <memory>
#include <string>

#include "benchmark/benchmark.h"
#include "benchmark/mixeval/model_registry.h"
#include "cli/context.h"
#include "dataset/pack.h"

namespace assay::cli {

const BenchmarkRegistry& benchmark_registry();
const PackStore& pack_store();
/// The models that MixEval's program registers.
const mixeval::ModelRegistry& mixeval_models();

/// What --iterations, --limit, --samples, --option and --edition say, and the same as JSON for the journal (`score @last` prepares again).
struct Selection {
  PrepareSettings settings;
  std::string edition;  // "auto", "official", "sample", or a path
  json::object to_json() const;
  static Result<Selection> from_json(const BenchmarkRef& ref, const json::value& value);
};
Result<Selection> selection_of(const Invocation& invocation, const BenchmarkRef& ref);

/// `edition`: out, what the data turned out to be.
Result<std::shared_ptr<Evaluation>> prepare(const Benchmark& benchmark, const Selection& selection, const std::filesystem::path& data_home,
                                            std::string& edition);

/// Results of the original tool, scored again; every report's samples too when `samples` is given.
Result<std::vector<Report>> score_file(const Benchmark& benchmark, const Selection& selection, const std::filesystem::path& data_home,
                                       const std::string& path, bool reparse, std::vector<std::vector<ScoredSample>>* samples = nullptr);

/// The options above, for the commands that take them.
std::vector<OptionSpec> selection_options();

}  // namespace assay::cli
