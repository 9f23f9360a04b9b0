// A run's result for the terminal. Pure: the caller prints it. The ranked table of several runs is leaderboard/ranking_text.h.
#pragma once

#include <string>
#include <vector>

#include "run/report.h"
#include "run/text_table.h"

namespace assay {

/// Score with its interval, all metrics, outcomes against both denominators, parts, usage, deviations, status and reason.
/// `next`: commands that lead on, shown at the end. Ends with '\n'.
std::string report_text(const Report& report, const TextStyle& style, const std::vector<std::string>& next = {});

/// One line: "eq-bench@2  gpt-4  score 64.78 (61.00 to 68.50)  171 of 171 scored  complete".
std::string report_line(const Report& report, const TextStyle& style);

}  // namespace assay
