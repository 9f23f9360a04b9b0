// Sums in numpy's order: eight running sums over blocks of at most 128, blocks halved above. Figures that numpy and pandas publish come out to
// their last digit only when their terms are added in the same order.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace assay {

inline double pairwise_sum(std::span<const double> values) {
  const std::size_t n = values.size();
  if (n < 8) {
    double sum = 0;
    for (double value : values) sum += value;
    return sum;
  }
  if (n > 128) {
    const std::size_t half = n / 2 - n / 2 % 8;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  std::array<double, 8> r{};
  for (std::size_t k = 0; k < 8; ++k) r[k] = values[k];
  std::size_t i = 8;
  for (; i < n - n % 8; i += 8)
    for (std::size_t k = 0; k < 8; ++k) r[k] += values[i + k];
  double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < n; ++i) sum += values[i];
  return sum;
}

}  // namespace assay
