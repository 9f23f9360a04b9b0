#include "stats/interval.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <vector>

namespace assay {
namespace {

// From the sums of deviations of each cluster. With clusters of one size this is the textbook error of the cluster means:
// the factor g / (g - 1) makes it so (for clusters of one value: s / sqrt(n) with s over n - 1).
void add_error(Estimate& estimate, std::span<const double> cluster_deviation) {
  auto g = static_cast<double>(cluster_deviation.size());
  if (cluster_deviation.size() < 2) return;
  double squares = 0;
  for (double d : cluster_deviation) squares += d * d;
  double error = std::sqrt(squares * g / (g - 1)) / static_cast<double>(estimate.n);
  double half = t_quantile_975(g - 1) * error;
  estimate.stderr_ = error;
  estimate.ci_low = estimate.mean - half;
  estimate.ci_high = estimate.mean + half;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (double v : values) sum += v;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

}  // namespace

Estimate clustered_mean(std::span<const double> values, std::span<const std::size_t> cluster) {
  Estimate out;
  out.n = values.size();
  out.mean = mean_of(values);
  std::unordered_map<std::size_t, std::size_t> place;  // clusters in the order of their first value, so that sums are reproducible
  std::vector<double> deviation;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto [it, is_new] = place.try_emplace(cluster[i], deviation.size());
    if (is_new) deviation.push_back(0);
    deviation[it->second] += values[i] - out.mean;
  }
  out.clusters = deviation.size();
  add_error(out, deviation);
  return out;
}

Estimate mean_estimate(std::span<const double> values) {
  Estimate out;
  out.n = out.clusters = values.size();
  out.mean = mean_of(values);
  std::vector<double> deviation;
  deviation.reserve(values.size());
  for (double v : values) deviation.push_back(v - out.mean);
  add_error(out, deviation);
  return out;
}

double t_quantile_975(double degrees) {
  if (!(degrees > 0)) return std::numeric_limits<double>::quiet_NaN();
  return boost::math::quantile(boost::math::students_t(degrees), 0.975);
}

}  // namespace assay
