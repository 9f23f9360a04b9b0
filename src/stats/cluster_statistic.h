// Cluster bootstrap of any statistic: clusters (an instruction with all that was asked about it) are drawn with replacement, and the statistic is
// computed with every cluster counting as often as it was drawn. Draws are CPython's, so that anybody can repeat an interval.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace assay {

/// How often each of the clusters was drawn; adds up to their number.
using Multiplicities = std::vector<double>;

struct BootstrapEstimate {
  double error = 0;           // standard deviation of the replicates
  double low = 0, high = 0;   // 2.5 % and 97.5 % quantiles
  std::size_t replicates = 0;  // in which the statistic exists
};

/// Every replicate draws floor(random() * clusters), `clusters` times, from Random(seed). Several statistics of one call see the same draws; out[k]
/// belongs to the k-th number that `statistics` fills in (it gets `count` numbers, all of them empty). Nothing where a statistic does not exist in more
/// than a twentieth of the replicates - an interval of what is left would be one of the easy cases -, and for fewer than two clusters.
std::vector<std::optional<BootstrapEstimate>> bootstrap(std::size_t clusters, std::size_t replicates, long long seed, std::size_t count,
                                                        const std::function<void(const Multiplicities&, std::span<std::optional<double>>)>& statistics);

}  // namespace assay
