#include "leaderboard/score_table.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <span>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "dataset/csv.h"
#include "leaderboard/ranking.h"
#include "run/display.h"
#include "run/report.h"

namespace assay {
namespace {

constexpr std::size_t kModels = 100'000, kColumns = 1'000, kName = 200;
constexpr std::size_t kCells = 5'000'000;  // present or not, of one file: each has its place in memory, and a short row is cheap to write

std::string tidy(std::string_view text) {
  const std::string whole = valid_utf8(text);
  std::string out;
  bool blank = false;
  for (char c : strip(whole)) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (is_blank && !blank) out += ' ';
    if (!is_blank) out += c;
    blank = is_blank;
  }
  return shorten(out, kName);
}

std::string folded(std::string_view name) {
  std::string out;
  for (char c : lower(name))
    if (c != ' ' && c != '-' && c != '_') out += c;
  return out.empty() ? std::string(name) : out;
}

bool is_missing(std::string_view cell) {
  const std::string_view text = strip(cell);
  return text.empty() || text == "-" || text == "N/A" || text == "n/a" || text == "NA" || text == "nan" || text == "NaN" || text == "null" || text == "None";
}

/// A file as rows of cells, before it is known which column is what.
struct Grid {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> texts;  // cells that are no numbers
  std::vector<std::vector<std::optional<double>>> numbers;
};

void add_cell(Grid& grid, std::size_t row, std::size_t column, std::string_view cell) {
  if (is_missing(cell)) return;
  if (auto number = score_number(cell)) grid.numbers[row][column] = number;
  else grid.texts[row][column] = tidy(cell);
}

Result<std::size_t> new_row(Grid& grid, const std::string& where) {
  if (grid.texts.size() == kModels) return fail(ErrorKind::data, "more than 100,000 models", where);
  if ((grid.texts.size() + 1) * grid.columns.size() > kCells) return fail(ErrorKind::data, "more than 5,000,000 cells", where);
  grid.texts.emplace_back(grid.columns.size());
  grid.numbers.emplace_back(grid.columns.size());
  return grid.texts.size() - 1;
}

void add_json_cell(Grid& grid, std::size_t row, std::size_t column, const json::value& cell) {
  if (auto number = as_number(cell); number && std::isfinite(*number)) grid.numbers[row][column] = number;
  if (const json::string* text = cell.if_string()) add_cell(grid, row, column, std::string_view(*text));
}

}  // namespace

std::optional<double> score_number(std::string_view text) {
  text = strip(text);
  if (text.ends_with('%')) text = rstrip(text.substr(0, text.size() - 1));
  if (text.empty() || text.size() > 64) return std::nullopt;
  std::string plain;
  // Commas between digits group thousands when exactly three digits follow each.
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      plain += text[i];
      continue;
    }
    std::size_t digits = 0;
    while (i + 1 + digits < text.size() && text[i + 1 + digits] >= '0' && text[i + 1 + digits] <= '9') ++digits;
    if (digits != 3 || plain.empty() || plain.find('.') != std::string::npos) return std::nullopt;
  }
  auto value = python_float(plain);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::size_t ScoreColumn::count() const {
  return static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [](const auto& value) { return value.has_value(); }));
}

Result<std::size_t> ScoreTable::column(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == name) return i;
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (folded(columns[i].name) == folded(name)) return i;
    if (folded(columns[i].name).starts_with(folded(name))) begins.push_back(i);
  }
  if (begins.size() == 1) return begins.front();
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const ScoreColumn& one : columns) names.push_back(one.name);
  const std::vector<std::string> near = did_you_mean(std::string(name), names);
  std::string hint = "there are " + join(std::vector<std::string>(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(names.size(), 12))), ", ") +
                     (names.size() > 12 ? ", ..." : "");
  if (!near.empty()) hint = "did you mean " + near.front() + "? " + hint;
  return fail(ErrorKind::usage, (begins.empty() ? "no file has a column \"" : "several columns begin with \"") + shorten(name, 60) + "\"", "", hint);
}

std::optional<std::size_t> ScoreTable::model(std::string_view name) const {
  const auto it = known_.find(fold(tidy(name)));
  if (it == known_.end()) return std::nullopt;
  return it->second;
}

std::string ScoreTable::fold(std::string_view name) const {
  std::string out = folded(name);
  const auto it = same_.find(out);
  return it == same_.end() ? out : it->second;
}

Result<void> ScoreTable::add_names(std::string_view text, const std::string& where) {
  CsvOptions options;
  options.where = where;
  options.max_columns = kColumns;
  options.max_field = 4096;
  auto rows = parse_csv(text, options);
  if (!rows) return std::unexpected(rows.error());
  if (rows->size() > kModels) return fail(ErrorKind::data, "more than 100,000 models", where);
  for (const CsvRow& row : *rows) {
    std::string first;
    for (const std::string& cell : row) {
      const std::string name = tidy(cell);
      if (name.empty()) continue;
      if (first.empty()) first = fold(name);
      same_.try_emplace(folded(name), first);
    }
  }
  return {};
}

std::size_t ScoreTable::row_of(const std::string& name) {
  const auto [it, is_new] = known_.try_emplace(fold(name), models.size());
  if (is_new) models.push_back(name);
  return it->second;
}

/// One file on its way into the table: its own columns, so that a benchmark of another file stays apart.
class ScoreFile {
 public:
  ScoreFile(ScoreTable& table, std::string where, std::string_view only) : table_(table), where_(std::move(where)), only_(only) {}

  Result<void> add_text(std::string_view text) {
    while (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const std::string_view body = strip(text.substr(0, std::min<std::size_t>(text.size(), 4096)));
    if (body.starts_with('{') || body.starts_with('[')) {
      auto value = parse_json(text, where_);
      if (!value) return std::unexpected(value.error());
      return add_json(*value);
    }
    if (!only_.empty()) return fail(ErrorKind::usage, "there is no table \"" + shorten(only_, 60) + "\": the file is csv", where_);
    return add_csv(text);
  }

  void finish() {
    std::size_t numbers = 0;
    for (const auto& [name, index] : columns_) numbers += table_.columns[index].count();
    if (numbers == 0) warn("no numbers were found in it");
    if (twice_ > 0) warn(std::to_string(twice_) + " further values of a model that already had one were left out");
  }

 private:
  ScoreTable& table_;
  std::string where_;
  std::string_view only_;
  std::map<std::string, std::size_t> columns_;    // by their names before they were cut
  std::map<std::string, std::string> headlines_;  // benchmark -> the metric of its first board
  std::size_t twice_ = 0, cells_ = 0;

  void warn(const std::string& words) { table_.warnings.push_back(where_ + ": " + words); }

  Result<std::size_t> column(const std::string& whole) {
    const auto it = columns_.find(whole);
    if (it != columns_.end()) return it->second;
    if (table_.columns.size() == kColumns) return fail(ErrorKind::data, "more than 1,000 columns", where_);
    const std::string wanted = tidy(whole);
    std::string name = wanted.empty() ? "score" : wanted;
    const auto taken = [&](const std::string& one) {
      return std::any_of(table_.columns.begin(), table_.columns.end(), [&](const ScoreColumn& other) { return other.name == one; });
    };
    if (taken(name)) {
      std::string file = where_.substr(where_.find_last_of('/') + 1);
      name += " (" + file + ")";
      for (int i = 2; taken(name); ++i) name = wanted + " (" + file + " " + std::to_string(i) + ")";
    }
    table_.columns.push_back({name, where_, {}});
    columns_.emplace(whole, table_.columns.size() - 1);
    return table_.columns.size() - 1;
  }

  Result<void> value(std::size_t column, std::size_t model, double number) {
    if (table_.columns[column].of(model)) {
      ++twice_;
      return {};
    }
    std::vector<std::optional<double>>& values = table_.columns[column].values;
    if (model >= values.size()) {
      cells_ += model + 1 - values.size();
      if (cells_ > kCells) return fail(ErrorKind::data, "more than 5,000,000 cells", where_);
      values.resize(model + 1);
    }
    values[model] = number;
    return {};
  }

  Result<std::size_t> model(const std::string& name) {
    const std::size_t row = table_.row_of(name);
    if (table_.models.size() > kModels) return fail(ErrorKind::data, "more than 100,000 models", where_);
    return row;
  }

  Result<void> add_grid(const Grid& grid) {
    // The first column in which words outnumber numbers names the models.
    const std::size_t width = grid.columns.size();
    std::vector<std::size_t> words(width), numbers(width);
    for (std::size_t r = 0; r < grid.texts.size(); ++r)
      for (std::size_t c = 0; c < width; ++c) {
        words[c] += grid.texts[r][c].has_value();
        numbers[c] += grid.numbers[r][c].has_value();
      }
    std::size_t naming = width;
    for (std::size_t c = 0; c < width && naming == width; ++c)
      if (words[c] > numbers[c]) naming = c;
    for (std::size_t c = 0; c < width; ++c)
      if (folded(grid.columns[c]) == "model" && words[c] > numbers[c]) naming = c;
    if (naming == width) return fail(ErrorKind::data, "no column names the models: every column holds numbers", where_, "one column, such as \"model\", must hold their names");
    // Other names of a model, where they are its alone.
    std::map<std::string, std::size_t> uses;
    for (const auto& row : grid.texts)
      for (std::size_t c = 0; c < width; ++c)
        if (c != naming && words[c] > numbers[c] && row[c]) ++uses[folded(*row[c])];
    std::vector<std::optional<std::size_t>> column_of(width);
    for (std::size_t c = 0; c < width; ++c) {
      if (c == naming || words[c] > numbers[c] || numbers[c] == 0) continue;
      auto index = column(grid.columns[c].empty() ? "column " + std::to_string(c + 1) : grid.columns[c]);
      if (!index) return std::unexpected(index.error());
      column_of[c] = *index;
      if (words[c] > 0) warn("column \"" + grid.columns[c] + "\": " + std::to_string(words[c]) + " cells are no numbers");
    }
    std::vector<std::pair<std::string, std::size_t>> aliases;
    std::size_t nameless = 0;
    const std::size_t known_before = table_.models.size();
    for (std::size_t r = 0; r < grid.texts.size(); ++r) {
      std::optional<std::string> name = grid.texts[r][naming];
      if (!name && grid.numbers[r][naming]) name = python_repr(*grid.numbers[r][naming]);
      if (!name) {
        ++nameless;
        continue;
      }
      // A row may stand under another of its names already, if another file brought it.
      std::optional<std::size_t> row = table_.model(*name);
      for (std::size_t c = 0; c < width && !row; ++c)
        if (c != naming && words[c] > numbers[c] && grid.texts[r][c] && uses[folded(*grid.texts[r][c])] == 1)
          if (auto other = table_.model(*grid.texts[r][c]); other && *other < known_before) row = other;
      if (!row) {
        auto made = model(*name);
        if (!made) return std::unexpected(made.error());
        row = *made;
      } else {
        aliases.emplace_back(table_.fold(*name), *row);
      }
      for (std::size_t c = 0; c < width; ++c) {
        if (column_of[c] && grid.numbers[r][c]) {
          if (auto done = value(*column_of[c], *row, *grid.numbers[r][c]); !done) return done;
        } else if (c != naming && words[c] > numbers[c] && grid.texts[r][c] && uses[folded(*grid.texts[r][c])] == 1) {
          aliases.emplace_back(table_.fold(*grid.texts[r][c]), *row);
        }
      }
    }
    // Names first: another row's own name wins over an alias.
    for (auto& [alias, row] : aliases) table_.known_.try_emplace(std::move(alias), row);
    if (nameless > 0) warn(std::to_string(nameless) + " rows without a model's name were left out");
    return {};
  }

  Result<void> add_csv(std::string_view text) {
    CsvOptions options;
    options.where = where_;
    options.max_columns = kColumns;
    options.max_field = std::size_t{1} << 20;
    const std::string_view first = text.substr(0, text.find('\n'));
    if (std::count(first.begin(), first.end(), '\t') > std::count(first.begin(), first.end(), ',')) options.delimiter = '\t';
    CsvReader reader(text, options);
    CsvRow row;
    auto more = reader.next(row);
    if (!more) return std::unexpected(more.error());
    if (!*more || row.size() < 2) return fail(ErrorKind::data, "not a table of models and scores", where_, "a csv file has a first line of column names, then one model a line");
    Grid grid;
    for (const std::string& name : row) grid.columns.push_back(tidy(name));
    auto place = [&](std::string_view name) { return static_cast<std::size_t>(std::find(grid.columns.begin(), grid.columns.end(), name) - grid.columns.begin()); };
    const std::size_t benchmark = place("benchmark"), edition = place("edition"), official = place("official"), roles = place("roles"), metric = place("metric");
    const std::size_t model_at = place("model"), value_at = place("value"), width = grid.columns.size();
    const bool own = benchmark < width && edition < width && model_at < width && value_at < width && place("rank") < width;
    while (true) {
      more = reader.next(row);
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
      if (row.empty() || std::all_of(row.begin(), row.end(), [](const std::string& cell) { return strip(valid_utf8(cell)).empty(); })) continue;
      if (row.size() > width) return fail(ErrorKind::data, "more cells than columns", where_ + ":" + std::to_string(reader.line()));
      if (own) {
        row.resize(width + 1);  // the last one stands for columns that are not there
        auto number = score_number(valid_utf8(row[value_at]));
        if (!number || is_missing(row[model_at])) continue;
        Board board{.benchmark = row[benchmark], .edition = row[edition], .metric = row[metric]};
        board.official = row[official].empty() ? board.edition == "official" : lower(strip(row[official])) == "true";  // spreadsheets write TRUE
        if (auto done = one(column_of(board, row[roles]), row[model_at], *number); !done) return done;
        continue;
      }
      const auto at = new_row(grid, where_);
      if (!at) return std::unexpected(at.error());
      for (std::size_t c = 0; c < row.size(); ++c) add_cell(grid, *at, c, valid_utf8(row[c]));
    }
    return own ? Result<void>() : add_grid(grid);
  }

  /// What keeps boards apart, whichever file holds them.
  std::string column_of(const Board& board, const std::string& judges) {
    std::string out = board.benchmark.empty() ? "score" : board.benchmark;
    if (!board.official) out += " (" + standing(board) + ")";
    if (!judges.empty()) out += ", " + judges;
    if (const auto first = headlines_.try_emplace(board.benchmark, board.metric).first; first->second != board.metric) out += ", " + board.metric;
    return out;
  }

  Result<void> one(const std::string& column_name, const std::string& name, double number) {
    auto index = column(column_name);
    if (!index) return std::unexpected(index.error());
    auto row = model(tidy(name));
    if (!row) return std::unexpected(row.error());
    return value(*index, *row, number);
  }

  Result<void> add_reports(std::span<const Report> reports) {
    const Leaderboard ranked = rank(reports);
    for (const Board& board : ranked.boards) {
      const std::string name = column_of(board, judges_text(board));
      for (const RankedRow& row : board.rows)
        if (row.metric.value && std::isfinite(*row.metric.value))
          if (auto done = one(name, row.model, *row.metric.value); !done) return done;
    }
    return {};
  }

  Result<void> add_boards(const json::array& boards) {
    for (const json::value& one_board : boards) {
      const json::value* rows = find(one_board, "rows");
      if (!rows || !rows->is_array()) return fail(ErrorKind::data, "a board has no rows", where_);
      Board board{.benchmark = get_string(one_board, "benchmark").value_or(""), .edition = get_string(one_board, "edition").value_or("official"), .metric = get_string(one_board, "metric").value_or("")};
      board.official = get_bool(one_board, "official").value_or(board.edition == "official");
      if (const json::value* roles = find(one_board, "roles"); roles && roles->is_object())
        for (const auto& role : roles->as_object())
          if (const json::string* label = role.value().if_string()) board.judges[std::string(role.key())] = std::string(*label);
      const std::string name = column_of(board, judges_text(board));
      for (const json::value& row : rows->as_array()) {
        auto who = get_string(row, "model");
        auto number = get_number(row, "value");
        if (!who || !number || !std::isfinite(*number)) continue;
        if (auto done = one(name, *who, *number); !done) return done;
      }
    }
    return {};
  }

  Result<void> add_table(const json::object& table) {
    Grid grid;
    for (const json::value& name : table.at("columns").as_array()) {
      const json::string* text = name.if_string();
      if (!text) return fail(ErrorKind::data, "a column's name is no text", where_);
      grid.columns.push_back(tidy(std::string_view(*text)));
    }
    if (grid.columns.size() > kColumns) return fail(ErrorKind::data, "more than 1,000 columns", where_);
    for (const json::value& row : table.at("rows").as_array()) {
      const json::array* cells = row.if_array();
      if (!cells || cells->size() > grid.columns.size())
        return fail(ErrorKind::data, "row " + std::to_string(grid.texts.size() + 1) + " is no list of at most " + std::to_string(grid.columns.size()) + " cells", where_);
      const auto at = new_row(grid, where_);
      if (!at) return std::unexpected(at.error());
      for (std::size_t c = 0; c < cells->size(); ++c) add_json_cell(grid, *at, c, (*cells)[c]);
    }
    return add_grid(grid);
  }

  static bool is_table(const json::value& value) {
    const json::value *columns = find(value, "columns"), *rows = find(value, "rows");
    return columns && rows && columns->is_array() && rows->is_array();
  }

  /// Objects of equal standing, with the names of their rows where a member of theirs does not hold them.
  Result<void> add_records(const std::vector<std::pair<std::string, const json::object*>>& records) {
    Grid grid;
    std::map<std::string, std::size_t> places;
    const bool named = !records.empty() && !records.front().first.empty();
    if (named) places.emplace("model", 0), grid.columns.emplace_back("model");
    for (const auto& [name, record] : records)
      for (const auto& member : *record) {
        if (!as_number(member.value()) && !member.value().is_string()) continue;
        const std::string column(member.key());
        if (places.try_emplace(column, grid.columns.size()).second) grid.columns.push_back(tidy(column));
        if (grid.columns.size() > kColumns) return fail(ErrorKind::data, "more than 1,000 columns", where_);
      }
    for (const auto& [name, record] : records) {
      const auto at = new_row(grid, where_);
      if (!at) return std::unexpected(at.error());
      if (named && !name.empty()) grid.texts[*at][0] = tidy(name);
      for (const auto& member : *record)
        if (auto place = places.find(std::string(member.key())); place != places.end() && (!named || place->second > 0)) add_json_cell(grid, *at, place->second, member.value());
    }
    return add_grid(grid);
  }

  Result<void> add_json(const json::value& value) {
    if (!only_.empty()) {
      const json::value* chosen = find(value, only_);
      if (!chosen || !is_table(*chosen)) return fail(ErrorKind::usage, "there is no table \"" + shorten(only_, 60) + "\"", where_);
      return add_table(chosen->as_object());
    }
    const auto is_report = [](const json::value& one) { return find(one, "benchmark") && find(one, "metrics"); };
    if (is_report(value) || (value.is_array() && !value.as_array().empty() && is_report(value.as_array().front()))) {
      auto reports = reports_from_json(value);
      if (!reports) return fail(Error{reports.error().kind, reports.error().message, where_, reports.error().hint});
      return add_reports(*reports);
    }
    if (const json::value* boards = find(value, "boards"); boards && boards->is_array()) return add_boards(boards->as_array());
    if (is_table(value)) return add_table(value.as_object());
    std::vector<std::pair<std::string, const json::object*>> records;
    if (const json::array* rows = value.if_array()) {
      for (const json::value& row : *rows)
        if (const json::object* record = row.if_object()) records.emplace_back("", record);
      if (!records.empty() && records.size() == rows->size()) return add_records(records);
    } else if (const json::object* members = value.if_object(); members && !members->empty()) {
      std::size_t tables = 0;
      for (const auto& member : *members) tables += is_table(member.value());
      if (tables > 0) {
        for (const auto& member : *members)
          if (is_table(member.value()))
            if (auto done = add_table(member.value().as_object()); !done) return done;
        return {};
      }
      for (const auto& member : *members)
        if (const json::object* record = member.value().if_object()) records.emplace_back(std::string(member.key()), record);
      if (!records.empty() && records.front().first.empty()) records.erase(records.begin());
      if (!records.empty()) return add_records(records);
    }
    return fail(ErrorKind::data, "not a table of models and scores", where_, "reports, leaderboards, csv files, and JSON tables with \"columns\" and \"rows\" are read");
  }
};

Result<void> ScoreTable::add(std::string_view text, const std::string& where, std::string_view table) {
  ScoreFile file(*this, where, table);
  if (auto done = file.add_text(text); !done) return done;
  file.finish();
  return {};
}

}  // namespace assay
