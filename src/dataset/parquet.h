// Parquet files as rows of JSON, and back: the form in which hubs keep data sets. DuckDB reads and writes them (dataset/duckdb_library.h).
//
// Files are foreign: DuckDB runs without network, without extensions, with one thread, within `memory`, and may touch the one file alone.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay {

struct ParquetOptions {
  std::vector<std::string> columns{};  // in this order; empty = all
  std::size_t first = 0, limit = std::numeric_limits<std::int64_t>::max();  // rows from 0
  std::size_t memory = std::size_t{2} << 30;  // bytes DuckDB may use
};

/// Takes one row; an error ends the reading and is handed on.
using ParquetRow = std::function<Result<void>(json::object row)>;

/// Whether the bytes begin as a parquet file does.
bool is_parquet(std::string_view bytes);

/// Every row in the file's order. Lists and structs are arrays and objects, maps are objects, dates and times ISO 8601 texts, decimals numbers, bytes a
/// text with \xHH for what is not ASCII; NaN and infinities are null. `not_found`; `data` errors: no parquet file, corrupt, a column that is not there;
/// `unsupported` without DuckDB.
Result<void> read_parquet(const std::filesystem::path& file, const ParquetOptions& options, const ParquetRow& row);
Result<std::vector<json::object>> read_parquet(const std::filesystem::path& file, const ParquetOptions& options = {});

/// A new file of these rows (zstd), replacing an old one only when all is written. Columns are those of all rows in order of appearance; a
/// column of several kinds of values becomes text that holds their JSON. A `data` error without rows or columns.
Result<void> write_parquet(const std::filesystem::path& file, std::span<const json::object> rows, const ParquetOptions& options = {});

}  // namespace assay
