// Standard errors and intervals of means. Sources: Student's t; clustered ("sandwich") errors as in Miller 2024, arXiv:2411.00640 s. 2.2.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace assay {

struct Estimate {
  double mean = 0;
  std::optional<double> stderr_;           // none for fewer than two clusters
  std::optional<double> ci_low, ci_high;   // 95 %, Student's t with clusters-1 degrees of freedom
  std::size_t n = 0, clusters = 0;
};

/// `cluster[i]` numbers the cluster (sample) of values[i]; values of one sample over iterations share a number. Equal-sized or not.
Estimate clustered_mean(std::span<const double> values, std::span<const std::size_t> cluster);
/// Each value its own cluster.
Estimate mean_estimate(std::span<const double> values);
/// Two-sided 97.5 % quantile of Student's t with `degrees` degrees of freedom.
double t_quantile_975(double degrees);

}  // namespace assay
