#include "benchmark/alpaca_eval/table.h"

#include <glob.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/nan_json.h"
#include "benchmark/alpaca_eval/pandas_csv.h"
#include "benchmark/alpaca_eval/pandas_json.h"
#include "dataset/csv.h"
#include "dataset/parquet.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::size_t kMaxColumns = 2'000, kMaxPairs = 10'000'000;
constexpr std::size_t kMaxCells = 20'000'000;  // there or not: each takes its 24 bytes, and a row of many columns may be two bytes long

std::unexpected<Error> too_many_cells(std::string_view where) {
  return fail(ErrorKind::data, "the table has more than 20,000,000 cells", std::string(where));
}

// A column of numbers has one type, as in pandas: whole where all are, also those that the file writes with a point; otherwise, or where some are missing,
// floats. Truth values among them count as 1 and 0.
void settle_numbers(Table& table, std::size_t column, bool may_become_whole) {
  bool missing = false, truths = false, numbers = false, whole = true;
  for (const std::vector<json::value>& row : table.rows) {
    const json::value& cell = row[column];
    if (cell.is_null()) {
      missing = true;
    } else if (cell.is_bool()) {
      truths = true;
    } else if (auto number = as_number(cell)) {
      numbers = true;
      whole = whole && (cell.is_int64() || (may_become_whole && *number == std::floor(*number) && std::fabs(*number) < 9.2e18));
    } else {
      return;
    }
  }
  if (truths && (!may_become_whole || (!numbers && !missing))) return;
  whole = whole && !missing;
  for (std::vector<json::value>& row : table.rows) {
    json::value& cell = row[column];
    if (cell.is_null()) continue;
    const double number = cell.is_bool() ? (cell.get_bool() ? 1 : 0) : *as_number(cell);
    if (whole && !cell.is_int64())
      cell = static_cast<std::int64_t>(number);
    else if (!whole && !cell.is_double())
      cell = number;
  }
}

// A table that grows record by record; columns in order of appearance.
class TableOfRecords {
 public:
  Result<void> add(json::object& record, std::string_view where) {
    std::vector<json::value>& row = table_.rows.emplace_back();  // short, until all columns are known
    for (auto& member : record) {
      auto [place, fresh] = places_.emplace(member.key(), table_.columns.size());
      if (fresh) {
        if (table_.columns.size() == kMaxColumns) return fail(ErrorKind::data, "too many different fields", std::string(where));
        table_.columns.emplace_back(member.key());
      }
      if (row.size() <= place->second) row.resize(place->second + 1);
      row[place->second] = std::move(member.value());
    }
    if (table_.rows.size() * table_.columns.size() > kMaxCells) return too_many_cells(where);
    return {};
  }
  std::size_t rows() const { return table_.rows.size(); }
  Table take() {
    for (std::vector<json::value>& row : table_.rows) row.resize(table_.columns.size());
    return std::move(table_);
  }

 private:
  Table table_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// The number of an escape "\\uXXXX" at that place; 0 where there is none.
unsigned unit_at(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text.substr(at, 2) != "\\u") return 0;
  unsigned unit = 0;
  const char* end = text.data() + at + 6;
  return std::from_chars(text.data() + at + 2, end, unit, 16).ptr == end ? unit : 0;
}

/// Python writes half a pair where a text was cut inside a letter; pandas refuses to read it, as everybody does.
Error with_surrogate_hint(Error error, std::string_view text) {
  for (std::size_t at = 0; (at = text.find('\\', at)) != std::string_view::npos;) {
    const unsigned unit = unit_at(text, at), next = unit_at(text, at + 6);
    const bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000, pair = high && next >= 0xDC00 && next < 0xE000;
    if (low || (high && !pair)) {
      error.hint = "\"" + std::string(text.substr(at, 6)) + "\" is half of a letter without the other half: put \\ufffd in its place";
      return error;
    }
    at += pair ? 12 : 2;
  }
  return error;
}

Result<Table> read_json_table(std::string_view text, std::string_view where) {
  auto document = parse_json(text, where);
  if (!document)
    if (auto mended = nan_as_null(text)) document = parse_json(*mended, where);
  if (!document) return fail(with_surrogate_hint(document.error(), text));
  if (!document->is_array()) return fail(ErrorKind::data, "the file holds no list of records", std::string(where));
  read_as_pandas(*document);
  TableOfRecords table;
  for (json::value& record : document->as_array()) {
    if (!record.is_object()) return fail(ErrorKind::data, "record " + std::to_string(table.rows() + 1) + " is no object", std::string(where));
    if (auto done = table.add(record.as_object(), where); !done) return fail(done.error());
  }
  Table out = table.take();
  for (std::size_t c = 0; c < out.columns.size(); ++c) settle_numbers(out, c, true);
  return out;
}

Result<Table> read_parquet_table(const std::string& file) {
  TableOfRecords table;
  auto done = read_parquet(file, {}, [&](json::object record) { return table.add(record, file); });
  if (!done) return fail(done.error());
  return table.take();
}

bool stays_text(std::string_view column) {
  for (std::string_view prefix : {"instruction", "output", "generator", "annotator", "dataset", "input"}) {
    if (column.starts_with(prefix)) return true;
  }
  return false;
}

Result<Table> read_csv_table(std::string_view text, char delimiter, std::string_view where) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvOptions options;
  options.delimiter = delimiter;
  options.max_columns = kMaxColumns;
  options.where = std::string(where);
  CsvReader reader(text, options);
  Table table;
  CsvRow row;
  std::unordered_set<std::string> names;
  bool header = true;
  std::size_t skip = 0, width = 0;
  while (true) {
    auto more = reader.next(row);
    if (!more) return fail(more.error());
    if (!*more) break;
    if (reader.cut())
      return fail(ErrorKind::data, "a text that begins with a double quote is never closed", std::string(where) + ":" + std::to_string(reader.line()),
                  "quotes inside a quoted text are doubled: \"he said \"\"no\"\"\"");
    if (row.empty()) continue;
    if (header) {
      header = false;
      width = row.size();
      skip = row[0].empty() || row[0] == "Unnamed: 0" ? 1 : 0;
      for (std::size_t i = skip; i < row.size(); ++i) {
        // A name that comes again gets a number, as in pandas.
        std::string name = valid_utf8(row[i]);
        std::string unique = name;
        for (std::size_t again = 1; !names.insert(unique).second; ++again) unique = name + "." + std::to_string(again);
        table.columns.push_back(std::move(unique));
      }
      continue;
    }
    if (row.size() > width)
      return fail(ErrorKind::data, std::to_string(row.size()) + " fields instead of " + std::to_string(width),
                  std::string(where) + ":" + std::to_string(reader.line()),
                  "a text with the delimiter or line breaks in it must stand in double quotes");
    if ((table.rows.size() + 1) * width > kMaxCells) return too_many_cells(where);
    std::vector<json::value>& cells = table.rows.emplace_back();
    for (std::size_t i = skip; i < width; ++i)
      cells.push_back(i < row.size() ? json::value(json::string(valid_utf8(row[i])))
                                     : json::value(nullptr));  // short rows: missing
  }
  if (header) return fail(ErrorKind::data, "the file is empty", std::string(where));
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (stays_text(table.columns[c])) continue;
    std::vector<std::string_view> texts;
    texts.reserve(table.rows.size());
    for (const std::vector<json::value>& cells : table.rows) texts.push_back(cells[c].is_string() ? std::string_view(cells[c].get_string()) : std::string_view());
    const PandasColumn kind = pandas_column(texts);
    for (std::size_t r = 0; r < texts.size(); ++r) {
      json::value& cell = table.rows[r][c];
      if (is_pandas_missing(texts[r]))
        cell = nullptr;
      else if (kind == PandasColumn::whole)
        cell = *read_pandas_csv_whole(texts[r]);
      else if (kind == PandasColumn::floating)
        cell = *read_pandas_csv_float(texts[r]);
      else if (kind == PandasColumn::boolean)
        cell = *read_pandas_csv_bool(texts[r]);
    }
  }
  return table;
}

// Equal for equal values.
std::string identity_of(const json::value& value) {
  if (auto number = as_number(value); number && *number == std::floor(*number) && std::fabs(*number) < 9e15)
    return std::to_string(static_cast<std::int64_t>(*number));  // 1 and 1.0 are equal
  if (value.is_string()) return "\"" + std::string(value.get_string());
  return write_json(value, JsonStyle::canonical);
}

std::string identity_of(const std::vector<json::value>& row, std::span<const std::size_t> columns) {
  std::string identity;
  for (std::size_t c : columns) {
    std::string part = identity_of(row[c]);
    identity += std::to_string(part.size()) + ":" + part;
  }
  return identity;
}

Result<std::vector<std::size_t>> places_of(const Table& table, std::span<const std::string> keys, const char* which) {
  std::vector<std::size_t> places;
  for (const std::string& key : keys) {
    auto place = table.column(key);
    if (!place) {
      std::vector<std::string> nearest = did_you_mean(key, table.columns);
      return fail(ErrorKind::usage, std::string("the ") + which + " have no column \"" + key + "\"", {},
                  nearest.empty() ? "they have " + shorten(join(table.columns, ", "), 200) : "did you mean " + nearest[0] + "?");
    }
    places.push_back(*place);
  }
  return places;
}

}  // namespace

std::optional<std::size_t> Table::column(std::string_view name) const {
  auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::vector<json::object> Table::records() const {
  std::vector<json::object> records;
  records.reserve(rows.size());
  for (const std::vector<json::value>& row : rows) {
    json::object& record = records.emplace_back();
    record.reserve(columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) record.emplace(columns[c], row[c]);
  }
  return records;
}

std::string Table::pandas_json() const {
  return write_pandas_table(columns, rows.size(), [&](std::size_t row, std::size_t column) { return &rows[row][column]; });
}

std::size_t Table::cells_with(const Table& other) const {
  const auto fresh = std::ranges::count_if(other.columns, [&](const std::string& name) { return !column(name); });
  return (rows.size() + other.rows.size()) * (columns.size() + static_cast<std::size_t>(fresh));
}

void Table::append(Table other) {
  std::vector<std::size_t> places;
  for (std::string& name : other.columns) {
    auto place = column(name);
    if (!place) {
      place = columns.size();
      columns.push_back(std::move(name));
    }
    places.push_back(*place);
  }
  for (std::vector<json::value>& row : rows) row.resize(columns.size());
  for (std::vector<json::value>& from : other.rows) {
    std::vector<json::value>& row = rows.emplace_back(columns.size());
    for (std::size_t c = 0; c < places.size(); ++c) row[places[c]] = std::move(from[c]);
  }
}

Result<std::vector<std::string>> matches_of(const std::string& pattern) {
  glob_t found{};
  int code = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> paths;
  if (code == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (code != 0 && code != GLOB_NOMATCH) return fail(ErrorKind::io, "the folders of this pattern cannot be read", pattern);
  if (paths.empty())
    return fail(ErrorKind::not_found, "no file matches", pattern, "quote the pattern, and check the folder it begins with");
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<Table> read_table(std::string_view text, std::string_view suffix, std::string_view where) {
  if (suffix == ".json") return read_json_table(text, where);
  if (suffix == ".csv") return read_csv_table(text, ',', where);
  if (suffix == ".tsv") return read_csv_table(text, '\t', where);
  return fail(ErrorKind::usage, "File format " + std::string(suffix) + " not supported.", std::string(where),
              "tables are read from .json, .csv, .tsv and .parquet files");
}

namespace {

Result<Table> load_file(const std::string& file) {
  const std::string suffix = std::filesystem::path(file).extension().string();
  if (suffix == ".parquet") return read_parquet_table(file);
  auto text = read_file(file);
  if (!text) return fail(text.error());
  return read_table(*text, suffix, file);
}

}  // namespace

Result<Table> load_table(std::span<const std::string> paths) {
  Table all;
  bool first = true;
  for (const std::string& path : paths) {
    std::vector<std::string> files{path};
    if (path.find('*') != std::string::npos) {
      auto matches = matches_of(path);
      if (!matches) return fail(matches.error());
      files = std::move(*matches);
    }
    for (const std::string& file : files) {
      auto table = load_file(file);
      if (!table) return table;
      if (first)
        all = std::move(*table);
      else if (all.cells_with(*table) > kMaxCells)
        return too_many_cells(file);
      else
        all.append(std::move(*table));
      first = false;
    }
  }
  for (std::size_t c = 0; c < all.columns.size(); ++c) settle_numbers(all, c, false);
  return all;
}

Result<MergedTable> merge_tables(Table first, Table second, std::span<const std::string> keys, bool ordered) {
  auto keys_1 = places_of(first, keys, "first outputs"), keys_2 = places_of(second, keys, "second outputs");
  if (!keys_1) return fail(keys_1.error());
  if (!keys_2) return fail(keys_2.error());
  MergedTable merged;
  MergeNotes& notes = merged.notes;
  notes.rows_1 = first.rows.size();
  notes.rows_2 = second.rows.size();

  std::unordered_map<std::string, std::vector<std::size_t>> partners;
  for (std::size_t i = 0; i < second.rows.size(); ++i) partners[identity_of(second.rows[i], *keys_2)].push_back(i);
  for (const auto& [key, rows] : partners) notes.repeated_2 += rows.size() - 1;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::unordered_set<std::string> seen;
  std::vector<bool> used(second.rows.size());
  auto example = [&](const std::vector<json::value>& row, const std::vector<std::size_t>& places) {
    return places.empty()
               ? std::string()
               : shorten(row[places[0]].is_string() ? std::string(row[places[0]].get_string()) : write_json(row[places[0]]), 60);
  };
  for (std::size_t i = 0; i < first.rows.size(); ++i) {
    std::string key = identity_of(first.rows[i], *keys_1);
    auto found = partners.find(key);
    bool any = false;
    if (found != partners.end()) {
      for (std::size_t j : found->second) {
        if (ordered && i != j) continue;
        if (pairs.size() == kMaxPairs)
          return fail(ErrorKind::data,
                      "the same keys stand in so many rows of both tables that more than ten million pairs arise", {},
                      "give keys that tell the rows apart, or pair the rows in order");
        pairs.emplace_back(i, j);
        used[j] = any = true;
      }
    }
    if (!any && notes.only_1++ == 0) notes.example_1 = example(first.rows[i], *keys_1);
    notes.repeated_1 += !seen.insert(std::move(key)).second;
  }
  for (std::size_t j = 0; j < second.rows.size(); ++j) {
    if (!used[j] && notes.only_2++ == 0) notes.example_2 = example(second.rows[j], *keys_2);
  }

  // The columns of the result: where each comes from.
  struct Source {
    bool second;
    std::size_t column;
  };
  std::vector<Source> sources;
  auto is_key = [&](std::string_view name) { return std::find(keys.begin(), keys.end(), name) != keys.end(); };
  auto all_equal = [&](std::size_t a, std::size_t b) {
    return std::all_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
      const json::value &left = first.rows[pair.first][a], &right = second.rows[pair.second][b];
      return identity_of(left) == identity_of(right);  // missing values, too
    });
  };
  std::vector<bool> shared(second.columns.size());
  for (std::size_t c = 0; c < first.columns.size(); ++c) {
    const std::string& name = first.columns[c];
    auto other = is_key(name) ? std::nullopt : second.column(name);
    bool same = other && name != "output" && name != "generator" && all_equal(c, *other);
    if (same) shared[*other] = true;
    merged.table.columns.push_back(other && !same ? name + "_1" : name);
    sources.push_back({false, c});
  }
  for (std::size_t c = 0; c < second.columns.size(); ++c) {
    const std::string& name = second.columns[c];
    if (is_key(name) || shared[c]) continue;
    merged.table.columns.push_back(first.column(name) ? name + "_2" : name);
    sources.push_back({true, c});
  }

  // Rows are in one pair each and all different where no key repeats.
  const bool single = notes.repeated_1 + notes.repeated_2 == 0;
  std::unordered_set<std::string> rows;
  std::vector<std::size_t> every(sources.size());
  for (std::size_t c = 0; c < every.size(); ++c) every[c] = c;
  merged.table.rows.reserve(pairs.size());
  for (auto [i, j] : pairs) {
    std::vector<json::value> row;
    row.reserve(sources.size());
    for (const Source& source : sources) {
      json::value& cell = source.second ? second.rows[j][source.column] : first.rows[i][source.column];
      if (single)
        row.push_back(std::move(cell));
      else
        row.push_back(cell);
    }
    if (!ordered && !single && !rows.insert(identity_of(row, every)).second) {
      ++notes.dropped;
      continue;
    }
    merged.table.rows.push_back(std::move(row));
  }
  notes.matched = merged.table.rows.size();
  return merged;
}

}  // namespace assay::alpaca_eval
