// A leaderboard in the formats that other programs and pages read (docs/formats/report.md, "Leaderboards").
#pragma once

#include <string>

#include "leaderboard/ranking.h"

namespace assay {

/// {"boards": [...]}: unrounded numbers.
json::object ranking_json(const Leaderboard& leaderboard);
/// One header line, one line a row, '\n' at the ends; unrounded numbers, empty fields for what there is not.
std::string ranking_csv(const Leaderboard& leaderboard);
/// A heading and a table a board, numbers as people read them.
std::string ranking_markdown(const Leaderboard& leaderboard);
/// Sections to be put into a page that has the style of web/report/report.css.
std::string ranking_html(const Leaderboard& leaderboard);
/// The same as a whole, self-contained page.
std::string ranking_page(const Leaderboard& leaderboard, std::string_view version);

}  // namespace assay
