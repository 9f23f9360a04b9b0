// Tables of outputs, references and annotations: named columns over rows of JSON values, read from json, csv and tsv files as
// pandas reads them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::alpaca_eval {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<json::value>> rows;  // as wide as `columns`; null = missing

  std::optional<std::size_t> column(std::string_view name) const;
  /// Every row as an object with all columns.
  std::vector<json::object> records() const;
  /// What write_pandas_records() makes of the records.
  std::string pandas_json() const;
  /// How many cells there are, there or not, with another table's rows below.
  std::size_t cells_with(const Table& other) const;
  /// Adds another table's rows below; columns that only one of them has are null in the other's rows.
  void append(Table other);
};

/// `suffix` with its dot: ".json" (an array of objects; columns in the order in which they appear), ".csv", ".tsv" (a first
/// column without name numbers the rows and is dropped; columns of numbers become numbers, but instruction, output and whatever
/// begins with output, generator, annotator, dataset and input stay text). `usage` error for other suffixes, `data` errors with
/// line or record.
Result<Table> read_table(std::string_view text, std::string_view suffix, std::string_view where);

/// The files that a path with "*" stands for, in bytewise order. Errors: io; not_found where there are none.
Result<std::vector<std::string>> matches_of(const std::string& pattern);

/// One after another, also of ".parquet" files (dataset/parquet.h). A path with "*" stands for all files it matches, in bytewise order; it must match one
/// at least. Errors: not_found, io, those of read_table() and of read_parquet().
Result<Table> load_table(std::span<const std::string> paths);

/// What the merge of two tables noticed.
struct MergeNotes {
  std::size_t rows_1 = 0, rows_2 = 0, matched = 0;
  std::size_t only_1 = 0, only_2 = 0;          // rows without a partner
  std::string example_1, example_2;            // the first such row's keys, shortened
  std::size_t repeated_1 = 0, repeated_2 = 0;  // rows whose keys stood in an earlier row of the same table
  std::size_t dropped = 0;                     // exact duplicates among the merged rows
};
struct MergedTable {
  Table table;
  MergeNotes notes;
};

/// Puts the rows of both tables with equal `keys` side by side, in the order of the first (with repeated keys: every pair). Other
/// columns of both get the suffixes _1 and _2, but where all their values are equal - `output` and `generator` excepted - one
/// copy keeps its name. `ordered`: rows must also have the same number, and duplicates stay. `usage` error for a key that is no
/// column of both. Tables that are moved in lend their cells: nothing is copied where no key repeats.
Result<MergedTable> merge_tables(Table first, Table second, std::span<const std::string> keys, bool ordered = false);

}  // namespace assay::alpaca_eval
