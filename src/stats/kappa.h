// Cohen's kappa: how much more often two raters agree than chance would make them, given how often each uses each category.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace assay {

/// [first rater's category][second rater's]: counts, or weights. None negative.
template <std::size_t N>
using AgreementTable = std::array<std::array<double, N>, N>;

/// (observed - expected) / (1 - expected), in [-1, 1]. Nothing for an empty table, and where chance alone gives full agreement (both raters
/// use one and the same category): there is nothing beyond chance to measure. Source: Cohen 1960, Educational and Psychological Measurement 20.
template <std::size_t N>
std::optional<double> cohen_kappa(const AgreementTable<N>& table) {
  double total = 0, agreed = 0, expected = 0;
  std::array<double, N> rows{}, columns{};
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = 0; j < N; ++j) {
      total += table[i][j];
      rows[i] += table[i][j];
      columns[j] += table[i][j];
    }
  if (!(total > 0)) return std::nullopt;
  for (std::size_t i = 0; i < N; ++i) {
    agreed += table[i][i];
    expected += rows[i] * columns[i];
  }
  agreed /= total;
  expected /= total * total;
  if (!(expected < 1)) return std::nullopt;
  return (agreed - expected) / (1 - expected);
}

}  // namespace assay
