// What a judge is worth beside an official one, from their judgements of the same comparisons: agreement, preference for a place or for length,
// agreement with itself, and how far its leaderboard would be off. Pure. docs/alpaca-eval.md has every formula.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/run_settings.h"
#include "run/report.h"

namespace assay::alpaca_eval {

/// Preferences are in [1, 2]: 2 = the model's output is better, whatever stood first.
struct JudgedComparison {
  std::size_t model = 0, cluster = 0;  // cluster: the instruction
  std::size_t place = 0;               // whose difficulty counts
  double official = 1.5;
  std::optional<double> shown;         // the judge's, in the order in which a run shows the outputs
  std::optional<double> swapped;       // in the other order
  std::vector<double> repeats;         // of the same prompt as `shown`, asked again
  bool model_first = false;            // `shown` saw the model's output first
  double length_1 = 0, length_2 = 0;   // code points
};

struct CalibrationStatistics {
  std::size_t replicates = 1000;     // of the bootstrap over instructions
  std::size_t lc_replicates = 100;   // of those with a regression for each model
  std::int64_t seed = 0;
  int repeat = 1;                    // how often the same prompt was asked
  Glm glm = Glm::v1;
};

/// Puts metrics and one part a model into `total`; counts are the caller's. Percent, but for kappa, correlations and slopes. Every number that cannot be
/// computed says why.
void calibrate(std::span<const JudgedComparison> comparisons, const std::vector<std::string>& models, const std::vector<bool>& same_generator, const LengthData& length,
               const CalibrationStatistics& settings, Part& total);

}  // namespace assay::alpaca_eval
