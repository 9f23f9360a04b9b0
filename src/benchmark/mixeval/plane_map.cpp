#include "benchmark/mixeval/plane_map.h"

#include <cmath>

#include "base/python_random.h"
#include "benchmark/mixeval/dense_table.h"

namespace assay::mixeval {
namespace {

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

}  // namespace

PlaneMap plane_map(const EmbeddingTable& table, std::span<const std::size_t> rows, std::int64_t seed) {
  constexpr int kMostRounds = 60;
  PlaneMap out;
  const std::size_t n = rows.size(), dimension = table.dimension();
  out.places.resize(n);
  if (n < 2) return out;
  std::vector<double> mean(dimension);
  double variance = 0;
  for (std::size_t row : rows) table.add(row, 1.0 / static_cast<double>(n), mean), variance += table.square(row) / static_cast<double>(n);
  variance -= product(mean, mean);
  if (!(variance > 1e-12)) return out;
  PythonRandom random(seed);
  std::vector<double> axes[2];
  std::vector<double> along(n);
  for (int a = 0; a < 2; ++a) {
    std::vector<double>& axis = axes[a];
    axis.resize(dimension);
    // A start in the span of the rows: a place where no row is would never be left.
    for (std::size_t row : rows) table.add(row, random.random() - 0.5, axis);
    double spread = 0;
    for (int round = 0; round < kMostRounds; ++round) {
      for (int b = 0; b < a; ++b) {
        const double share = product(axis, axes[b]);
        for (std::size_t k = 0; k < dimension; ++k) axis[k] -= share * axes[b][k];
      }
      normalize_length(axis);
      const double middle = product(mean, axis);
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < n; ++i) {
        along[i] = table.dot(rows[i], axis) - middle;
        sum += along[i];
        squares += along[i] * along[i];
      }
      const double now = squares / static_cast<double>(n);
      const bool settled = round > 3 && std::abs(now - spread) <= 1e-6 * now;
      spread = now;
      if (settled || !(now > 0) || round + 1 == kMostRounds) break;
      std::vector<double> next(dimension);
      for (std::size_t i = 0; i < n; ++i) table.add(rows[i], along[i], next);
      for (std::size_t k = 0; k < dimension; ++k) next[k] -= sum * mean[k];
      axis = std::move(next);
    }
    double farthest = 0;
    for (double v : along)
      if (std::abs(v) > std::abs(farthest)) farthest = v;
    for (std::size_t i = 0; i < n; ++i) out.places[i][static_cast<std::size_t>(a)] = farthest < 0 ? -along[i] : along[i];
    out.explained[static_cast<std::size_t>(a)] = spread / variance;
  }
  return out;
}

}  // namespace assay::mixeval
