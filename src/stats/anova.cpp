#include "stats/anova.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <limits>

namespace assay {

std::optional<Anova> one_way_anova(std::span<const std::vector<double>> groups) {
  if (groups.size() < 2) return std::nullopt;
  double n = 0, total = 0;
  for (const std::vector<double>& group : groups) {
    if (group.empty()) return std::nullopt;
    for (double value : group) total += value;
    n += static_cast<double>(group.size());
  }
  const double mean = total / n;
  if (n == static_cast<double>(groups.size())) return std::nullopt;  // nothing varies within groups of one value
  auto constant = [](const std::vector<double>& group) { return std::ranges::all_of(group, [&](double value) { return value == group.front(); }); };
  if (std::ranges::all_of(groups, constant)) {
    if (std::ranges::all_of(groups, [&](const std::vector<double>& group) { return group.front() == groups.front().front(); })) return std::nullopt;
    return Anova{.f = std::numeric_limits<double>::infinity(), .p = 0};
  }
  double between = 0, within = 0;
  for (const std::vector<double>& group : groups) {
    double sum = 0;
    for (double value : group) sum += value;
    const auto size = static_cast<double>(group.size());
    const double own = sum / size;
    between += size * (own - mean) * (own - mean);
    for (double value : group) within += (value - own) * (value - own);
  }
  const double free_between = static_cast<double>(groups.size()) - 1, free_within = n - static_cast<double>(groups.size());
  if (!(free_within > 0) || !(within > 0)) return std::nullopt;
  Anova out;
  out.f = between / free_between / (within / free_within);
  // The upper tail of F is a regularised incomplete beta function; its complement would lose all digits of a tiny p.
  out.p = boost::math::ibeta(free_within / 2, free_between / 2, free_within / (free_within + free_between * out.f));
  return out;
}

}  // namespace assay
