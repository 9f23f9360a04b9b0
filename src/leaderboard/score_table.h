// Scores of many models on many benchmarks, gathered from files of several kinds: what rankings are compared on.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

struct ScoreColumn {
  std::string name, source;  // source: the file
  std::vector<std::optional<double>> values;  // one a model; shorter than the models where the last ones have none
  std::optional<double> of(std::size_t model) const { return model < values.size() ? values[model] : std::nullopt; }
  std::size_t count() const;
};

class ScoreTable {
 public:
  std::vector<std::string> models;  // in order of appearance
  std::vector<ScoreColumn> columns;
  std::vector<std::string> warnings;

  /// The column of that name: exactly, else ignoring case, else the only one that begins so. `usage` error that lists the nearest.
  Result<std::size_t> column(std::string_view name) const;
  /// A model by its name or by another name that a file gave it; case, blanks, "-" and "_" do not count.
  std::optional<std::size_t> model(std::string_view name) const;

  /// Adds a file. Kinds, told apart by content:
  ///   csv or tsv with one model a row: the first column that is not numeric names it, other such columns hold further names of the same
  ///     model; every numeric column is a benchmark. Empty cells, "-" and "N/A" are missing; a "%" behind a number is dropped;
  ///   `assay leaderboard --format csv` and `--json`: one column a board;
  ///   report.json, or an array of reports: one column a board, each model's best run. A board's column is named by what keeps boards apart: "BENCHMARK (standing
  ///     unless official), judge=MODEL", and the metric where the file has the benchmark with another one before;
  ///   {"columns": [...], "rows": [[...], ...]}, or an object of such tables; [{"model": ..., COLUMN: number}, ...]; {MODEL: {COLUMN: number}}.
  /// Models of different files meet when a name of the one is a name of the other. A benchmark that two files have stays two columns.
  /// `table`: only that one of an object of tables. Errors: data, naming file and line; more than 100,000 models, 1,000 columns or
  /// 5,000,000 cells in one file, present or not: a column has one for each model up to its last; usage, no such table.
  Result<void> add(std::string_view text, const std::string& where, std::string_view table = {});
  /// For files that are added later: a csv file in which every row lists the names of one model.
  Result<void> add_names(std::string_view text, const std::string& where);

 private:
  std::map<std::string, std::size_t> known_;    // folded names, aliases included
  std::map<std::string, std::string> same_;     // folded name -> the folded name that stands for its model
  std::string fold(std::string_view name) const;
  std::size_t row_of(const std::string& name);
  friend class ScoreFile;
};

/// "45.2", " 45.2 % ", "1,234.5"; nothing for what is no finite number.
std::optional<double> score_number(std::string_view text);

}  // namespace assay
