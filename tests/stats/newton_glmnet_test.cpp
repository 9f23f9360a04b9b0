#include "stats/newton_glmnet.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "base/random.h"
#include "stats/group_folds.h"
#include "stats/logistic_cv.h"

namespace assay {
namespace {

struct Data {
  std::vector<double> a, b, labels, weights;
  std::vector<std::span<const double>> spans() const { return {a, b}; }
};

Data example(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  Data data;
  for (std::size_t i = 0; i < n; ++i) {
    data.a.push_back(2 * random.unit() - 1);
    data.b.push_back(1);
    double z = 2 * data.a.back() - 0.5;
    data.labels.push_back(random.unit() < 1 / (1 + std::exp(-z)) ? 1 : 0);
    data.weights.push_back(1);
  }
  return data;
}

// |w|_1 + C * weighted log loss.
double objective(const LogisticRows& rows, const LogisticRows::Vector& w, double c) {
  double value = 0;
  for (std::size_t j = 0; j < rows.columns(); ++j) value += std::fabs(w[j]) - c * rows.positive()[j] * w[j];
  return value + c * rows.softplus(w);
}

TEST(NewtonGlmnet, NoNeighbourIsMuchBetter) {
  Data data = example(400, 1);
  LogisticRows rows(data.spans(), data.labels, data.weights);
  for (double c : {0.01, 0.1, 1.0, 100.0}) {
    GlmnetFit fit = fit_glmnet(rows, c, 7);
    EXPECT_TRUE(fit.converged);
    double best = objective(rows, fit.weights, c);
    for (double step : {-0.01, 0.01}) {
      for (std::size_t j = 0; j < 2; ++j) {
        LogisticRows::Vector w = fit.weights;
        w[j] += step;
        EXPECT_LE(best, objective(rows, w, c) + 1e-9 * std::fabs(best)) << c;
      }
    }
  }
}

TEST(NewtonGlmnet, AStrongPenaltyGivesZeros) {
  Data data = example(50, 2);
  GlmnetFit fit = fit_glmnet(LogisticRows(data.spans(), data.labels, data.weights), 1e-4, 7);
  EXPECT_EQ(fit.weights[0], 0);
  EXPECT_EQ(fit.weights[1], 0);
}

TEST(NewtonGlmnet, SeparationEndsWithFiniteWeights) {
  Data data = example(50, 3);
  for (std::size_t i = 0; i < 50; ++i) data.labels[i] = data.a[i] > 0 ? 1 : 0;
  GlmnetFit fit = fit_glmnet(LogisticRows(data.spans(), data.labels, data.weights), 1e4, 7);
  EXPECT_TRUE(std::isfinite(fit.weights[0]));
  EXPECT_GT(fit.weights[0], 20);
}

TEST(LogisticCv, PrefersNeitherExtreme) {
  Data data = example(300, 4);
  LogisticCv cv = cross_validate(data.spans(), data.labels, data.weights);
  EXPECT_EQ(cv.scores.size(), 5u);
  EXPECT_EQ(cv.scores[0].size(), 10u);
  EXPECT_GT(cv.strength, 1e-3);
  EXPECT_NEAR(cv.fit.weights[0], 2, 0.7);
}

TEST(GroupFolds, APermutationAndNotTheIdentity) {
  for (std::size_t n : {0, 1, 16, 17, 100, 2415}) {
    std::vector<std::size_t> order = argsort_of_equals(n), identity(n);
    std::iota(identity.begin(), identity.end(), std::size_t{0});
    EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), n);
    EXPECT_EQ(order == identity, n <= 16) << n;
  }
}

TEST(GroupFolds, FoldsAreEquallyLarge) {
  std::vector<std::size_t> count(5);
  for (std::size_t fold : equal_group_folds(103, 5)) ++count[fold];
  EXPECT_EQ(count, (std::vector<std::size_t>{21, 21, 21, 20, 20}));
}

}  // namespace
}  // namespace assay
