// AlpacaEval's leaderboard files and the table it prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace assay::alpaca_eval {

/// Nothing = missing.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

struct LeaderboardRow {
  std::string name;
  std::vector<std::pair<std::string, Cell>> cells;  // in order; a name appears once

  const Cell* find(std::string_view column) const;
  /// Changes the cell in its place or adds it at the end.
  void set(std::string_view column, Cell value);
};

enum class BoardMode { minimal, verified, community, dev };  // each shows what those before it show
std::string_view name(BoardMode mode);
/// `usage` error that lists the names.
Result<BoardMode> board_mode(std::string_view wanted);

struct BoardTable {
  std::vector<LeaderboardRow> rows;

  LeaderboardRow* find(std::string_view name);
  /// Columns in order of first appearance over the rows.
  std::vector<std::string> columns() const;
  /// win_rate and standard_error go to the front of every row.
  void metrics_first();
  /// Descending; rows without the value last, in their order. `usage` error when no row has the column.
  Result<void> sort_by(std::string_view column);
  /// The csv: first column without a name, floats in their shortest form; a column of whole numbers with gaps is one of floats.
  std::string write() const;
};

/// `data` errors name the line. A cell is a whole number, a float or a text, as its whole column allows; empty = missing.
Result<BoardTable> read_board(std::string_view csv, std::string_view where);

struct BoardView {
  std::string sort_by = "win_rate";  // the first column printed
  std::optional<BoardMode> mode =
      BoardMode::minimal;  // rows up to it, and rows without a mode; nothing = all rows and the column mode
  std::optional<std::vector<std::string>> names;  // these rows instead, in the table's order
  std::string current;                            // always shown
};
/// The printed table, as pandas lays it out: two decimals, "NaN" for what is missing. Rows in their order.
std::string print_board(const BoardTable& table, const BoardView& view);

}  // namespace assay::alpaca_eval
