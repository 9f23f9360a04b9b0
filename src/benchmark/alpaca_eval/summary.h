// From preferences to a report: win rates, the length-controlled win rate or why there is none, parts by data set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/run_settings.h"
#include "run/report.h"

namespace assay::alpaca_eval {

/// One comparison; as many as the evaluation set has samples, in its order.
struct Row {
  std::size_t index = 0;  // place in the evaluation set: whose difficulty counts
  std::optional<double> preference;
  std::optional<double> length_1, length_2;  // code points
  std::string dataset;
  Outcome outcome = Outcome::missing;
  bool cut = false;
};

struct SummarySettings {
  int version = 2;
  Glm glm = Glm::v1;
  bool same_generator = false;
  bool by_place = false;  // difficulties go by a row's place in its file, as in the original, and not by what is known of its instruction
};

/// Fills metrics, counts, parts, status and reason, and `length_control` of the manifest. Several iterations: each is a part, and the total's
/// values are their means; standard errors of win rates are clustered by sample then.
void summarize(const SummarySettings& settings, const LengthData& length, const std::vector<std::vector<Row>>& iterations, Report& report);

/// Names it as a departure where the figure that the version ranks by is not there.
void note_missing_headline(int version, Report& report);

}  // namespace assay::alpaca_eval
