// A judge's calibration made ready for a run: official annotations, the evaluator whose prompt and parser are used, the drawn comparisons, packed prompts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/calibration_set.h"
#include "benchmark/alpaca_eval/run_settings.h"

namespace assay::alpaca_eval {

struct CalibrationSettings {
  std::vector<std::string> against;  // files, patterns, folders
  std::string evaluator;             // a name in the pack, or a path
  std::size_t instructions = 100;    // 0 = all
  int repeat = 2;                    // how often the same prompt is asked
  std::uint32_t seed = 123;          // of the instructions that are drawn, and of the intervals
  Filling filling = Filling::original;
  Glm glm = Glm::v1;
};
/// `usage` error for what does not fit, with the nearest names.
Result<CalibrationSettings> make_calibration_settings(const std::map<std::string, std::string>& options);
std::vector<BenchmarkOption> calibration_option_table();

/// The files that words name: a file, a pattern with "*", a folder (every annotations.json below it); bytewise order, each once. not_found error for a word
/// that names none.
Result<std::vector<std::string>> annotation_files(const std::vector<std::string>& words);

struct CalibrationPlan {
  CalibrationSettings settings;
  std::string benchmark;                      // "judge-calibration@1"
  CalibrationSet drawn;                       // models: those that were drawn
  std::size_t comparisons_in_set = 0;         // of `drawn.instructions` instructions
  std::vector<bool> same_generator;           // of each model
  std::shared_ptr<const EvaluatorConfig> evaluator;
  std::vector<Decoder> decoders;              // one an annotator
  std::vector<JudgedUnit> units;
  LengthData length;
  std::string evaluator_sha256;
  json::array files;                          // {"file", "sha256", "rows"}

  json::object manifest() const;
  /// Requests for each prompt: as shown, swapped, repeats.
  int asks() const { return settings.repeat + 1; }
};
/// Errors: usage (options), data, not_found.
Result<CalibrationPlan> prepare_calibration(const PrepareSettings& settings, DataSource& data);

}  // namespace assay::alpaca_eval
