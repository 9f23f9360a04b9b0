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
#include "benchmark/mixeval/embedding_table.h"

namespace assay::mixeval {

inline constexpr std::size_t kNoQuery = static_cast<std::size_t>(-1);

struct Filled {
  std::vector<std::pair<std::size_t, std::size_t>> free_form, multiple_choice;  // (query, pool entry), in order of acceptance
  const std::vector<std::pair<std::size_t, std::size_t>>& side(Split split) const { return split == Split::free_form ? free_form : multiple_choice; }
};
/// Walks the shuffled queries until both splits have their share. `dedupe`: an entry only once.
Filled fill(const std::vector<Match>& matches, const std::vector<Split>& pool_split, std::size_t free_form, std::size_t multiple_choice, std::int64_t seed, bool dedupe = false);

/// A mixture to compare with: entries drawn uniformly from the pool, whatever people ask. Each split's entries are shuffled and dealt; a
/// number beyond them shuffles them again (not with `dedupe`). Excluded entries are left out; queries are kNoQuery.
Filled fill_uniform(const std::vector<Split>& pool_split, std::span<const char> excluded, std::size_t free_form, std::size_t multiple_choice, std::int64_t seed, bool dedupe = false);

/// Another: of every source benchmark as many entries as `matched` has, drawn at random within it. `benchmark[i]` of each pool entry. Split by
/// split, the benchmarks in the order of their first entry in the pool; each one's entries are shuffled and dealt as above.
Filled fill_by_benchmark(const Filled& matched, const std::vector<Split>& pool_split, const std::vector<std::string>& benchmark, std::span<const char> excluded, std::int64_t seed,
                         bool dedupe = false);

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
