#include "benchmark/alpaca_eval/gamed_rows.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_set>

#include "benchmark/alpaca_eval/pandas_csv.h"
#include "dataset/csv.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::size_t kMaxRows = 1'000'000;

// Reads named columns of numbers, and one of text.
class NumberTable {
 public:
  NumberTable(std::string_view csv, std::string_view where) : reader_(csv, options(where)), where_(where) {}

  Result<void> header(std::initializer_list<std::string_view> names) {
    CsvRow row;
    auto more = reader_.next(row);
    if (!more) return fail(more.error());
    if (!*more) return fail(ErrorKind::data, "the file is empty", where_);
    if (!row.empty() && row[0].starts_with("\xEF\xBB\xBF")) row[0].erase(0, 3);
    width_ = row.size();
    for (std::string_view name : names) {
      auto found = std::find(row.begin(), row.end(), name);
      if (found == row.end())
        return fail(ErrorKind::data, "the column \"" + std::string(name) + "\" is missing", where_ + ":1",
                    "import the file that the pack names");
      columns_.push_back(static_cast<std::size_t>(found - row.begin()));
    }
    return {};
  }
  Result<bool> next() {
    while (true) {
      auto more = reader_.next(row_);
      if (!more || !*more) return more;
      if (row_.empty()) continue;
      if (row_.size() != width_)
        return fail(ErrorKind::data, std::to_string(row_.size()) + " fields instead of " + std::to_string(width_), place());
      return true;
    }
  }
  const std::string& text(std::size_t i) const { return row_[columns_[i]]; }
  Result<double> number(std::size_t i) const {
    const std::string& field = text(i);
    const auto value = read_pandas_csv_float(field);
    if (!value || !std::isfinite(*value))
      return fail(ErrorKind::data, "not a number: \"" + field.substr(0, 40) + "\"", place());
    return *value;
  }
  std::string place() const { return where_ + ":" + std::to_string(reader_.line()); }

 private:
  static CsvOptions options(std::string_view where) {
    CsvOptions options;
    options.max_field = 1 << 16;
    options.max_columns = 1000;
    options.where = std::string(where);
    return options;
  }
  CsvReader reader_;
  std::string where_;
  CsvRow row_;
  std::size_t width_ = 0;
  std::vector<std::size_t> columns_;
};

}  // namespace

Result<GamedRows> read_gamed_rows(std::string_view csv, std::string_view where) {
  NumberTable table(csv, where);
  if (auto header = table.header({"preference", "std_delta_len", "instruction_difficulty", "index"}); !header)
    return fail(header.error());
  GamedRows rows;
  std::unordered_set<std::string> seen;
  while (true) {
    auto more = table.next();
    if (!more) return fail(more.error());
    if (!*more) break;
    auto preference = table.number(0), length = table.number(1), difficulty = table.number(2);
    for (const auto* number : {&preference, &length, &difficulty}) {
      if (!*number) return fail(number->error());
    }
    if (*preference < 0 || *preference > 1)
      return fail(ErrorKind::data, "a preference outside 0 to 1: " + table.text(0), table.place());
    if (rows.preference.size() == kMaxRows) return fail(ErrorKind::data, "more than a million rows", table.place());
    rows.preference.push_back(*preference);
    rows.length_ratio.push_back(*length);
    rows.tanh_length.push_back(std::tanh(*length));
    rows.difficulty.push_back(*difficulty);
    if (seen.insert(table.text(3)).second) rows.difficulty_at.push_back(*difficulty);
  }
  if (rows.preference.empty()) return fail(ErrorKind::data, "the file holds no rows", std::string(where));
  return rows;
}

Result<std::vector<double>> read_difficulties(std::string_view csv, std::string_view where) {
  NumberTable table(csv, where);
  if (auto header = table.header({"instruction_difficulty"}); !header) return fail(header.error());
  std::vector<double> difficulties;
  while (true) {
    auto more = table.next();
    if (!more) return fail(more.error());
    if (!*more) return difficulties;
    auto difficulty = table.number(0);
    if (!difficulty) return fail(difficulty.error());
    if (difficulties.size() == kMaxRows) return fail(ErrorKind::data, "more than a million rows", table.place());
    difficulties.push_back(*difficulty);
  }
}

}  // namespace assay::alpaca_eval
