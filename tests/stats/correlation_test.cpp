#include "stats/correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "stats/anova.h"
#include "stats/least_squares.h"

namespace assay {
namespace {

using Values = std::vector<double>;

TEST(Correlation, PerfectAndOpposite) {
  Values x{1, 2, 3, 4}, up{10, 20, 30, 45}, down{4, 3, 2, 1};
  EXPECT_EQ(kendall_tau_b(x, up), 1.0);
  EXPECT_EQ(kendall_tau_b(x, down), -1.0);
  EXPECT_NEAR(pearson(x, down).value(), -1.0, 1e-15);
  EXPECT_LT(pearson(x, up).value(), 1.0);
}

TEST(Correlation, TiesLeaveTheDenominator) {
  // Pairs: one agrees, one is opposite, one is tied in y: 0 / sqrt(3 * 2).
  EXPECT_EQ(kendall_tau_b(Values{1, 2, 3}, Values{1, 2, 1}), 0.0);
  // Five agree, one tied in x: 5 / sqrt(5) / sqrt(6).
  EXPECT_NEAR(kendall_tau_b(Values{1, 1, 2, 3}, Values{1, 2, 3, 4}).value(), 0.9128709291752769, 1e-15);
}

TEST(Correlation, NothingToCorrelate) {
  EXPECT_FALSE(pearson(Values{1}, Values{2}));
  EXPECT_FALSE(pearson(Values{1, 1}, Values{2, 3}));
  EXPECT_FALSE(kendall_tau_b(Values{1, 2}, Values{3, 3}));
  EXPECT_FALSE(kendall_tau_b(Values{}, Values{}));
}

// The mean of six times 0.1 is not 0.1.
TEST(Correlation, EqualValuesDoNotVaryByWhatTheirMeanLacks) {
  const std::vector<double> x(6, 0.1), y(6, 0.7), z{1, 2, 3, 4, 5, 7};
  EXPECT_FALSE(pearson(x, y));
  EXPECT_FALSE(pearson(x, z));
  EXPECT_FALSE(pearson(z, y));
  EXPECT_FALSE(least_squares(x, z));
  ASSERT_TRUE(least_squares(z, y));
  EXPECT_NEAR(least_squares(z, y)->slope, 0, 1e-15);
}

TEST(Anova, ByHand) {
  // Means 2 and 4, grand mean 3: between 6, within 4 over 4 degrees of freedom; F = 6.
  std::vector<Values> groups{{1, 2, 3}, {3, 4, 5}};
  auto anova = one_way_anova(groups);
  ASSERT_TRUE(anova);
  EXPECT_NEAR(anova->f, 6.0, 1e-12);
  EXPECT_NEAR(anova->p, 0.07048399691021994, 1e-12);  // 2 * P(t_4 > sqrt 6)
}

TEST(Anova, NeedsSpreadWithinGroups) {
  EXPECT_FALSE(one_way_anova(std::vector<Values>{{1, 1}, {1, 1}}));
  const auto apart = one_way_anova(std::vector<Values>{{1.1, 1.1, 1.1}, {2, 2, 2}});
  ASSERT_TRUE(apart);
  EXPECT_TRUE(std::isinf(apart->f));
  EXPECT_EQ(apart->p, 0.0);
  EXPECT_FALSE(one_way_anova(std::vector<Values>{{1, 2}}));
  EXPECT_FALSE(one_way_anova(std::vector<Values>{{1, 2}, {}}));
  EXPECT_FALSE(one_way_anova(std::vector<Values>{{1}, {2}}));
}

}  // namespace
}  // namespace assay
