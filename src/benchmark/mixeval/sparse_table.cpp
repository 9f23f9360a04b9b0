// Sparse rows: what embedding_table.h declares of them.
#include <algorithm>

#include "benchmark/mixeval/embedding_table.h"

namespace assay::mixeval {
namespace {

class SparseTable final : public EmbeddingTable {
 public:
  explicit SparseTable(std::vector<SparseVector> vectors) : vectors_(std::move(vectors)) {}

  std::size_t rows() const override { return vectors_.size(); }
  std::size_t dimension() const override { return kLexicalDimension; }
  double dot(std::size_t row, std::span<const double> vector) const override {
    const SparseVector& own = vectors_[row];
    double sum = 0;
    for (std::size_t k = 0; k < own.indices.size(); ++k) sum += own.weights[k] * vector[own.indices[k]];
    return sum;
  }
  void add(std::size_t row, double weight, std::span<double> sum) const override {
    const SparseVector& own = vectors_[row];
    for (std::size_t k = 0; k < own.indices.size(); ++k) sum[own.indices[k]] += weight * own.weights[k];
  }
  double square(std::size_t row) const override { return vectors_[row].indices.empty() ? 0 : 1; }

  std::vector<Match> match(const MatchTask& task, const BuildProgress& progress) const override {
    const std::size_t pool = task.pool_words.size(), queries = task.query_words.size();
    // Postings of each place, only for places that some query has: entries first, then where each place's begin.
    std::vector<std::uint32_t> begin(kLexicalDimension + 1);
    std::vector<char> wanted(kLexicalDimension);
    for (std::size_t q = 0; q < queries; ++q)
      for (std::uint32_t index : vectors_[pool + q].indices) wanted[index] = 1;
    for (std::size_t i = 0; i < pool; ++i)
      for (std::uint32_t index : vectors_[i].indices)
        if (wanted[index]) ++begin[index + 1];
    for (std::size_t index = 0; index < kLexicalDimension; ++index) begin[index + 1] += begin[index];
    std::vector<std::uint32_t> entries(begin.back());
    std::vector<double> weights(begin.back());
    std::vector<std::uint32_t> at(begin.begin(), begin.end() - 1);
    for (std::size_t i = 0; i < pool; ++i)
      for (std::size_t k = 0; k < vectors_[i].indices.size(); ++k) {
        const std::uint32_t index = vectors_[i].indices[k];
        if (!wanted[index]) continue;
        entries[at[index]] = static_cast<std::uint32_t>(i);
        weights[at[index]++] = vectors_[i].weights[k];
      }
    std::vector<Match> out;
    out.reserve(queries);
    std::vector<double> similarity(pool);
    for (std::size_t q = 0; q < queries; ++q) {
      if (progress && q % 256 == 0) progress("matching", q, queries);
      std::fill(similarity.begin(), similarity.end(), 0.0);
      const SparseVector& query = vectors_[pool + q];
      // Places ascend, so each entry's sum runs in index order; terms of zero add nothing.
      for (std::size_t k = 0; k < query.indices.size(); ++k) {
        const double weight = query.weights[k];
        const std::uint32_t end = begin[query.indices[k] + 1];
        for (std::uint32_t p = begin[query.indices[k]]; p < end; ++p) similarity[entries[p]] += weight * weights[p];
      }
      Match best;
      for (std::size_t i = 0; i < pool; ++i) {
        if (best.entry && similarity[i] <= best.similarity) continue;
        if ((!task.excluded.empty() && task.excluded[i]) || !task.rules.fits(task.query_words[q], task.pool_words[i])) continue;
        best = {i, similarity[i]};
      }
      if (best.entry && best.similarity < task.rules.min_similarity) best.entry.reset();
      out.push_back(best);
    }
    if (progress) progress("matching", queries, queries);
    return out;
  }

 private:
  const std::vector<SparseVector> vectors_;
};

}  // namespace

bool MatchRules::fits(std::size_t query_words, std::size_t entry_words) const {
  if (max_length_ratio <= 0) return true;
  const auto q = static_cast<double>(query_words), e = static_cast<double>(entry_words);
  return e <= max_length_ratio * q && q <= max_length_ratio * e;
}

std::unique_ptr<EmbeddingTable> make_sparse_table(std::vector<SparseVector> vectors) { return std::make_unique<SparseTable>(std::move(vectors)); }

}  // namespace assay::mixeval
