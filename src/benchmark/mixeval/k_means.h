// Clusters of vectors: k-means with the seeding of k-means++, the same by seed on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "benchmark/mixeval/embedding_table.h"

namespace assay::mixeval {

struct Clusters {
  std::vector<std::vector<double>> centres;
  std::vector<std::size_t> of;  // of each of the rows clustered
  std::size_t rounds = 0;
};

/// `rows` of the table, copies included, into at most k clusters. The first centre is row floor(u * n), each further one is drawn with the
/// squared distance to the nearest centre as weight (u times their sum; the first row beyond it); where all distances are zero there are no
/// further ones. Then at most `rounds` times: every row to its nearest centre (ties: the lowest), every centre to the mean of its rows (one
/// without rows stays). u are CPython's, from `seed`.
Clusters k_means(const EmbeddingTable& table, std::span<const std::size_t> rows, std::size_t k, std::size_t rounds, std::int64_t seed);

/// The nearest centre of each row; ties: the lowest. There must be one.
std::vector<std::size_t> nearest_centres(const EmbeddingTable& table, std::span<const std::size_t> rows, const std::vector<std::vector<double>>& centres);

/// The share of each of `count` clusters.
std::vector<double> shares(std::span<const std::size_t> clusters, std::size_t count);

}  // namespace assay::mixeval
