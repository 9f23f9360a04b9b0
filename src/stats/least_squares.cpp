#include "stats/least_squares.h"

#include <algorithm>
#include <cmath>

#include "stats/interval.h"

namespace assay {

std::optional<LineFit> least_squares(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2 || x.size() != y.size()) return std::nullopt;
  if (std::ranges::all_of(x, [&](double v) { return v == x.front(); })) return std::nullopt;
  LineFit fit;
  fit.n = x.size();
  const auto n = static_cast<double>(fit.n);
  double sum_x = 0, sum_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum_x += x[i];
    sum_y += y[i];
  }
  fit.mean_x = sum_x / n;
  const double mean_y = sum_y / n;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    fit.squares_x += (x[i] - fit.mean_x) * (x[i] - fit.mean_x);
    xy += (x[i] - fit.mean_x) * (y[i] - mean_y);
  }
  if (!(fit.squares_x > 0)) return std::nullopt;
  fit.slope = xy / fit.squares_x;
  fit.intercept = mean_y - fit.slope * fit.mean_x;
  double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double residual = y[i] - (fit.intercept + fit.slope * x[i]);
    squares += residual * residual;
  }
  fit.rmse = std::sqrt(squares / n);
  return fit;
}

std::optional<Prediction> predict_x(const LineFit& fit, double y) {
  if (fit.slope == 0 || !std::isfinite(fit.slope)) return std::nullopt;
  Prediction out;
  out.value = (y - fit.intercept) / fit.slope;
  if (fit.n < 3) return out;
  const auto n = static_cast<double>(fit.n);
  const double spread = fit.rmse * std::sqrt(n / (n - 2)) / std::abs(fit.slope);
  const double away = out.value - fit.mean_x;
  const double half = t_quantile_975(n - 2) * spread * std::sqrt(1 + 1 / n + away * away / fit.squares_x);
  out.low = out.value - half;
  out.high = out.value + half;
  return out;
}

}  // namespace assay
