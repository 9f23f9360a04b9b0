// Correlations written down: a table for the terminal, csv, json (docs/formats/report.md), and a page.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "leaderboard/correlations.h"
#include "run/text_table.h"

namespace assay {

/// Against the reference, one line a column; without a reference the pairs, strongest first, at most 40.
std::string correlations_text(const ScoreTable& table, const Correlations& correlations, const TextStyle& style);
/// One line a pair.
std::string correlations_csv(const ScoreTable& table, const Correlations& correlations);
json::object correlations_json(const ScoreTable& table, const Correlations& correlations, const CorrelationOptions& options);
/// A self-contained page: forest plot, matrix, a scatter of each of the first 24 columns against the reference, all pairs.
std::string correlations_page(const ScoreTable& table, const Correlations& correlations, const CorrelationOptions& options, std::string_view version);

}  // namespace assay
