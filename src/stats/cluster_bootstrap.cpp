#include "stats/cluster_bootstrap.h"

#include <algorithm>
#include <unordered_map>

namespace assay {

std::vector<double> cluster_bootstrap(std::span<const double> values, std::span<const std::size_t> cluster, std::size_t replicates, PythonRandom& random) {
  std::vector<double> out;
  if (values.empty()) return out;
  std::unordered_map<std::size_t, std::size_t> order;
  std::vector<std::vector<double>> groups;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto [it, is_new] = order.try_emplace(cluster[i], groups.size());
    if (is_new) groups.emplace_back();
    groups[it->second].push_back(values[i]);
  }
  std::vector<double> sums(groups.size());
  std::vector<std::size_t> sizes(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (double v : groups[g]) sums[g] += v;
    sizes[g] = groups[g].size();
  }
  out.reserve(replicates);
  const auto count = static_cast<double>(groups.size());
  for (std::size_t b = 0; b < replicates; ++b) {
    double sum = 0;
    std::size_t n = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const auto g = static_cast<std::size_t>(random.random() * count);
      sum += sums[g];
      n += sizes[g];
    }
    out.push_back(sum / static_cast<double>(n));
  }
  return out;
}

std::optional<PercentileInterval> percentile_interval(std::vector<double>& means) {
  if (means.empty()) return std::nullopt;
  std::sort(means.begin(), means.end());
  auto quantile = [&](double p) {
    const double at = static_cast<double>(means.size() - 1) * p;
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, means.size() - 1);
    return means[low] + (at - static_cast<double>(low)) * (means[high] - means[low]);
  };
  return PercentileInterval{quantile(0.025), quantile(0.975)};
}

double effective_size(std::span<const std::size_t> cluster) {
  std::unordered_map<std::size_t, double> sizes;
  for (std::size_t c : cluster) ++sizes[c];
  double squares = 0;
  for (const auto& [c, n] : sizes) squares += n * n;
  const auto n = static_cast<double>(cluster.size());
  return squares > 0 ? n * n / squares : 0;
}

}  // namespace assay
