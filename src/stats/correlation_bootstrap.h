// How sure a correlation is: percentile intervals over resampled pairs. Draws are CPython's, so that anybody can repeat them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/python_random.h"
#include "stats/cluster_bootstrap.h"

namespace assay {

struct CorrelationIntervals {
  std::optional<PercentileInterval> spearman, pearson;  // 95 %
  std::size_t used = 0;  // replicates that have a correlation: those in which neither side is constant
};
/// Each replicate draws as many pairs as there are, with index floor(random() * n). Null for fewer than three pairs, and where less than
/// half of the replicates have a correlation. `x` and `y` have the same length and are finite.
CorrelationIntervals bootstrap_correlations(std::span<const double> x, std::span<const double> y, std::size_t replicates, PythonRandom& random);

}  // namespace assay
