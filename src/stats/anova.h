// One-way analysis of variance: do the groups' means differ by more than chance within groups would make them?
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace assay {

struct Anova {
  double f = 0;
  double p = 1;  // of an F at least as large when all means are equal
};
/// Null for fewer than two groups, an empty group, no degrees of freedom within, or values that are all equal. Values that are equal
/// within every group but not between them give an infinite f and p = 0, as scipy's f_oneway.
std::optional<Anova> one_way_anova(std::span<const std::vector<double>> groups);

}  // namespace assay
