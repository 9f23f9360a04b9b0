#include "stats/logistic_slope.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay {
namespace {

constexpr int kMostSteps = 60;
constexpr double kPrecision = 1e-12;

double weight_of(std::span<const double> weights, std::size_t i) { return weights.empty() ? 1 : weights[i]; }

/// Whether some threshold has all of the label 1 on one side and all of the label 0 on the other (points on the threshold may be either):
/// then the likelihood rises for ever, or x or the labels do not vary at all. A soft label is a bit of both.
bool separable(std::span<const double> x, std::span<const double> labels, std::span<const double> weights) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low_1 = kInfinity, high_1 = -kInfinity, low_0 = kInfinity, high_0 = -kInfinity;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(weight_of(weights, i) > 0)) continue;
    if (labels[i] > 0) low_1 = std::min(low_1, x[i]), high_1 = std::max(high_1, x[i]);
    if (labels[i] < 1) low_0 = std::min(low_0, x[i]), high_0 = std::max(high_0, x[i]);
  }
  return high_0 <= low_1 || high_1 <= low_0;  // also true where one of them is empty, and where all x are equal
}

double log_likelihood(std::span<const double> x, std::span<const double> labels, std::span<const double> weights, const LogisticLine& line) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double z = line.intercept + line.slope * x[i];
    const double softplus = z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
    sum += weight_of(weights, i) * (labels[i] * z - softplus);
  }
  return sum;
}

}  // namespace

std::optional<LogisticLine> logistic_line(std::span<const double> x, std::span<const double> labels, std::span<const double> weights) {
  if (x.empty() || separable(x, labels, weights)) return std::nullopt;
  LogisticLine line;
  double reached = log_likelihood(x, labels, weights, line);
  for (int step = 0; step < kMostSteps; ++step) {
    double g_0 = 0, g_1 = 0, h_00 = 0, h_01 = 0, h_11 = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double w = weight_of(weights, i), p = 1 / (1 + std::exp(-(line.intercept + line.slope * x[i])));
      const double rest = w * (labels[i] - p), curve = w * p * (1 - p);
      g_0 += rest, g_1 += rest * x[i];
      h_00 += curve, h_01 += curve * x[i], h_11 += curve * x[i] * x[i];
    }
    const double determinant = h_00 * h_11 - h_01 * h_01;
    if (!(determinant > 0)) return std::nullopt;
    const double d_0 = (h_11 * g_0 - h_01 * g_1) / determinant, d_1 = (h_00 * g_1 - h_01 * g_0) / determinant;
    double factor = 1;
    LogisticLine next;
    double now = 0;
    for (int halved = 0; halved < 40; ++halved, factor /= 2) {
      next = {line.intercept + factor * d_0, line.slope + factor * d_1};
      now = log_likelihood(x, labels, weights, next);
      if (now >= reached) break;
    }
    const bool done = std::abs(factor * d_0) <= kPrecision * (1 + std::abs(next.intercept)) && std::abs(factor * d_1) <= kPrecision * (1 + std::abs(next.slope));
    if (now < reached) return line;  // rounding alone is left
    line = next;
    reached = now;
    if (done) return line;
  }
  return std::nullopt;
}

}  // namespace assay
