#include "stats/correlation_bootstrap.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

std::vector<std::size_t> sorted_order(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

/// Mean ranks of a resample without sorting it: the original's order, with how often each value was drawn.
void ranks_of(std::span<const double> values, std::span<const std::size_t> order, std::span<const double> drawn, std::vector<double>& ranks) {
  double before = 0;
  for (std::size_t i = 0; i < order.size();) {
    double here = 0;
    std::size_t end = i;
    for (; end < order.size() && values[order[end]] == values[order[i]]; ++end) here += drawn[order[end]];
    for (std::size_t k = i; k < end; ++k) ranks[order[k]] = before + (here + 1) / 2;
    before += here;
    i = end;
  }
}

std::optional<double> weighted_pearson(std::span<const double> x, std::span<const double> y, std::span<const double> weight) {
  double n = 0, mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    n += weight[i];
    mean_x += weight[i] * x[i];
    mean_y += weight[i] * y[i];
  }
  mean_x /= n;
  mean_y /= n;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - mean_x, dy = y[i] - mean_y;
    xx += weight[i] * dx * dx;
    yy += weight[i] * dy * dy;
    xy += weight[i] * dx * dy;
  }
  if (!(xx > 0) || !(yy > 0)) return std::nullopt;
  return std::clamp(xy / std::sqrt(xx) / std::sqrt(yy), -1.0, 1.0);
}

}  // namespace

CorrelationIntervals bootstrap_correlations(std::span<const double> x, std::span<const double> y, std::size_t replicates, PythonRandom& random) {
  CorrelationIntervals out;
  if (x.size() < 3 || x.size() != y.size()) return out;
  const std::vector<std::size_t> by_x = sorted_order(x), by_y = sorted_order(y);
  std::vector<double> drawn(x.size()), ranks_x(x.size()), ranks_y(x.size()), spearman, pearson;
  for (std::size_t b = 0; b < replicates; ++b) {
    std::fill(drawn.begin(), drawn.end(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) drawn[static_cast<std::size_t>(random.random() * static_cast<double>(x.size()))] += 1;
    ranks_of(x, by_x, drawn, ranks_x);
    ranks_of(y, by_y, drawn, ranks_y);
    // Ranks are exact: a constant side has none but equal ones, whatever rounding does to the values.
    const auto rank = weighted_pearson(ranks_x, ranks_y, drawn);
    if (!rank) continue;
    ++out.used;
    spearman.push_back(*rank);
    if (const auto linear = weighted_pearson(x, y, drawn)) pearson.push_back(*linear);
  }
  if (out.used * 2 < replicates) return out;
  out.spearman = percentile_interval(spearman);
  out.pearson = percentile_interval(pearson);
  return out;
}

}  // namespace assay
