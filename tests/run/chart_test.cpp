#include "run/chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace assay {
namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++out;
  return out;
}

TEST(NiceScale, HoldsTheRangeWithRoundTicks) {
  Scale scale = nice_scale(61.3, 78.2, 5);
  EXPECT_EQ(scale.low, 60);
  EXPECT_EQ(scale.high, 80);
  EXPECT_EQ(scale.ticks, (std::vector<double>{60, 65, 70, 75, 80}));
  EXPECT_EQ(scale.decimals, 0);
  EXPECT_EQ(nice_scale(0.1, 0.35, 5).decimals, 2);
  EXPECT_EQ(scale.percent(60), 3);
  EXPECT_EQ(scale.percent(80), 97);
  EXPECT_EQ(scale.percent(1000), 97);
}

TEST(NiceScale, RepairsWhatCannotBeAScale) {
  for (auto [low, high] : {std::pair{5.0, 5.0},
                           {0.0, 0.0},
                           {3.0, -3.0},
                           {std::nan(""), 1.0},
                           {-HUGE_VAL, HUGE_VAL},
                           {1e300, -1e300},
                           {1e-300, 2e-300},
                           {1e17, 1e17 + 2}}) {
    Scale scale = nice_scale(low, high);
    EXPECT_LT(scale.low, scale.high);
    EXPECT_GE(scale.ticks.size(), 2u);
    EXPECT_LE(scale.ticks.size(), 1001u);
    EXPECT_TRUE(std::is_sorted(scale.ticks.begin(), scale.ticks.end()));
  }
}

TEST(NiceScale, AnyRangeIsHeldByAFewTicks) {
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    double power = std::pow(10.0, static_cast<double>(random.below(12)) - 5);
    double low = (random.unit() - 0.5) * power, high = low + (random.unit() + 1e-3) * power;
    Scale scale = nice_scale(low, high, 6);
    EXPECT_LE(scale.low, low + 1e-9 * power);
    EXPECT_GE(scale.high, high - 1e-9 * power);
    EXPECT_GE(scale.ticks.size(), 3u);
    EXPECT_LE(scale.ticks.size(), 9u);
  }
}

TEST(IntervalStrip, PutsPointAndWhiskersOnTheScaleAndSpeaks) {
  Scale scale = nice_scale(0, 100, 4);
  std::string svg = interval_strip(scale, 50, 25, 75, "gpt <4>: 50");
  EXPECT_NE(svg.find("<title>gpt &lt;4&gt;: 50</title>"), std::string::npos);
  EXPECT_NE(svg.find("cx=\"50.00%\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("x1=\"26.50%\" y1=\"15\" x2=\"73.50%\""), std::string::npos) << svg;
  EXPECT_EQ(count(interval_strip(scale, 50, {}, {}, "x"), "whisker"), 0u);
  EXPECT_EQ(count(interval_strip(scale, {}, {}, {}, "x"), "<circle"), 0u);
  EXPECT_EQ(count(interval_strip(scale, std::nan(""), std::nan(""), 1.0, "x"), "nan"), 0u);
}

TEST(ShareStrip, FillsTheWidth) {
  std::string svg = share_strip({{"scored", 9990, "scored"}, {"failed", 10, "failed"}, {"missing", 0, "missing"}}, "outcomes");
  EXPECT_EQ(count(svg, "<rect"), 2u);
  EXPECT_NE(svg.find("width=\"99.40%\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("x=\"99.40%\" y=\"0\" width=\"0.60%\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("failed: 10"), std::string::npos);
  EXPECT_EQ(count(share_strip({}, "none"), "<rect"), 0u);
}

TEST(Histogram, CountsEveryFiniteValueOnce) {
  std::vector<double> values;
  Random random(11);
  for (int i = 0; i < 1000; ++i) values.push_back(random.unit() * 10);
  values.push_back(-500);  // an outlier must not flatten the rest
  values.push_back(std::nan(""));
  std::string svg = histogram(values, {"h", "scores", "score", "samples"}, 24, 5.0, "mean 5.0");
  std::size_t total = 0;
  for (std::size_t at = 0; (at = svg.find("<rect", at)) != std::string::npos; ++at) {
    std::size_t end = svg.find("</title>", at), colon = svg.rfind(": ", end);
    total += static_cast<std::size_t>(std::stoi(svg.substr(colon + 2, end - colon - 2)));
  }
  EXPECT_EQ(total, 1001u);
  EXPECT_NE(svg.find("below "), std::string::npos);
  EXPECT_NE(svg.find("mean 5.0"), std::string::npos);
  EXPECT_GT(count(svg, "<rect"), 10u);
  EXPECT_NE(svg.find("aria-labelledby=\"h-t\""), std::string::npos);
}

TEST(Histogram, OfNothingIsNothing) {
  EXPECT_EQ(histogram({}, {"h", "t"}), "");
  std::vector<double> same(5, 3.0);
  EXPECT_EQ(count(histogram(same, {"h", "t"}), "<rect"), 1u);
}

TEST(Scatter, DrawsPointsAndDiagonal) {
  std::vector<ScatterPoint> points{{1, 2, "a\"b"}, {3, 4, "c"}, {std::nan(""), 1, "d"}};
  std::string svg = scatter(points, {"s", "pairs", "x", "y"}, true);
  EXPECT_EQ(count(svg, "<circle"), 2u);
  EXPECT_EQ(count(svg, "class=\"mark\""), 1u);
  EXPECT_NE(svg.find("a&quot;b"), std::string::npos);
  EXPECT_EQ(scatter({}, {"s", "t"}), "");
}

}  // namespace
}  // namespace assay
