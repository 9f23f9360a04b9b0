// The rows of a logistic regression with soft labels, packed for speed: what its solver and its scores need of them are a few
// sums over all rows, computed up to eight rows at a time. A row with label y and weight c stands for two examples: label 1 with
// weight c*y, label 0 with c*(1-y). No intercept: give a column of ones.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace assay {

class LogisticRows {
 public:
  static constexpr std::size_t kMaxColumns = 4;
  using Vector = std::array<double, kMaxColumns>;
  using Matrix = std::array<Vector, kMaxColumns>;

  /// 1 to kMaxColumns columns of equal length, all values finite; labels in [0, 1]; weights >= 0. `rows` picks rows by number;
  /// without it all are taken. Processors with fused multiply-add give the same sums bit for bit; others differ in the last
  /// digits.
  LogisticRows(std::span<const std::span<const double>> columns, std::span<const double> labels, std::span<const double> weights);
  LogisticRows(std::span<const std::span<const double>> columns, std::span<const double> labels, std::span<const double> weights,
               std::span<const std::size_t> rows);

  std::size_t columns() const { return columns_; }
  std::size_t rows() const { return rows_; }

  /// At weights w, with z = w.x and sigma(z) = 1 / (1 + exp(-z)):
  struct Sums {
    double softplus = 0;  // sum c log(1 + exp z)
    Vector rest{};        // sum c x_j (1 - sigma(z))
    Matrix curvature{};   // sum c x_j x_k sigma(z) (1 - sigma(z))
  };
  Sums sums(const Vector& w) const;
  /// Sums::softplus alone.
  double softplus(const Vector& w) const;
  /// sum c x_j, and the same over c*y and over c*(1-y).
  const Vector& total() const { return total_; }
  /// Examples that weigh something, by label.
  std::size_t positive_examples() const { return positive_examples_; }
  std::size_t negative_examples() const { return negative_examples_; }
  const Vector& positive() const { return positive_; }
  const Vector& negative() const { return negative_; }
  /// sum c y log p + c (1-y) log(1-p) over the rows, p = sigma(z) as a double, clipped to [1e-15, 1-1e-15].
  double log_likelihood(const Vector& w) const;

 private:
  struct Block {  // rows of one weight; columns that are the same in all of them are numbers
    double weight = 0;
    std::size_t rows = 0, packs = 0;
    std::array<std::size_t, kMaxColumns> varying{}, fixed{};
    std::size_t varying_count = 0, fixed_count = 0;  // of the fixed columns only those that are not 0
    Vector fixed_value{};
    std::size_t at = 0;  // of the first value in values_: packs of rows, columns one after another
  };
  void add(std::span<const std::span<const double>> columns, std::span<const double> labels, double weight,
           std::span<const std::size_t> rows);
  double reach(const Vector& w) const;  // no |z| is larger

  std::size_t columns_ = 0, rows_ = 0, positive_examples_ = 0, negative_examples_ = 0;
  std::vector<Block> blocks_;
  std::vector<double> values_, labels_;
  Vector total_{}, positive_{}, negative_{}, largest_{};
};

}  // namespace assay
