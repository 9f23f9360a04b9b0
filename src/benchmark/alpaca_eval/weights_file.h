// Files of fitted weights: one line a model, against one baseline and one annotator. They let any two models be compared without
// their outputs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/alpaca_eval/length_control.h"

namespace assay::alpaca_eval {

struct ModelWeights {
  std::string model;
  std::vector<double> weights;  // in the order of WeightsFile::columns
  bool whole = false;           // the zeros of a baseline against itself, which are written as whole numbers while they are alone
};

struct WeightsFile {
  std::vector<std::string> columns;  // glm_columns()
  std::vector<ModelWeights> models;

  /// Null where the model is not listed; of several lines with one name the last counts.
  const ModelWeights* find(std::string_view model) const;
  /// Puts the model at the end, in place of lines with its name.
  void put(ModelWeights entry);
  /// The file's text, with 16 decimals where there are any.
  std::string write() const;
};

/// A csv with an unnamed first column and numbers in all others. `data` errors name the line.
Result<WeightsFile> read_weights_file(std::string_view csv, std::string_view where);

/// The probability (0 to 1) that `model` beats `baseline` at equal length, from weights of length_controlled_v1 and the
/// instructions' difficulties (not empty). `usage` error for a model that is not listed, with the nearest names.
Result<double> predicted_win_rate(const WeightsFile& file, std::span<const double> difficulties, std::string_view model,
                                  std::string_view baseline);

}  // namespace assay::alpaca_eval
