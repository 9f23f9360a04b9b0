#include "stats/interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace assay {
namespace {

// Published tables of Student's t, 97.5 %; 170 degrees by integrating the density.
TEST(Interval, QuantilesAgreeWithTheTables) {
  EXPECT_NEAR(t_quantile_975(1), 12.7062047364, 1e-9);
  EXPECT_NEAR(t_quantile_975(2), 4.3026527299, 1e-9);
  EXPECT_NEAR(t_quantile_975(4), 2.7764451052, 1e-9);
  EXPECT_NEAR(t_quantile_975(10), 2.2281388520, 1e-9);
  EXPECT_NEAR(t_quantile_975(30), 2.0422724563, 1e-9);
  EXPECT_NEAR(t_quantile_975(170), 1.9740167076, 1e-9);
  EXPECT_NEAR(t_quantile_975(1e9), 1.9599639861, 1e-8);
  EXPECT_NEAR(t_quantile_975(2.5), 3.5581, 2e-2);  // between 2 and 3
  EXPECT_TRUE(std::isnan(t_quantile_975(0)));
  EXPECT_TRUE(std::isnan(t_quantile_975(-1)));
}

TEST(Interval, MeanOfIndependentValues) {
  std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  Estimate e = mean_estimate(values);
  EXPECT_DOUBLE_EQ(e.mean, 5);
  EXPECT_NEAR(*e.stderr_, std::sqrt(32.0 / 7 / 8), 1e-12);  // s = sqrt(32/7), n = 8
  EXPECT_NEAR(*e.ci_low, 5 - 2.3646242510 * std::sqrt(32.0 / 56), 1e-8);
  EXPECT_NEAR(*e.ci_high, 5 + 2.3646242510 * std::sqrt(32.0 / 56), 1e-8);
  EXPECT_EQ(e.n, 8u);
  EXPECT_EQ(e.clusters, 8u);
}

TEST(Interval, TooFewValuesHaveNoError) {
  EXPECT_FALSE(mean_estimate({}).stderr_);
  EXPECT_EQ(mean_estimate({}).n, 0u);
  std::vector<double> one{3}, twins{3, 5};
  std::vector<std::size_t> same{7, 7};
  Estimate e = mean_estimate(one);
  EXPECT_EQ(e.mean, 3);
  EXPECT_FALSE(e.stderr_);
  EXPECT_FALSE(e.ci_low);
  Estimate clustered = clustered_mean(twins, same);
  EXPECT_EQ(clustered.mean, 4);
  EXPECT_EQ(clustered.clusters, 1u);
  EXPECT_FALSE(clustered.stderr_);
}

TEST(Interval, ClustersOfOneValueAreTheOrdinaryError) {
  std::vector<double> values{1.5, 2, 8, -3, 4};
  std::vector<std::size_t> own{4, 3, 2, 1, 0};
  Estimate a = mean_estimate(values), b = clustered_mean(values, own);
  EXPECT_DOUBLE_EQ(*a.stderr_, *b.stderr_);
  EXPECT_DOUBLE_EQ(*a.ci_low, *b.ci_low);
}

TEST(Interval, RepeatingEverySampleAddsNoInformation) {
  std::vector<double> once{1, 5, 2, 8, 3}, thrice;
  std::vector<std::size_t> cluster;
  for (int iteration = 0; iteration < 3; ++iteration)
    for (std::size_t i = 0; i < once.size(); ++i) {
      thrice.push_back(once[i]);
      cluster.push_back(i);
    }
  Estimate a = mean_estimate(once), b = clustered_mean(thrice, cluster);
  EXPECT_NEAR(*a.stderr_, *b.stderr_, 1e-12);
  EXPECT_EQ(b.n, 15u);
  EXPECT_EQ(b.clusters, 5u);
  EXPECT_LT(*mean_estimate(thrice).stderr_, *a.stderr_);  // what ignoring the clusters would claim
}

TEST(Interval, UnequalClustersByHand) {
  // Clusters {1, 3} and {8}: mean 4, sums of deviations -4 and 4, error sqrt(32 * 2 / 1) / 3.
  std::vector<double> values{1, 8, 3};
  std::vector<std::size_t> cluster{10, 20, 10};
  Estimate e = clustered_mean(values, cluster);
  EXPECT_DOUBLE_EQ(e.mean, 4);
  EXPECT_NEAR(*e.stderr_, 8.0 / 3, 1e-12);
  EXPECT_NEAR(*e.ci_high, 4 + 12.7062047364 * 8 / 3, 1e-8);
}

TEST(Interval, EqualValuesHaveNoSpread) {
  std::vector<double> values(5, 0.1);
  EXPECT_NEAR(*mean_estimate(values).stderr_, 0, 1e-15);
}

}  // namespace
}  // namespace assay
