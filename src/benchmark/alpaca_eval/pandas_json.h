// JSON as pandas writes tables of records with an indentation of two: the layout of AlpacaEval's annotation files and caches,
// byte for byte.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace assay::alpaca_eval {

/// The document of a list of records, without a line end behind it. Floats have at most ten decimals; NaN and infinities become
/// null. Texts must be valid UTF-8.
std::string write_pandas_records(std::span<const json::object> records);

/// The same of a table, without records in between: `cell` gives each value, null where a row has none. It is asked twice for each.
std::string write_pandas_table(std::span<const std::string> columns, std::size_t rows,
                               const std::function<const json::value*(std::size_t row, std::size_t column)>& cell);

/// One float: "2.0", "1.1118482079", "0.0000000001", "1.5e+17"; ten decimals, at a half towards the even digit.
void append_pandas_number(std::string& out, double value);

/// One number as pandas reads it from a JSON file (read_json without precise_float, pandas 1.5): at most 15 decimals, summed up from the left and
/// scaled, which misses the nearest double by a unit in the last place now and then. Metrics of annotations that were read from a file come out to
/// their last digit only with it. Text that is no JSON number gives NaN.
double read_pandas_number(std::string_view text);

/// The same for every float within a value that was parsed exactly.
void read_as_pandas(json::value& value);

}  // namespace assay::alpaca_eval
