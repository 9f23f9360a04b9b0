// One row of config.cfg with one benchmark, from its entry in raw_results.json to a line of benchmark_results.csv: what `assay eq-bench`
// does again and again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"
#include "cli/benchmarks.h"
#include "cli/compat/eq_bench_results.h"
#include "cli/compat/row_model.h"
#include "cli/session.h"
#include "leaderboard/upload/result_upload.h"

namespace assay::compat {

struct BatchSettings {
  std::filesystem::path results;  // the folder of raw_results.json and benchmark_results.csv
  bool overwrite = false, verbose = false, revise = false;
  bool fast = false, remove = false;  // -f, -d: of downloads
  long long retries = 5;
  std::string edition;  // "" = the working directory's data/, else the official ones
  std::vector<std::string> model_ids;  // [ROLE=]LABEL
  std::optional<std::size_t> concurrency;
  EngineSurroundings engines;
  std::filesystem::path hub_cache;
  UploadTargets uploads;

  std::filesystem::path raw_results() const { return results / "raw_results.json"; }
  std::filesystem::path csv() const { return results / "benchmark_results.csv"; }
};

struct RunOutcome {
  int code = 0;  // cli/exit_code.h
  bool interrupted = false;
  bool succeeded = false;  // as the original counts it
  json::object document;  // for --json
};

/// Lines of the original go to standard output (to standard error under --json), ours to standard error.
RunOutcome run_one(cli::Session& session, const EqBenchConfig& config, const BatchSettings& settings, const RunWish& wish);

/// What `assay run` calls it: "eq-bench@2:de", "creative-writing@2", "judgemark@2.4".
std::string benchmark_ref(const RunWish& wish);
/// The edition to prepare with: official data that lie in the working directory as the original has them are imported first.
std::string choose_edition(const cli::Invocation& invocation, const BatchSettings& settings, const RunWish& wish);
/// How the benchmark is to be prepared. `held`: the run's entry, or null.
Result<cli::Selection> selection_of(const cli::Invocation& invocation, const BatchSettings& settings, const RunWish& wish, std::shared_ptr<const json::value> held);
/// Role -> model spec, and what to say of the choice.
struct RunModels {
  std::map<std::string, std::string> specs;
  std::vector<std::string> notes;
};
Result<RunModels> models_of(const EqBenchConfig& config, const BatchSettings& settings, const RunWish& wish);
/// The file, or nothing where it is not there yet.
Result<json::object> load_results(const BatchSettings& settings);

}  // namespace assay::compat
