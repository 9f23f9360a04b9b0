// One benchmark with one set of models, from specs to published report: shared by run, score and quickstart.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/benchmarks.h"
#include "cli/models.h"
#include "cli/session.h"
#include "run/runner.h"

namespace assay::cli {

struct RunJob {
  const Benchmark* benchmark = nullptr;
  std::shared_ptr<Evaluation> evaluation;  // in the place of one that the benchmark prepares
  Selection selection;
  std::map<std::string, std::string> specs;  // role -> model spec
  RetryWhat retry = RetryWhat::failed;
  bool recorded = false;                         // ask nothing; `known` has every role's identity
  std::string scores;                            // recorded: the run whose answers these are
  std::map<std::string, ModelIdentity> known;
  std::optional<std::size_t> concurrency;
  std::vector<std::string> model_ids;            // [ROLE=]LABEL, as --model-id has them
  std::optional<std::filesystem::path> out;      // folder for run_files
  std::map<std::string, std::string> labels;     // role -> what people shall read, instead of the spec's own label
};

/// Gives `job` what `--model-id` says of its roles, for commands that ask in several jobs; `elsewhere` are the roles of all of them ("judge" stands
/// for "judge NAME", too). Errors: usage (a role that none has).
Result<void> take_model_ids(const Arguments& arguments, const std::vector<std::string>& elsewhere, RunJob& job);

struct RunJobResult {
  RunPlan plan;  // its evaluation outlives the results
  RunResult result;
};

Async<RunJobResult> run_job(Session& session, RunJob job);

}  // namespace assay::cli
