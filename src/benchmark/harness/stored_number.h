// Numbers in result rows, which are strict JSON: what JSON lacks is stored as "inf", "-inf" and "nan".
#pragma once

#include <cmath>
#include <limits>
#include <optional>

#include "base/json.h"

namespace assay::harness {

inline json::value stored_number(double number) {
  if (std::isfinite(number)) return number;
  return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
}

inline std::optional<double> read_stored_number(const json::value& value) {
  if (auto number = as_number(value)) return number;
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

/// The log-likelihood of a stored row or of what was chosen; NaN where it has none.
inline double stored_loglikelihood(const json::value& row) {
  const json::value* value = find(row, "loglikelihood");
  return (value ? read_stored_number(*value) : std::nullopt).value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace assay::harness
