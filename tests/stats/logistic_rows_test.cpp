#include "stats/logistic_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace assay {
namespace {

struct Data {
  std::vector<std::vector<double>> columns;
  std::vector<double> labels, weights;
  std::vector<std::span<const double>> spans() const { return {columns.begin(), columns.end()}; }
};

// Three columns: two of noise, and one that is 0 for the first half (of weight 0.1) and 1 after that.
Data example(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  Data data{std::vector<std::vector<double>>(3), {}, {}};
  for (std::size_t i = 0; i < n; ++i) {
    data.columns[0].push_back(2 * random.unit() - 1);
    data.columns[1].push_back(6 * random.unit() - 3);
    data.columns[2].push_back(i < n / 2 ? 0 : 1);
    data.labels.push_back(random.unit());
    data.weights.push_back(i < n / 2 ? 0.1 : 1);
  }
  return data;
}

// `likelihood_tolerance` is apart: near 1, a probability as a double says little about its distance to 1, here and in the
// original.
void expect_sums(const Data& data, const LogisticRows::Vector& w, double tolerance, double likelihood_tolerance) {
  LogisticRows rows(data.spans(), data.labels, data.weights);
  LogisticRows::Sums sums = rows.sums(w);
  double softplus = 0, likelihood = 0, rest[4] = {}, curvature[4][4] = {}, total[4] = {}, positive[4] = {};
  std::size_t k = data.columns.size();
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    double z = 0, c = data.weights[i];
    for (std::size_t j = 0; j < k; ++j) z += w[j] * data.columns[j][i];
    double p = 1 / (1 + std::exp(-z)), q = 1 / (1 + std::exp(z));
    softplus += c * (z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)));
    double clipped = std::min(std::max(p, 1e-15), 1 - 1e-15);
    likelihood += c * (data.labels[i] * std::log(clipped) + (1 - data.labels[i]) * std::log(1 - clipped));
    for (std::size_t j = 0; j < k; ++j) {
      rest[j] += c * data.columns[j][i] * q;
      total[j] += c * data.columns[j][i];
      positive[j] += c * data.labels[i] * data.columns[j][i];
      for (std::size_t l = 0; l < k; ++l) curvature[j][l] += c * data.columns[j][i] * data.columns[l][i] * p * q;
    }
  }
  auto close = [&](double a, double b) { EXPECT_NEAR(a, b, tolerance * (1 + std::fabs(b))); };
  close(sums.softplus, softplus);
  close(rows.softplus(w), softplus);
  EXPECT_NEAR(rows.log_likelihood(w), likelihood, likelihood_tolerance * (1 + std::fabs(likelihood)));
  for (std::size_t j = 0; j < k; ++j) {
    close(sums.rest[j], rest[j]);
    close(rows.total()[j], total[j]);
    close(rows.positive()[j], positive[j]);
    close(rows.negative()[j], total[j] - positive[j]);
    for (std::size_t l = 0; l < k; ++l) close(sums.curvature[j][l], curvature[j][l]);
  }
}

TEST(LogisticRows, SumsAreThoseOfTheDefinition) {
  for (std::size_t n : {2, 3, 7, 8, 9, 64, 501}) {
    Data data = example(n, n);
    expect_sums(data, {0, 0, 0}, 1e-13, 1e-13);
    expect_sums(data, {1.5, -0.7, 0.3}, 1e-13, 1e-12);
    expect_sums(data, {-9, 4, 11}, 1e-12, 1e-4);
  }
}

TEST(LogisticRows, ManyWeightsAndNoFixedColumn) {
  Data data = example(50, 9);
  Random random(4);
  for (std::size_t i = 0; i < 50; ++i) {
    data.weights[i] = 0.25 * static_cast<double>(1 + random.below(3));
    data.columns[2][i] = random.unit();
  }
  expect_sums(data, {0.4, 0.2, -1}, 1e-13, 1e-13);
}

TEST(LogisticRows, OneTwoAndFourColumns) {
  Data data = example(37, 3);
  data.columns.push_back(data.columns[0]);
  for (double& x : data.columns[3]) x = x * x;
  expect_sums(data, {0.4, 0.2, -1, 2}, 1e-13, 1e-13);
  data.columns.resize(2);
  expect_sums(data, {0.4, 0.2}, 1e-13, 1e-13);
  data.columns.resize(1);
  expect_sums(data, {3}, 1e-13, 1e-13);
}

// Steep weights: the product of many factors must not overflow, and probabilities at 0 and 1 are clipped.
TEST(LogisticRows, SteepWeights) {
  Data data = example(300, 5);
  for (double scale : {10.0, 30.0, 100.0, 190.0, 500.0}) expect_sums(data, {scale, -scale, scale}, 1e-10, 1e-2);
}

TEST(LogisticRows, RowsCanBePicked) {
  Data data = example(40, 6);
  std::vector<std::size_t> picked{3, 5, 22, 39};
  Data few{std::vector<std::vector<double>>(3), {}, {}};
  for (std::size_t i : picked) {
    for (std::size_t j = 0; j < 3; ++j) few.columns[j].push_back(data.columns[j][i]);
    few.labels.push_back(data.labels[i]);
    few.weights.push_back(data.weights[i]);
  }
  LogisticRows some(data.spans(), data.labels, data.weights, picked), all(few.spans(), few.labels, few.weights);
  LogisticRows::Vector w{1, 2, 3};
  EXPECT_EQ(some.rows(), 4u);
  EXPECT_EQ(some.softplus(w), all.softplus(w));
  EXPECT_EQ(some.sums(w).rest, all.sums(w).rest);
}

}  // namespace
}  // namespace assay
