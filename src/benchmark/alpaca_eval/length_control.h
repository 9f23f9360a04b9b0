// The length-controlled win rate: what the win rate would be if the model's outputs were as long as the reference's. A logistic
// regression of the preferences on length difference, instruction difficulty and model; the prediction with the length difference
// set to 0 is averaged. Digits are those of the original program (spec of the `length_controlled_v1` family,
// github.com/tatsu-lab/alpaca_eval).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/alpaca_eval/gamed_rows.h"

namespace assay::alpaca_eval {

enum class Glm {
  v1,       // "length_controlled_v1": with the gamed rows as a regulariser
  noreg,    // "length_controlled_noreg": without them
  minimal,  // "length_controlled_minimal": without them and without difficulty
};
std::string_view name(Glm glm);
/// `usage` error that lists the names.
Result<Glm> glm_named(std::string_view wanted);
/// The columns of the design, in order; also the header of a weights file.
std::vector<std::string> glm_columns(Glm glm);

struct Comparisons {
  std::vector<double> preference;          // as in win_rate.h; NaN = missing
  std::vector<double> length_1, length_2;  // code points of the reference's and the model's outputs
  /// Which difficulty each row has: 0 .. rows-1 as the original does, which is the row's place in the table, or the instruction's
  /// place in the evaluation set. Empty = the row's place.
  std::vector<std::size_t> difficulty_index;
  bool same_generator = false;  // the model is the reference: every prediction is 0.5
};

struct LengthControl {
  double win_rate = 0;                   // length_controlled_winrate, percent
  std::optional<double> standard_error;  // lc_standard_error, percent: the spread over instructions only; none for one row
  std::vector<double>
      predictions;  // glm_preference of every row; NaN only where the model is the reference and a preference is missing
  std::vector<double> weights;  // in the order of glm_columns()
  double strength = 0;          // C
  int iterations = 0;
  std::vector<double> mean_scores;  // of each C, mean over the folds
  std::vector<std::string> doubts;  // why the figure should not be trusted, one sentence each; empty = healthy
};

/// A column `index` holds places in the evaluation set, from 0; nothing for a number that is none.
std::optional<std::size_t> place_of_index(double number);

/// "3, 17, 18, 40, 41 and 12 more": rows in a message, counted from 1.
std::string row_numbers(std::span<const std::size_t> rows);

/// Errors, each with what to do: `data` when nothing can be fitted - no rows, no preferences, fewer rows than folds, more rows
/// than difficulties, all outputs as long as the reference's plus a constant. What can be fitted but is ill-conditioned (all
/// preferences on one side, few instructions, solver not converged, strength at the edge of its range) comes with doubts. Never
/// NaN.
Result<LengthControl> length_control(const Comparisons& table, const GamedRows& gamed, Glm glm = Glm::v1);

/// The fit on all rows with a strength that is known already: weights in the order of glm_columns(). For checking published
/// weights.
Result<std::vector<double>> length_control_weights(const Comparisons& table, const GamedRows& gamed, double strength,
                                                   Glm glm = Glm::v1);

}  // namespace assay::alpaca_eval
