// Cells of CSV files as pandas' read_csv takes them (1.2 to 2.x, its C parser with the standard precision).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace assay::alpaca_eval {

/// One of the words that stand for a missing value; the empty text among them.
bool is_pandas_missing(std::string_view cell);

/// A float: 17 digits, summed up from the left and then scaled, which misses the nearest double by a unit in the last place in one of seven numbers
/// that were written with all their digits. A table that is read and written again shows it. Blanks around are skipped; infinities have names.
std::optional<double> read_pandas_csv_float(std::string_view cell);
std::optional<std::int64_t> read_pandas_csv_whole(std::string_view cell);
std::optional<bool> read_pandas_csv_bool(std::string_view cell);

enum class PandasColumn { whole, floating, boolean, text };
/// What a column is by all its cells: whole numbers only where none is missing.
PandasColumn pandas_column(std::span<const std::string_view> cells);

}  // namespace assay::alpaca_eval
