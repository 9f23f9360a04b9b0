// How much models' scores move from version to version.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::mixeval {

struct ModelStability {
  std::string model;
  std::vector<double> scores;  // one a version
  double mean = 0;
  double deviation = 0;                  // divided by n
  std::optional<double> deviation_n1{};  // divided by n - 1; nothing of one version
};

struct Stability {
  std::vector<std::string> versions;
  std::vector<ModelStability> models;
  std::size_t left_out = 0;  // models that lack a version
  double mean = 0, deviation = 0;        // averages over the models
  std::optional<double> deviation_n1{};
};

/// A table whose first column names models and whose other columns are versions; a header names them. A model with an empty cell is left
/// out and counted. Errors (data): no table, a cell that is no number, a model twice, no model with all versions.
Result<Stability> version_stability(std::string_view csv, const std::string& where);

}  // namespace assay::mixeval
