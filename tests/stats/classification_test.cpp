// F1 and Matthews's coefficient against values worked out by hand from the confusion matrix.
#include "stats/classification.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay {
namespace {

const std::vector<LabelPair> kThree{{0, 0}, {0, 1}, {1, 1}, {1, 1}, {2, 0}, {2, 2}, {2, 2}, {2, 1}};

TEST(Classification, F1) {
  const LabelCounts three = count_labels(kThree);
  // f1 by label: 2*1/(2+2), 2*2/(2+4), 2*2/(4+2); right: 2, 2, 4.
  EXPECT_DOUBLE_EQ(*f1_score(three, F1Average::macro), (0.5 + 2 / 3.0 + 2 / 3.0) / 3);
  EXPECT_DOUBLE_EQ(*f1_score(three, F1Average::weighted), (0.5 * 2 + 2 / 3.0 * 2 + 2 / 3.0 * 4) / 8);
  EXPECT_DOUBLE_EQ(*f1_score(three, F1Average::micro), 5 / 8.0);
  EXPECT_FALSE(f1_score(three).has_value());  // two labels at most
  EXPECT_DOUBLE_EQ(*f1_score(count_labels(std::vector<LabelPair>{{1, 1}, {0, 1}, {1, 0}, {0, 0}, {1, 1}})), 2 / 3.0);
  EXPECT_EQ(*f1_score(count_labels(std::vector<LabelPair>{{0, 0}, {0, 0}})), 0);
  EXPECT_FALSE(f1_score(count_labels(std::vector<LabelPair>{{0, 2}})).has_value());  // label 1 is not there
  EXPECT_FALSE(f1_score({}).has_value());
  EXPECT_EQ(*f1_average("weighted"), F1Average::weighted);
  EXPECT_FALSE(f1_average("samples").has_value());
}

TEST(Classification, Matthews) {
  const LabelCounts two = count_labels(std::vector<LabelPair>{{1, 1}, {1, 1}, {1, 0}, {0, 0}, {0, 1}, {0, 0}, {0, 0}});
  EXPECT_NEAR(matthews_correlation(two), (2 * 3 - 1 * 1) / std::sqrt(3.0 * 3 * 4 * 4), 1e-15);
  EXPECT_NEAR(matthews_correlation(count_labels(kThree)), (5 * 8 - (2 * 2 + 2 * 4 + 4 * 2)) / std::sqrt((64.0 - 24) * (64 - 24)), 1e-15);
  EXPECT_EQ(matthews_correlation(count_labels(std::vector<LabelPair>{{1, 1}, {0, 1}})), 0);
  EXPECT_EQ(matthews_correlation({}), 0);
}

}  // namespace
}  // namespace assay
