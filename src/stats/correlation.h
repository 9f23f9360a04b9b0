// Correlation of paired values. Both return null where scipy gives NaN: fewer than two pairs, or one side constant.
#pragma once

#include <optional>
#include <span>

namespace assay {

/// Pearson's r, in [-1, 1]. `x` and `y` have the same length.
std::optional<double> pearson(std::span<const double> x, std::span<const double> y);
/// Spearman's rank correlation: Pearson's r of the ranks, where equal values share their mean rank.
std::optional<double> spearman(std::span<const double> x, std::span<const double> y);
/// Kendall's tau-b, in [-1, 1]: ties on either side are taken out of the denominator.
std::optional<double> kendall_tau_b(std::span<const double> x, std::span<const double> y);

}  // namespace assay
