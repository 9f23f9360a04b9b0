// Dense rows in bounded memory. Similarities are looked through in single precision, block by block; only the few entries that rounding
// could have hidden are summed again in double precision and index order, so the match is that of the plain sums, on every machine.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "benchmark/mixeval/embedding_table.h"

namespace assay::mixeval {

struct DenseOptions {
  std::filesystem::path folder;                  // for the file that holds what `memory` does not
  std::size_t memory = std::size_t{256} << 20;   // bytes of rows in double precision that stay in memory
};

class DenseTable final : public EmbeddingTable {
 public:
  /// Rows of zeros. Errors: data (too large), io (the file). The file has no name: it goes with the process.
  static Result<std::unique_ptr<DenseTable>> create(std::size_t rows, std::size_t dimension, const DenseOptions& options);
  ~DenseTable() override;

  /// The row becomes `vector` at length 1; zero stays zero.
  void set(std::size_t row, std::span<const double> vector);

  std::size_t rows() const override;
  std::size_t dimension() const override;
  double dot(std::size_t row, std::span<const double> vector) const override;
  void add(std::size_t row, double weight, std::span<double> sum) const override;
  double square(std::size_t row) const override;
  std::vector<Match> match(const MatchTask& task, const BuildProgress& progress) const override;
  Result<void> trouble() const override;

 private:
  struct State;
  explicit DenseTable(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// In place, to length 1; zero stays zero.
void normalize_length(std::span<double> vector);

}  // namespace assay::mixeval
