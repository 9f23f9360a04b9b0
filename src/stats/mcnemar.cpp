#include "stats/mcnemar.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace assay {

double mcnemar_exact(std::size_t b, std::size_t c) {
  const std::size_t n = b + c, least = std::min(b, c);
  if (n == 0) return 1;
  // From the largest term down, in logarithms: binomials of thousands do not fit a double.
  auto log_term = [&](std::size_t i) {
    const auto nn = static_cast<double>(n), k = static_cast<double>(i);
    return std::lgamma(nn + 1) - std::lgamma(k + 1) - std::lgamma(nn - k + 1) - nn * std::numbers::ln2;
  };
  if (n <= 1000) {  // exactly representable step by step
    double term = 1, sum = 1;
    for (std::size_t i = 1; i <= least; ++i) {
      term *= static_cast<double>(n - i + 1) / static_cast<double>(i);
      sum += term;
    }
    return std::min(1.0, 2 * std::ldexp(sum, -static_cast<int>(n)));
  }
  double sum = 0;
  for (std::size_t i = 0; i <= least; ++i) sum += std::exp(log_term(i));
  return std::min(1.0, 2 * sum);
}

}  // namespace assay
