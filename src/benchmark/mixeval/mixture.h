// Building a mixture: each query is mapped to the most similar entry of a pool, and matches fill both splits; and the hard part of one. The
// original's construction was never published: this is our definition (docs/formats/mixeval.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/mixeval/entry.h"
#include "benchmark/mixeval/lexical_embedding.h"

namespace assay::mixeval {

struct MatchRules {
  double max_length_ratio = 0;    // words of entry and query at most so many times each other's; 0 = any
  double min_similarity = -2;     // a query whose best match is below is dropped
};
struct Match {
  std::optional<std::size_t> entry;  // null: dropped
  double similarity = 0;             // of the best candidate, even where the query is dropped; 0 without candidates
};

/// Vectors of any kind, each of length 1 (or zero) and all of one dimension. Equal similarity: the first of the pool. Sums run in index order.
std::vector<Match> match_dense(const std::vector<std::vector<double>>& queries, const std::vector<std::vector<double>>& pool, const std::vector<std::size_t>& query_words,
                               const std::vector<std::size_t>& pool_words, const MatchRules& rules);
/// The same for sparse vectors over an inverted index: exact, to the last bit.
std::vector<Match> match_sparse(const std::vector<SparseVector>& queries, const std::vector<SparseVector>& pool, const std::vector<std::size_t>& query_words,
                                const std::vector<std::size_t>& pool_words, const MatchRules& rules);
/// In place, to length 1; zero stays zero.
void normalize_length(std::vector<double>& vector);

struct Filled {
  std::vector<std::pair<std::size_t, std::size_t>> free_form, multiple_choice;  // (query, pool entry), in order of acceptance
};
/// Walks the shuffled queries until both splits have their share. `dedupe`: an entry only once.
Filled fill(const std::vector<Match>& matches, const std::vector<Split>& pool_split, std::size_t free_form, std::size_t multiple_choice, std::int64_t seed, bool dedupe = false);

struct HardRules {
  bool weigh_models = true;  // by accuracy; else all alike
  double lambda = 5;
  std::size_t n = 500;
  std::int64_t seed = 42;
  double max_shift = 0.1;
  std::size_t tries = 1000;
};
struct HardSubset {
  std::vector<double> model_weights, difficulty;
  std::vector<std::size_t> entries;  // ascending
  double shift = 0;                  // total variation between its clusters and the reference
  std::size_t tries = 0;
  bool accepted = false;
};
/// `scores[m][i]`: of model m on entry i, in [0, 1]. `clusters[i]` of each entry; `reference`: the share that each cluster should have.
/// Harder entries are likelier; the first draw within max_shift is taken, else the best one. n is at most the number of entries.
HardSubset hard_subset(const std::vector<std::vector<double>>& scores, const std::vector<std::size_t>& clusters, const std::vector<double>& reference, const HardRules& rules);

}  // namespace assay::mixeval
