// Win rates from preferences. A preference is in [1, 2]: 1 = the reference's output is better, 2 = the evaluated model's, 1.5 = a
// tie; 0 is an older way to write a tie. Units: percent.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/error.h"

namespace assay::alpaca_eval {

struct WinRate {
  std::optional<double> win_rate;        // none when no preference counts
  std::optional<double> standard_error;  // none for fewer than two
  std::size_t n_wins = 0, n_wins_base = 0, n_draws = 0, n_total = 0;
  std::optional<double> discrete_win_rate;  // every preference rounded to a win, a loss or a tie
};

/// NaN = missing. Missing values and values outside [1, 2] do not count. `data` error for an empty list.
Result<WinRate> win_rate(std::span<const double> preferences);

/// Is `now` so far from `before` (percent) that the length control should not be trusted? A move of a quarter of the way to the
/// edge, and of ten points at least.
bool is_extreme_change(double before, double now, bool warn_small = true, bool warn_large = true);

}  // namespace assay::alpaca_eval
