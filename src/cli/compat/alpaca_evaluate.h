// The original's `evaluate` and `make_leaderboard`: annotate a model's outputs, compute metrics, keep and print a leaderboard.
#pragma once

#include <string>

#include "benchmark/alpaca_eval/leaderboard_table.h"
#include "cli/compat/alpaca_surroundings.h"

namespace assay::compat {

struct EvaluateResult {
  alpaca_eval::BoardTable board;
  std::string name;                    // of the evaluated model; "" when nothing was evaluated
  std::string printed;
  std::filesystem::path folder;        // where files were written; empty = nowhere
  std::size_t unanswered = 0;          // comparisons without any answer: the command should be run again
};

/// Files are written before this returns. Errors as they come; nothing is written then, but for the cache of annotations.
Result<EvaluateResult> evaluate(const EvaluateFlags& flags, const AlpacaSurroundings& surroundings);

struct MakeLeaderboardFlags {
  std::optional<std::string> leaderboard_path;
  std::string annotators_config;
  PythonValue all_model_outputs;
  std::string leaderboard_mode = "verified";
  EvaluateFlags evaluate;  // for every model
};
Result<MakeLeaderboardFlags> read_make_leaderboard_flags(const FireValues& values, const AlpacaVersion& version);
Result<EvaluateResult> make_leaderboard(const MakeLeaderboardFlags& flags, const AlpacaSurroundings& surroundings);

/// The metrics of annotated comparisons as cells of a row; `annotations` gets the column glm_preference where `add_predictions` says so.
Result<std::vector<std::pair<std::string, alpaca_eval::Cell>>> metric_cells(const EvaluateFlags& flags, const AlpacaSurroundings& surroundings, alpaca_eval::Table& annotations,
                                                                            bool add_predictions);

}  // namespace assay::compat
