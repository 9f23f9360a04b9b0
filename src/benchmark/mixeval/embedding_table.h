// The vectors of a pool and of queries, whatever they are made of, and what a mixture asks of them: the most similar entry of each query,
// and sums for clusters and maps.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/mixeval/lexical_embedding.h"

namespace assay::mixeval {

/// What is being done, and how far it is. Called often: whoever shows it chooses when.
using BuildProgress = std::function<void(std::string_view stage, std::size_t done, std::size_t total)>;

struct MatchRules {
  double max_length_ratio = 0;  // words of entry and query at most so many times each other's; 0 = any
  double min_similarity = -2;   // a query whose best match is below is dropped
  bool fits(std::size_t query_words, std::size_t entry_words) const;
};
struct Match {
  std::optional<std::size_t> entry;  // null: dropped
  double similarity = 0;             // of the best candidate, even where the query is dropped; 0 without candidates
};

/// The first rows are the pool's, the others the queries'.
struct MatchTask {
  std::span<const std::size_t> pool_words, query_words;  // they say how many there are
  std::span<const char> excluded;                        // entries of the pool that are no candidates; empty = none
  MatchRules rules;
};

/// Rows of length 1, or zero. Not thread-safe.
class EmbeddingTable {
 public:
  virtual ~EmbeddingTable() = default;
  virtual std::size_t rows() const = 0;
  virtual std::size_t dimension() const = 0;
  /// Sums in index order. `vector` and `sum` have dimension() numbers.
  virtual double dot(std::size_t row, std::span<const double> vector) const = 0;
  virtual void add(std::size_t row, double weight, std::span<double> sum) const = 0;
  /// 1, or 0 of a zero row.
  virtual double square(std::size_t row) const = 0;
  /// The best entry of each query: the greatest dot product, summed in index order; equal ones go to the first of the pool.
  virtual std::vector<Match> match(const MatchTask& task, const BuildProgress& progress) const = 0;
  /// The first trouble with a file that holds rows, if any: what was computed since is worth nothing.
  virtual Result<void> trouble() const { return {}; }
};

/// Over an inverted index: exact.
std::unique_ptr<EmbeddingTable> make_sparse_table(std::vector<SparseVector> vectors);

}  // namespace assay::mixeval
