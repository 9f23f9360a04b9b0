// score.json and the tables that the original prints.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "benchmark/mixeval/score.h"

namespace assay::mixeval {

json::object to_json(const Scores& scores);
/// A model's score.json: indent 4, final line end.
std::string score_text(const Scores& scores);
/// The one of all models: what `existing` holds of others stays (its text may be empty), which the original forgets. `data` error where it cannot
/// be read, so that nobody's scores are lost.
Result<std::string> scores_text(const std::vector<std::pair<std::string, Scores>>& models, const std::string& existing = {});

/// The box of "+", "-" and "|" with the columns Split and Score; every line ends with a line end.
std::string score_table(const Scores& scores);

}  // namespace assay::mixeval
