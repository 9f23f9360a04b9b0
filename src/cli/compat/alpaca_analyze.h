// The original's `analyze_evaluators`: a judge is held against people who judged the same outputs, and joins the leaderboard of evaluators.
#pragma once

#include "benchmark/alpaca_eval/analyzer.h"
#include "cli/compat/alpaca_evaluate.h"

namespace assay::compat {

struct AnalyzeFlags {
  std::optional<std::string> annotators_config;  // nothing: only print
  PythonValue gold_crossannotations, gold_annotations;  // of analyzer_kwargs: tables
  int n_annotators = 4;
  alpaca_eval::ScoringRule rule = alpaca_eval::ScoringRule::absolute;
  PythonValue precomputed_leaderboard;
  bool save_leaderboard = false, overwrite = false, single_annotator = false, quiet = false;
  std::optional<std::size_t> max_instances;
  PythonValue mode_to_print;
  std::string current_mode = "minimal";
  std::optional<std::string> output_path = "auto";
  AnnotatorFlags annotator;
};
Result<AnalyzeFlags> read_analyze_flags(const FireValues& values, const AlpacaVersion& version);

Result<EvaluateResult> analyze_evaluators(const AnalyzeFlags& flags, const AlpacaSurroundings& surroundings);

/// The evaluator's annotations of the people's pairs: for every seed those with its index, with the people's label as gold_preference. Columns of
/// the people's price and time give way to the judge's.
Result<alpaca_eval::Table> cross_annotations(const AnalyzeFlags& flags, const AlpacaSurroundings& surroundings, const FoundEvaluator& evaluator, const alpaca_eval::Table& gold);

}  // namespace assay::compat
