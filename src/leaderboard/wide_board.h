// A leaderboard with several columns, as a benchmark's owners lay it out: our runs, the published rows beside them, and what follows from both - an
// estimated rating, the difference to the published row of the same model, cost and time, who is on the front of score and cost.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "leaderboard/score_table.h"
#include "run/board_layout.h"
#include "run/report.h"
#include "stats/least_squares.h"

namespace assay {

struct WideRow {
  std::string model;
  bool published = false;                         // of the published table, not of a run of ours
  std::vector<std::optional<double>> values;      // one a column, scaled
  std::vector<std::string> shown;                 // of our runs: the values as their own boards show them
  std::vector<std::optional<double>> differences; // ours minus the published row of the same model
  std::optional<Prediction> rating;               // estimated, where the rating's column is empty
  std::optional<double> usd, seconds;             // of all runs behind the row
  std::map<std::string, double> prices;           // column's benchmark -> USD, where known
  bool front = false;                             // no other row of ours is both better and cheaper, over what both ran
  std::vector<std::string> notes;                 // incomplete runs, departures from the official settings
};

struct WideBoard {
  std::string title, version, edition;
  bool official = false;
  std::map<std::string, std::string> judges;
  BoardLayout layout;
  std::vector<WideRow> rows;            // by the layout's column, rows without it last
  std::optional<LineFit> rating_line;   // score = a + b * rating, over the published rows that have both
  std::size_t ours() const;
};

/// A column's benchmark is a family, then each version has boards of its own, or names a version itself. Boards by version, edition, standing and judges of the runs that the layout names, in order of appearance. Runs
/// without a judge stand on every judge's board beside the judged benchmarks, unless their own column is judged there: then, and where nothing is judged, they have a board without a judge. Of several runs of a model the complete,
/// then the one over more samples (coverage()), then the better, then the newer one counts. `published`: columns by the layout's titles, and any column with "Elo" in its name as rating; its rows
/// join every board. Without runs there is one board of published rows.
std::vector<WideBoard> wide_boards(std::span<const Report> reports, const BoardLayout& layout, const ScoreTable* published = nullptr);

/// A column for every benchmark and version that was run, in order of appearance: versions beside each other. What is better is as the runs' headlines say.
BoardLayout side_by_side(std::span<const Report> reports);

/// "mixeval@2024-06-01" -> {"mixeval", "2024-06-01"}.
std::pair<std::string, std::string> family_and_version(const std::string& benchmark);

}  // namespace assay
