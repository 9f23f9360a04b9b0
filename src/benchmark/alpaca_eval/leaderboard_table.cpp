#include "benchmark/alpaca_eval/leaderboard_table.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/pandas_csv.h"
#include "dataset/csv.h"
#include "stats/argsort.h"

namespace assay::alpaca_eval {
namespace {

constexpr BoardMode kModes[] = {BoardMode::minimal, BoardMode::verified, BoardMode::community, BoardMode::dev};

const Cell kMissing;

const Cell& cell_of(const LeaderboardRow& row, std::string_view column) {
  const Cell* cell = row.find(column);
  return cell ? *cell : kMissing;
}

bool is_missing(const Cell& cell) {
  const double* value = std::get_if<double>(&cell);
  return std::holds_alternative<std::monostate>(cell) || (value && std::isnan(*value));
}

std::optional<double> number_of(const Cell& cell) {
  if (is_missing(cell)) return std::nullopt;
  if (auto* whole = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*whole);
  if (auto* value = std::get_if<double>(&cell)) return *value;
  return std::nullopt;
}

// Whole numbers stay whole only when every row of the table has one.
bool all_whole(const std::vector<const LeaderboardRow*>& rows, std::string_view column) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const LeaderboardRow* row) { return std::holds_alternative<std::int64_t>(cell_of(*row, column)); });
}

std::vector<const LeaderboardRow*> pointers(const std::vector<LeaderboardRow>& rows) {
  std::vector<const LeaderboardRow*> result;
  result.reserve(rows.size());
  for (const LeaderboardRow& row : rows) result.push_back(&row);
  return result;
}

}  // namespace

const Cell* LeaderboardRow::find(std::string_view column) const {
  for (const auto& [name, cell] : cells) {
    if (name == column) return &cell;
  }
  return nullptr;
}

void LeaderboardRow::set(std::string_view column, Cell value) {
  for (auto& [name, cell] : cells) {
    if (name != column) continue;
    cell = std::move(value);
    return;
  }
  cells.emplace_back(column, std::move(value));
}

std::string_view name(BoardMode mode) {
  constexpr std::string_view kNames[] = {"minimal", "verified", "community", "dev"};
  return kNames[static_cast<std::size_t>(mode)];
}

Result<BoardMode> board_mode(std::string_view wanted) {
  for (BoardMode mode : kModes) {
    if (name(mode) == wanted) return mode;
  }
  return fail(ErrorKind::usage, "there is no leaderboard mode \"" + shorten(wanted, 60) + "\"", {},
              "there are minimal, verified, community and dev");
}

LeaderboardRow* BoardTable::find(std::string_view name) {
  for (LeaderboardRow& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::vector<std::string> BoardTable::columns() const {
  std::vector<std::string> names;
  for (const LeaderboardRow& row : rows) {
    for (const auto& [name, cell] : row.cells) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

void BoardTable::metrics_first() {
  std::vector<std::string> order = columns();
  std::stable_partition(order.begin(), order.end(), [](const std::string& name) { return name == "standard_error"; });
  std::stable_partition(order.begin(), order.end(), [](const std::string& name) { return name == "win_rate"; });
  for (LeaderboardRow& row : rows) {
    std::vector<std::pair<std::string, Cell>> cells;
    cells.reserve(order.size());
    for (const std::string& name : order) cells.emplace_back(name, cell_of(row, name));
    row.cells = std::move(cells);
  }
}

Result<void> BoardTable::sort_by(std::string_view column) {
  std::vector<std::string> names = columns();
  if (std::find(names.begin(), names.end(), column) == names.end()) {
    std::vector<std::string> nearest = did_you_mean(column, names);
    return fail(ErrorKind::usage, "the leaderboard has no column \"" + shorten(column, 60) + "\" to sort by", {},
                nearest.empty() ? "it has " + join(names, ", ") : "did you mean " + nearest[0] + "?");
  }
  // As pandas does it: from the last row to the first, with numpy's sort, and all turned round; equal rows of a long table change places.
  std::vector<double> keys;
  std::vector<std::size_t> places, missing;
  for (std::size_t i = rows.size(); i-- > 0;) {
    if (auto key = number_of(cell_of(rows[i], column))) {
      keys.push_back(*key);
      places.push_back(i);
    } else {
      missing.push_back(i);
    }
  }
  std::vector<LeaderboardRow> sorted;
  const std::vector<std::size_t> order = numpy_argsort(keys);
  for (std::size_t i = order.size(); i-- > 0;) sorted.push_back(std::move(rows[places[order[i]]]));
  for (std::size_t i = missing.size(); i-- > 0;) sorted.push_back(std::move(rows[missing[i]]));
  rows = std::move(sorted);
  return {};
}

std::string BoardTable::write() const {
  std::vector<std::string> names = columns();
  CsvRow fields{""};
  fields.insert(fields.end(), names.begin(), names.end());
  std::string text = write_csv_row(fields, {}, "\n");
  std::vector<bool> whole;
  whole.reserve(names.size());
  for (const std::string& name : names) whole.push_back(all_whole(pointers(rows), name));
  for (const LeaderboardRow& row : rows) {
    fields.assign(1, row.name);
    for (std::size_t c = 0; c < names.size(); ++c) {
      const Cell& cell = cell_of(row, names[c]);
      if (auto* words = std::get_if<std::string>(&cell))
        fields.push_back(*words);
      else if (is_missing(cell))
        fields.emplace_back();
      else if (whole[c])
        fields.push_back(std::to_string(std::get<std::int64_t>(cell)));
      else
        fields.push_back(python_repr(*number_of(cell)));
    }
    text += write_csv_row(fields, {}, "\n");
  }
  return text;
}

Result<BoardTable> read_board(std::string_view csv, std::string_view where) {
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  CsvOptions options;
  options.max_field = 1 << 20;
  options.max_columns = 1000;
  options.where = std::string(where);
  CsvReader reader(csv, options);
  std::vector<std::string> columns;
  std::vector<CsvRow> lines;
  CsvRow row;
  while (true) {
    auto more = reader.next(row);
    if (!more) return fail(more.error());
    if (!*more) break;
    if (row.empty()) continue;
    for (std::string& field : row) field = valid_utf8(field);
    if (columns.empty()) {
      if (row.size() == 1 && row[0].empty()) return BoardTable{};  // what an empty board is written as
      if (row.size() < 2)
        return fail(ErrorKind::data, "no leaderboard: it needs a column of names and one of numbers", std::string(where) + ":1");
      columns.assign(row.begin() + 1, row.end());
      continue;
    }
    if (row.size() != columns.size() + 1)
      return fail(ErrorKind::data, std::to_string(row.size()) + " fields instead of " + std::to_string(columns.size() + 1),
                  std::string(where) + ":" + std::to_string(reader.line()));
    lines.push_back(row);
  }
  if (columns.empty()) return fail(ErrorKind::data, "the file is empty", std::string(where));
  BoardTable table;
  std::unordered_set<std::string_view> names;
  for (const CsvRow& line : lines) {
    // An evaluation would renew the first one, and leave the other beside it.
    if (!names.insert(line[0]).second) return fail(ErrorKind::data, "two rows have the name \"" + shorten(line[0], 60) + "\"", std::string(where), "remove the row that does not hold any more");
    table.rows.push_back({line[0], {}});
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<std::string_view> texts;
    texts.reserve(lines.size());
    for (const CsvRow& line : lines) texts.emplace_back(line[c + 1]);
    const PandasColumn kind = pandas_column(texts);
    for (std::size_t r = 0; r < texts.size(); ++r) {
      Cell cell;
      if (is_pandas_missing(texts[r]))
        cell = {};
      else if (kind == PandasColumn::whole)
        cell = *read_pandas_csv_whole(texts[r]);
      else if (kind == PandasColumn::floating)
        cell = *read_pandas_csv_float(texts[r]);
      else
        cell = lines[r][c + 1];
      table.rows[r].set(columns[c], std::move(cell));
    }
  }
  return table;
}

std::string print_board(const BoardTable& table, const BoardView& view) {
  std::vector<const LeaderboardRow*> rows;
  for (const LeaderboardRow& row : table.rows) {
    bool shown = row.name == view.current;
    if (view.names) {
      shown = shown || std::find(view.names->begin(), view.names->end(), row.name) != view.names->end();
    } else if (view.mode) {
      auto* mode = std::get_if<std::string>(&cell_of(row, "mode"));
      auto known = mode ? board_mode(*mode) : Result<BoardMode>(BoardMode::minimal);
      shown = shown || (known && *known <= *view.mode);
    } else {
      shown = true;
    }
    if (shown) rows.push_back(&row);
  }
  std::vector<std::string> columns, present = table.columns();
  for (std::string_view column :
       {std::string_view(view.sort_by), std::string_view("win_rate"), std::string_view("standard_error"),
        std::string_view("n_total"), std::string_view("avg_length"), std::string_view("mode")}) {
    if (column == "mode" && (view.mode || view.names)) continue;
    if (std::find(columns.begin(), columns.end(), column) == columns.end() &&
        std::find(present.begin(), present.end(), column) != present.end())
      columns.emplace_back(column);
  }
  if (rows.empty()) return "Empty DataFrame\nColumns: [" + join(columns, ", ") + "]\nIndex: []\n";

  std::vector<std::vector<std::string>> texts(columns.size());
  std::vector<std::size_t> widths;
  std::size_t names_width = 0;
  for (const LeaderboardRow* row : rows) names_width = std::max(names_width, count_code_points(row->name));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    bool whole = all_whole(pointers(table.rows), columns[c]);
    std::size_t width = count_code_points(columns[c]);
    for (const LeaderboardRow* row : rows) {
      const Cell& cell = cell_of(*row, columns[c]);
      if (auto* words = std::get_if<std::string>(&cell))
        texts[c].push_back(*words);
      else if (is_missing(cell))
        texts[c].emplace_back("NaN");
      else
        texts[c].push_back(whole ? std::to_string(std::get<std::int64_t>(cell)) : fixed(*number_of(cell), 2));
      width = std::max(width, count_code_points(texts[c].back()));
    }
    widths.push_back(width);
  }
  auto right = [](std::string& out, const std::string& text, std::size_t width) {
    out.append(2 + width - count_code_points(text), ' ').append(text);
  };
  std::string out(names_width, ' ');
  for (std::size_t c = 0; c < columns.size(); ++c) right(out, columns[c], widths[c]);
  out += '\n';
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out += rows[r]->name;
    out.append(names_width - count_code_points(rows[r]->name), ' ');
    for (std::size_t c = 0; c < columns.size(); ++c) right(out, texts[c][r], widths[c]);
    out += '\n';
  }
  return out;
}

}  // namespace assay::alpaca_eval
