#include "stats/correlation_bootstrap.h"

#include <gtest/gtest.h>

#include "stats/correlation.h"
#include "stats/least_squares.h"
#include "support/shared_data.h"

namespace assay {
namespace {

using Values = std::vector<double>;

/// The same by the plain way: resamples written out and correlated.
CorrelationIntervals plainly(const Values& x, const Values& y, std::size_t replicates, PythonRandom& random) {
  CorrelationIntervals out;
  Values ranks, linear;
  for (std::size_t b = 0; b < replicates; ++b) {
    Values a, c;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto at = static_cast<std::size_t>(random.random() * static_cast<double>(x.size()));
      a.push_back(x[at]);
      c.push_back(y[at]);
    }
    if (auto r = spearman(a, c)) ranks.push_back(*r), linear.push_back(pearson(a, c).value());
  }
  out.used = ranks.size();
  out.spearman = percentile_interval(ranks);
  out.pearson = percentile_interval(linear);
  return out;
}

TEST(CorrelationBootstrap, IsTheResamplesCorrelation) {
  PythonRandom values(7);
  for (std::size_t n : {5u, 12u, 40u}) {
    Values x, y;
    for (std::size_t i = 0; i < n; ++i) {
      x.push_back(std::floor(values.random() * 10));  // with ties
      y.push_back(x.back() + 4 * values.random());
    }
    PythonRandom one(42), other(42);
    const CorrelationIntervals mine = bootstrap_correlations(x, y, 300, one), plain = plainly(x, y, 300, other);
    ASSERT_TRUE(mine.spearman && plain.spearman);
    EXPECT_EQ(mine.used, plain.used);
    EXPECT_NEAR(mine.spearman->low, plain.spearman->low, 1e-12);
    EXPECT_NEAR(mine.spearman->high, plain.spearman->high, 1e-12);
    EXPECT_NEAR(mine.pearson->low, plain.pearson->low, 1e-12);
    EXPECT_NEAR(mine.pearson->high, plain.pearson->high, 1e-12);
    EXPECT_LT(mine.spearman->low, mine.spearman->high);
  }
}

TEST(CorrelationBootstrap, NothingToSay) {
  PythonRandom random(1);
  EXPECT_FALSE(bootstrap_correlations(Values{1, 2}, Values{1, 2}, 100, random).spearman);
  EXPECT_FALSE(bootstrap_correlations(Values{1, 1, 1}, Values{1, 2, 3}, 100, random).spearman);
  EXPECT_FALSE(bootstrap_correlations(Values{0.1, 0.1, 0.1}, Values{0.3, 0.3, 0.3}, 100, random).pearson);
}

TEST(LeastSquares, ByHand) {
  const auto fit = least_squares(Values{1, 2, 3}, Values{2, 4, 9});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->slope, 3.5, 1e-12);
  EXPECT_NEAR(fit->intercept, -2, 1e-12);
  EXPECT_NEAR(fit->rmse, std::sqrt(1.5 / 3), 1e-12);  // residuals 0.5, -1, 0.5
  EXPECT_FALSE(least_squares(Values{1, 1}, Values{1, 2}));
  EXPECT_FALSE(least_squares(Values{1}, Values{1}));
  // y = 5 stands at x = 2, the mean: t(1) * s / slope * sqrt(1 + 1/3), s^2 = 1.5 / (3 - 2).
  const auto x = predict_x(*fit, 5);
  ASSERT_TRUE(x && x->low);
  EXPECT_NEAR(x->value, 2, 1e-12);
  EXPECT_NEAR(*x->high - 2, 12.706204736432095 * std::sqrt(1.5) / 3.5 * std::sqrt(4.0 / 3), 1e-9);
  EXPECT_NEAR(2 - *x->low, *x->high - 2, 1e-9);
  EXPECT_FALSE(predict_x({0, 1, 1, 3, 2, 2}, 1));
  EXPECT_FALSE(predict_x(*least_squares(Values{1, 2}, Values{1, 3}), 2)->low);
}

TEST(Correlation, PublishedTablesOfMixeval) {
  ASSAY_NEED_SHARED("golden/mixeval/correlation.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/correlation.json"));
  for (const json::value& item : golden.at("items").as_array()) {
    Values elo, score;
    for (const json::value& point : item.at("points").as_array()) {
      elo.push_back(*as_number(point.at(1)));
      score.push_back(*as_number(point.at(2)) / *get_number(item, "scale"));
    }
    const std::string what = *get_string(item, "score") + " " + *get_string(item, "elo");
    EXPECT_EQ(static_cast<std::int64_t>(elo.size()), *get_integer(item, "n"));
    EXPECT_NEAR(spearman(elo, score).value(), *get_number(item, "spearman"), 1e-9) << what;
    EXPECT_NEAR(pearson(elo, score).value(), *get_number(item, "pearson"), 1e-9) << what;
    EXPECT_NEAR(kendall_tau_b(elo, score).value(), *get_number(item, "kendall_tau_b"), 1e-9) << what;
    const auto fit = least_squares(elo, score);
    ASSERT_TRUE(fit) << what;
    EXPECT_NEAR(fit->slope, *get_number(item, "slope"), 1e-9) << what;
    EXPECT_NEAR(fit->intercept, *get_number(item, "intercept"), 1e-9) << what;
    EXPECT_NEAR(fit->rmse, *get_number(item, "rmse"), 1e-9) << what;
  }
}

TEST(Correlation, IntervalsOfPublishedTables) {
  ASSAY_NEED_SHARED("golden/mixeval/correlation.json");
  const json::value golden = test::load_json(test::shared("golden/mixeval/correlation.json"));
  for (const json::value& item : golden.at("items").as_array()) {
    Values elo, score;
    for (const json::value& point : item.at("points").as_array()) {
      elo.push_back(*as_number(point.at(1)));
      score.push_back(*as_number(point.at(2)));
    }
    PythonRandom random(42);
    const auto intervals = bootstrap_correlations(elo, score, 500, random);
    ASSERT_TRUE(intervals.spearman && intervals.pearson);
    EXPECT_LT(intervals.spearman->low, *get_number(item, "spearman"));
    EXPECT_GT(intervals.spearman->high, *get_number(item, "spearman"));
    EXPECT_GT(intervals.spearman->low, 0.7);
    EXPECT_LE(intervals.spearman->high, 1.0);
  }
}

}  // namespace
}  // namespace assay
