#include "benchmark/alpaca_eval/win_rate.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/pairwise_sum.h"

namespace assay::alpaca_eval {

Result<WinRate> win_rate(std::span<const double> preferences) {
  if (preferences.empty())
    return fail(ErrorKind::data, "there are no annotations to compute a win rate from", {},
                "check that the model's outputs and the reference share instructions");
  WinRate out;
  std::vector<double> wins;
  double discrete_sum = 0;
  std::size_t discrete = 0;
  auto value_of = [](double p) { return p == 0 ? 1.5 : p; };
  auto counts = [](double p) { return p >= 1 && p <= 2; };
  for (double raw : preferences) {
    double p = value_of(raw);
    if (counts(p)) {
      wins.push_back(p - 1);
      ++out.n_total;
      out.n_wins += p > 1.5;
      out.n_wins_base += p < 1.5;
      out.n_draws += p == 1.5;
    }
    double rounded = value_of(p == 1.5 ? 0 : std::nearbyint(raw));
    if (counts(rounded)) {
      discrete_sum += rounded - 1;
      ++discrete;
    }
  }
  if (discrete > 0) out.discrete_win_rate = 100 * (discrete_sum / static_cast<double>(discrete));
  if (out.n_total == 0) return out;
  auto n = static_cast<double>(out.n_total);
  const double mean = pairwise_sum(wins) / n;
  out.win_rate = 100 * mean;
  for (double& win : wins) win = (mean - win) * (mean - win);
  if (out.n_total > 1) out.standard_error = 100 * (std::sqrt(pairwise_sum(wins) / (n - 1)) / std::sqrt(n));
  return out;
}

bool is_extreme_change(double before, double now, bool warn_small, bool warn_large) {
  bool small = now<std::min(before - before / 4, before - 10), large = now> std::max(before + (100 - before) / 4, before + 10);
  return (warn_small && small) || (warn_large && large);
}

}  // namespace assay::alpaca_eval
