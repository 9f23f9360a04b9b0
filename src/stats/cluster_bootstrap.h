// Percentile bootstrap of a mean whose values come in clusters: copies of one question, answers to one passage. Draws are CPython's, so
// that anybody can repeat an interval.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/python_random.h"

namespace assay {

/// The means of `replicates` resamples. Each draws as many clusters as there are, with index floor(random() * clusters), and takes all
/// their values. `cluster[i]` numbers the cluster of values[i]; numbers are used in order of first appearance. Empty without values.
std::vector<double> cluster_bootstrap(std::span<const double> values, std::span<const std::size_t> cluster, std::size_t replicates, PythonRandom& random);

struct PercentileInterval {
  double low = 0, high = 0;
};
/// 2.5 % and 97.5 % quantiles, with linear interpolation at (B - 1) p. Sorts `means`. Null when it is empty.
std::optional<PercentileInterval> percentile_interval(std::vector<double>& means);

/// How many independent values n values are worth when copies always agree: n^2 over the sum of squared multiplicities. 0 without values.
double effective_size(std::span<const std::size_t> cluster);

}  // namespace assay
