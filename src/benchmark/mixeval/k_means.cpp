#include "benchmark/mixeval/k_means.h"

#include <algorithm>
#include <limits>

#include "base/python_random.h"

namespace assay::mixeval {
namespace {

double square_of(const std::vector<double>& vector) {
  double sum = 0;
  for (double v : vector) sum += v * v;
  return sum;
}

/// The index of the nearest centre, and the squared distance to it less the row's own square.
std::pair<std::size_t, double> nearest(const EmbeddingTable& table, std::size_t row, const std::vector<std::vector<double>>& centres, const std::vector<double>& squares) {
  std::pair<std::size_t, double> best{0, std::numeric_limits<double>::infinity()};
  for (std::size_t c = 0; c < centres.size(); ++c)
    if (const double distance = squares[c] - 2 * table.dot(row, centres[c]); distance < best.second) best = {c, distance};
  return best;
}

}  // namespace

std::vector<std::size_t> nearest_centres(const EmbeddingTable& table, std::span<const std::size_t> rows, const std::vector<std::vector<double>>& centres) {
  std::vector<double> squares;
  squares.reserve(centres.size());
  for (const auto& centre : centres) squares.push_back(square_of(centre));
  std::vector<std::size_t> out;
  out.reserve(rows.size());
  for (std::size_t row : rows) out.push_back(nearest(table, row, centres, squares).first);
  return out;
}

std::vector<double> shares(std::span<const std::size_t> clusters, std::size_t count) {
  std::vector<double> out(count);
  for (std::size_t c : clusters) out[c] += 1;
  if (!clusters.empty())
    for (double& v : out) v /= static_cast<double>(clusters.size());
  return out;
}

Clusters k_means(const EmbeddingTable& table, std::span<const std::size_t> rows, std::size_t k, std::size_t rounds, std::int64_t seed) {
  Clusters out;
  const std::size_t n = rows.size();
  if (n == 0 || k == 0) return out;
  PythonRandom random(seed);
  auto centre_at = [&](std::size_t i) {
    std::vector<double> centre(table.dimension());
    table.add(rows[i], 1, centre);
    return centre;
  };
  out.centres.push_back(centre_at(std::min(static_cast<std::size_t>(random.random() * static_cast<double>(n)), n - 1)));
  std::vector<double> distance(n, std::numeric_limits<double>::infinity());
  while (out.centres.size() < std::min(k, n)) {
    const std::vector<double>& newest = out.centres.back();
    const double square = square_of(newest);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      // Rounding leaves a little where nothing is: a copy of a centre must not become one.
      double d = table.square(rows[i]) + square - 2 * table.dot(rows[i], newest);
      if (d < 1e-12) d = 0;
      distance[i] = std::min(distance[i], d);
      total += distance[i];
    }
    if (!(total > 0)) break;
    const double target = random.random() * total;
    double sum = 0;
    std::size_t chosen = n;
    for (std::size_t i = 0; i < n; ++i) {
      sum += distance[i];
      if (distance[i] > 0) {
        chosen = i;
        if (sum > target) break;
      }
    }
    out.centres.push_back(centre_at(chosen));
  }
  out.of.assign(n, out.centres.size());
  std::vector<double> squares;
  for (; out.rounds < rounds;) {
    ++out.rounds;
    squares.clear();
    for (const auto& centre : out.centres) squares.push_back(square_of(centre));
    bool changed = false;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t c = nearest(table, rows[i], out.centres, squares).first;
      changed = changed || c != out.of[i];
      out.of[i] = c;
    }
    if (!changed) break;
    std::vector<std::size_t> count(out.centres.size());
    for (std::size_t c : out.of) ++count[c];
    for (std::size_t c = 0; c < out.centres.size(); ++c)
      if (count[c]) std::fill(out.centres[c].begin(), out.centres[c].end(), 0.0);
    for (std::size_t i = 0; i < n; ++i) table.add(rows[i], 1, out.centres[out.of[i]]);
    for (std::size_t c = 0; c < out.centres.size(); ++c)
      for (double& v : out.centres[c])
        if (count[c]) v /= static_cast<double>(count[c]);
  }
  return out;
}

}  // namespace assay::mixeval
