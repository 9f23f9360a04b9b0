#include "stats/cluster_statistic.h"

#include <algorithm>
#include <cmath>

#include "base/python_random.h"
#include "stats/cluster_bootstrap.h"

namespace assay {

std::vector<std::optional<BootstrapEstimate>> bootstrap(std::size_t clusters, std::size_t replicates, long long seed, std::size_t count,
                                                        const std::function<void(const Multiplicities&, std::span<std::optional<double>>)>& statistics) {
  std::vector<std::optional<BootstrapEstimate>> out(count);
  if (clusters < 2 || replicates < 2) return out;
  std::vector<std::vector<double>> found(count);
  PythonRandom random(static_cast<std::int64_t>(seed));
  Multiplicities drawn(clusters);
  std::vector<std::optional<double>> values(count);
  for (std::size_t b = 0; b < replicates; ++b) {
    std::fill(drawn.begin(), drawn.end(), 0);
    for (std::size_t i = 0; i < clusters; ++i) ++drawn[static_cast<std::size_t>(random.random() * static_cast<double>(clusters))];
    std::fill(values.begin(), values.end(), std::nullopt);
    statistics(drawn, values);
    for (std::size_t k = 0; k < count; ++k)
      if (values[k] && std::isfinite(*values[k])) found[k].push_back(*values[k]);
  }
  for (std::size_t k = 0; k < count; ++k) {
    if (found[k].size() < 2 || 20 * (replicates - found[k].size()) > replicates) continue;
    BootstrapEstimate one;
    one.replicates = found[k].size();
    double mean = 0, squares = 0;
    for (double value : found[k]) mean += value;
    mean /= static_cast<double>(found[k].size());
    for (double value : found[k]) squares += (value - mean) * (value - mean);
    one.error = std::sqrt(squares / static_cast<double>(found[k].size() - 1));
    const auto interval = percentile_interval(found[k]);
    one.low = interval->low;
    one.high = interval->high;
    out[k] = one;
  }
  return out;
}

}  // namespace assay
