// JSON as pandas writes tables of records with an indentation of two: the layout of AlpacaEval's annotation files and caches,
// byte for byte.
#pragma once

#include <span>
#include <string>

#include "base/json.h"

namespace assay::alpaca_eval {

/// The document of a list of records, without a line end behind it. Floats have at most ten decimals; NaN and infinities become
/// null. Texts must be valid UTF-8.
std::string write_pandas_records(std::span<const json::object> records);

/// One float: "2.0", "1.1118482079", "0.0000000001", "1.5e+17"; ten decimals, at a half towards the even digit.
void append_pandas_number(std::string& out, double value);

}  // namespace assay::alpaca_eval
