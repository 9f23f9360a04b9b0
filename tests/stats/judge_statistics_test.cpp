// Kappa, the logistic slope and the bootstrap of any statistic: what judges are held against each other with.
#include <gtest/gtest.h>

#include <cmath>

#include "base/python_random.h"
#include "stats/cluster_bootstrap.h"
#include "stats/cluster_statistic.h"
#include "stats/kappa.h"
#include "stats/logistic_slope.h"

namespace assay {
namespace {

TEST(Kappa, ByHand) {
  // 35 of 50 agree; rows 25/25, columns 30/20: expected (25*30 + 25*20) / 2500 = 0.5; kappa (0.7 - 0.5) / 0.5.
  EXPECT_DOUBLE_EQ(cohen_kappa<2>({{{20, 5}, {10, 15}}}).value(), 0.4);
  EXPECT_DOUBLE_EQ(cohen_kappa<3>({{{3, 0, 0}, {0, 4, 0}, {0, 0, 2}}}).value(), 1);
  EXPECT_DOUBLE_EQ(cohen_kappa<2>({{{0, 5}, {5, 0}}}).value(), -1);
  EXPECT_DOUBLE_EQ(cohen_kappa<2>({{{5, 0}, {5, 0}}}).value(), 0);  // one rater says one thing always: agreement is chance
  EXPECT_FALSE(cohen_kappa<2>({{{7, 0}, {0, 0}}}));
  EXPECT_FALSE(cohen_kappa<2>({}));
}

TEST(LogisticLine, TwoPointsHaveAClosedForm) {
  // At x = 0 one of four is 1, at x = 1 three of four: log odds -ln 3 and ln 3.
  const std::vector<double> x{0, 0, 0, 0, 1, 1, 1, 1}, y{1, 0, 0, 0, 1, 1, 1, 0};
  auto line = logistic_line(x, y).value();
  EXPECT_NEAR(line.intercept, -std::log(3), 1e-10);
  EXPECT_NEAR(line.slope, 2 * std::log(3), 1e-10);
  // The same as soft labels, and as weights.
  const std::vector<double> at{0, 1}, soft{0.25, 0.75};
  EXPECT_NEAR(logistic_line(at, soft)->slope, 2 * std::log(3), 1e-10);
  const std::vector<double> ends{0, 0, 1, 1}, labels{1, 0, 1, 0}, weights{1, 3, 3, 1};
  EXPECT_NEAR(logistic_line(ends, labels, weights)->slope, 2 * std::log(3), 1e-10);
}

TEST(LogisticLine, WithoutAFiniteMaximum) {
  const std::vector<double> x{-2, -1, 1, 2};
  EXPECT_FALSE(logistic_line(x, std::vector<double>{0, 0, 1, 1}));
  EXPECT_FALSE(logistic_line(x, std::vector<double>{1, 1, 0, 0}));
  EXPECT_FALSE(logistic_line(x, std::vector<double>{1, 1, 1, 1}));
  EXPECT_FALSE(logistic_line(std::vector<double>{1, 1, 1, 1}, std::vector<double>{0, 1, 0, 1}));
  EXPECT_FALSE(logistic_line({}, {}));
  // The row that would prevent the separation has no weight.
  EXPECT_FALSE(logistic_line(x, std::vector<double>{1, 0, 1, 1}, std::vector<double>{0, 1, 1, 1}));
  EXPECT_TRUE(logistic_line(x, std::vector<double>{1, 0, 1, 1}));
  // Far from the origin and steep, but finite.
  EXPECT_TRUE(logistic_line(std::vector<double>{100, 101, 102, 103, 104}, std::vector<double>{0, 0, 1, 0, 1}));
}

TEST(Bootstrap, IsTheClusterBootstrapOfAMean) {
  const std::vector<double> values{1, 2, 4, 8, 16, 3};
  const std::vector<std::size_t> cluster{0, 0, 1, 2, 3, 3};
  PythonRandom random(std::int64_t{7});
  auto means = cluster_bootstrap(values, cluster, 500, random);
  const auto want = percentile_interval(means).value();
  auto mine = bootstrap(4, 500, 7, 2, [&](const Multiplicities& drawn, std::span<std::optional<double>> out) {
    double sum = 0, n = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += drawn[cluster[i]] * values[i], n += drawn[cluster[i]];
    out[0] = sum / n;
    if (drawn[0] > 0) out[1] = 1;  // exists in about two thirds of the replicates
  });
  ASSERT_TRUE(mine[0]);
  EXPECT_NEAR(mine[0]->low, want.low, 1e-12);
  EXPECT_NEAR(mine[0]->high, want.high, 1e-12);
  EXPECT_EQ(mine[0]->replicates, 500u);
  EXPECT_GT(mine[0]->error, 0);
  EXPECT_FALSE(mine[1]);
}

TEST(Bootstrap, OneClusterHasNoInterval) {
  auto mine = bootstrap(1, 100, 1, 1, [](const Multiplicities&, std::span<std::optional<double>> out) { out[0] = 1; });
  EXPECT_FALSE(mine[0]);
}

}  // namespace
}  // namespace assay
