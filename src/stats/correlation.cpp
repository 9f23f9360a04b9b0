#include "stats/correlation.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace assay {
namespace {

std::vector<double> mean_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) ranks[order[k]] = static_cast<double>(i + 1 + end) / 2;
    i = end;
  }
  return ranks;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Asked of the values themselves: the mean of equal ones may miss them by a digit, and then they seem to vary.
bool all_equal(std::span<const double> values) { return std::ranges::all_of(values, [&](double v) { return v == values.front(); }); }

}  // namespace

std::optional<double> pearson(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2 || x.size() != y.size() || all_equal(x) || all_equal(y)) return std::nullopt;
  const double mx = mean_of(x), my = mean_of(y);
  double xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
  }
  if (!(xx > 0) || !(yy > 0)) return std::nullopt;
  const double nx = std::sqrt(xx), ny = std::sqrt(yy);
  double r = 0;
  for (std::size_t i = 0; i < x.size(); ++i) r += (x[i] - mx) / nx * ((y[i] - my) / ny);
  return std::clamp(r, -1.0, 1.0);
}

std::optional<double> kendall_tau_b(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2 || x.size() != y.size()) return std::nullopt;
  double agree = 0, only_x = 0, only_y = 0;  // pairs in the same order minus those in opposite order; pairs untied on that side
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      const int dx = (x[i] > x[k]) - (x[i] < x[k]), dy = (y[i] > y[k]) - (y[i] < y[k]);
      agree += dx * dy;
      only_x += dx != 0;
      only_y += dy != 0;
    }
  if (only_x == 0 || only_y == 0) return std::nullopt;
  return std::clamp(agree / std::sqrt(only_x) / std::sqrt(only_y), -1.0, 1.0);
}

std::optional<double> spearman(std::span<const double> x, std::span<const double> y) {
  const std::vector<double> a = mean_ranks(x), b = mean_ranks(y);
  return pearson(a, b);
}

}  // namespace assay
