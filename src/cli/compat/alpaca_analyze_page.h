// report.html of `analyze_evaluators`: the leaderboard of evaluators as pictures - quality against price and time, bias against variance, win rates
// against people's, what judges prefer.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "benchmark/alpaca_eval/analyzer.h"
#include "benchmark/alpaca_eval/leaderboard_table.h"

namespace assay::compat {

/// `current` stands out and is always shown; of the others those that a verified leaderboard shows and that agree with people in more than 0.55 (the
/// original's bound, in its unit: it sorts out rows whose columns are shifted). `rates`: by model, of the current evaluator; may be empty.
std::string analyze_page(const alpaca_eval::BoardTable& board, const std::string& current, std::span<const alpaca_eval::Analyzer::GeneratorRates> rates,
                         std::string_view version);

}  // namespace assay::compat
