// What the length control knows beside a model's annotations: the comparisons of the reference model with its own verbose and
// concise answers, and how difficult each instruction is. Both are data that a user imports (`df_gamed.csv`,
// `instruction_difficulty.csv`).
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::alpaca_eval {

struct GamedRows {
  std::vector<double> preference;     // 0 to 1
  std::vector<double> length_ratio;   // length difference over its standard deviation, before tanh
  std::vector<double> tanh_length;    // tanh of it
  std::vector<double> difficulty;     // of the instruction
  std::vector<double> difficulty_at;  // by row number: the first row of every instruction, in file order
};

/// A csv with the columns preference, index, std_delta_len, instruction_difficulty (others are ignored). `data` errors name the
/// line.
Result<GamedRows> read_gamed_rows(std::string_view csv, std::string_view where);

/// A csv with the columns index and instruction_difficulty, or with an unnamed index: difficulties in file order.
Result<std::vector<double>> read_difficulties(std::string_view csv, std::string_view where);

}  // namespace assay::alpaca_eval
