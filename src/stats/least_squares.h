// A straight line through points by ordinary least squares, and what it says of a new value in either direction.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace assay {

struct LineFit {
  double slope = 0, intercept = 0;  // y = intercept + slope * x
  double rmse = 0;                  // sqrt of the mean squared residual: divided by n
  std::size_t n = 0;
  double mean_x = 0, squares_x = 0;  // sum of (x - mean)^2
};
/// Null for fewer than two points or equal x. `x` and `y` have the same length and are finite.
std::optional<LineFit> least_squares(std::span<const double> x, std::span<const double> y);

struct Prediction {
  double value = 0;
  std::optional<double> low, high;  // 95 %, Student's t with n - 2 degrees of freedom; null for n < 3
};
/// The x at which the line has this y, with the interval of classical calibration (the residuals' spread over the slope; the slope
/// itself is taken as known). Null for a flat line.
std::optional<Prediction> predict_x(const LineFit& fit, double y);

}  // namespace assay
