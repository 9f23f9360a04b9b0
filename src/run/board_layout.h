// Which numbers of reports make a row of a leaderboard as its owners publish it: columns by benchmark and part. Data only; a benchmark's room
// offers its own, leaderboard/ fills them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace assay {

struct BoardColumn {
  std::string title;               // as published
  std::string benchmark{};         // family, "mixeval", or version, "mixeval@2024-06-01"; "" = not measured here (an arena's rating): only published tables have it
  std::vector<std::string> path{}; // names of parts; empty = the whole
  std::string metric{};            // "" = the headline
  double scale = 1;                // published number = value * scale
  std::optional<int> decimals = 1;  // none: as the metric is shown on its own board
  std::string brief{};             // for terminals; "" = the title
  bool lower_is_better = false;
  /// Larger is better, whatever the column.
  double merit(double value) const { return lower_is_better ? -value : value; }
};

struct BoardLayout {
  std::string name, title;
  std::vector<BoardColumn> columns;
  std::size_t sort_by = 0;  // column, best first
  std::size_t rating = 0;   // column of an outside rating, which is estimated for models that have none; columns.size() = there is none
  bool drops_empty = false; // a board leaves out the columns of which it has no run and no published value, and is sorted by the first one left; without a rating
};

}  // namespace assay
