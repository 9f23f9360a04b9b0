// Charts with two axes, bars and matrices: run/chart.h beyond strips and histograms.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "run/chart.h"
#include "run/label_placement.h"

namespace assay {
namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++out;
  return out;
}
bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(AxisScale, PowersOfTen) {
  Scale wide = axis_scale(AxisKind::log, 0.02, 37000);
  EXPECT_EQ(wide.low, 0.02);
  EXPECT_EQ(wide.high, 50000);
  EXPECT_EQ(wide.ticks.size(), 6u);
  EXPECT_NEAR(wide.ticks.front(), 0.1, 1e-12);
  EXPECT_NEAR(wide.share(std::sqrt(0.02 * 50000)), 0.5, 1e-12);
  EXPECT_EQ(wide.share(-3), 0.0);
  Scale narrow = axis_scale(AxisKind::log, 3, 80);
  EXPECT_EQ(narrow.ticks, (std::vector<double>{2, 5, 10, 20, 50, 100}));
}

TEST(AxisScale, ZeroHasAPlaceOnASymmetricOne) {
  Scale prices = axis_scale(AxisKind::symlog, 0, 300);
  EXPECT_EQ(prices.low, 0);
  EXPECT_EQ(prices.high, 500);
  EXPECT_EQ(prices.ticks.front(), 0);
  EXPECT_EQ(prices.share(0), 0.0);
  EXPECT_LT(prices.share(0.5), prices.share(1));
  Scale both = axis_scale(AxisKind::symlog, -40, 40);
  EXPECT_TRUE(std::is_sorted(both.ticks.begin(), both.ticks.end()));
  EXPECT_NEAR(both.share(0), 0.5, 1e-12);
}

TEST(AxisScale, RepairsWhatCannotBeAScale) {
  Random random(5);
  for (AxisKind kind : {AxisKind::linear, AxisKind::log, AxisKind::symlog})
    for (auto [low, high] : {std::pair{0.0, 0.0}, {-5.0, -2.0}, {7.0, 7.0}, {std::nan(""), 2.0}, {HUGE_VAL, -HUGE_VAL}, {1e-320, 1e300}, {5.0, 1.0}}) {
      Scale scale = axis_scale(kind, low, high);
      EXPECT_LT(scale.low, scale.high);
      EXPECT_LE(scale.ticks.size(), 1001u);
      EXPECT_TRUE(std::is_sorted(scale.ticks.begin(), scale.ticks.end()));
      EXPECT_GE(scale.share(low), 0);
      EXPECT_LE(scale.share(high), 1);
    }
}

TEST(LabelPlacement, NoNameMeetsAnotherOrAPoint) {
  Random random(9);
  std::vector<chart::LabelWish> wishes;
  std::vector<chart::PointPlace> points;
  for (int i = 0; i < 60; ++i) {
    points.push_back({10 + 85 * random.unit(), 40 + 240 * random.unit()});
    wishes.push_back({points.back(), 30 + 90 * random.unit()});
  }
  const chart::LabelField field{7, 100, 20, 290};
  const auto placed = chart::place_labels(wishes, points, field);
  ASSERT_EQ(placed.size(), wishes.size());
  std::size_t shown = 0;
  for (double width : {540.0, 660.0, 840.0, 1140.0}) {
    struct Box {
      double left, right, top, bottom;
    };
    std::vector<Box> boxes;
    shown = 0;
    for (std::size_t i = 0; i < placed.size(); ++i) {
      if (!placed[i].shown) continue;
      ++shown;
      double x = wishes[i].at.percent * width / 100 + placed[i].dx, y = wishes[i].at.y + placed[i].dy, w = wishes[i].width;
      if (placed[i].anchor == "end") x -= w;
      if (placed[i].anchor == "middle") x -= w / 2;
      Box box{x, x + w, y - 9, y + 3};
      EXPECT_GE(box.left, 7 * width / 100);
      EXPECT_LE(box.right, width);
      for (const Box& other : boxes)
        EXPECT_FALSE(box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      for (const chart::PointPlace& point : points) {
        const double px = point.percent * width / 100;
        EXPECT_FALSE(box.left < px && px < box.right && box.top < point.y && point.y < box.bottom);
      }
      boxes.push_back(box);
    }
  }
  EXPECT_GT(shown, 25u);
  // The first wish always finds the free place beside it; one in the same place goes elsewhere.
  const std::vector<chart::LabelWish> twice{{{50, 100}, 40}, {{50, 100}, 40}};
  const std::vector<chart::PointPlace> same{{50, 100}, {50, 100}};
  const auto two = chart::place_labels(twice, same, field);
  EXPECT_TRUE(two[0].shown && two[1].shown);
  EXPECT_NE(two[0].dx, two[1].dx);
}

TEST(Scatter, NamesErrorBarsLineAndMarks) {
  std::vector<ScatterPoint> points{{1, 10, "a: 10", "strong", "a<b>"}, {100, 20, "b: 20", "", "b"}, {0, 3, "not on a log axis"}};
  points[0].y_low = 8;
  points[0].y_high = 12;
  points[1].x_low = 90;
  points[1].x_high = 110;
  ScatterOptions options;
  options.x = AxisKind::log;
  options.line = ChartLine{0.1, 9.9, "r = 1"};
  options.vertical = ChartMark{50, "people"};
  options.horizontal = ChartMark{15, "half"};
  std::string svg = scatter(points, {"s", "quality", "price", "quality", "two judges"}, options);
  EXPECT_EQ(count(svg, "<circle"), 2u);
  EXPECT_EQ(count(svg, "class=\"range\""), 2u);
  EXPECT_EQ(count(svg, "class=\"mark\""), 2u);
  EXPECT_TRUE(has(svg, "class=\"point strong\""));
  EXPECT_TRUE(has(svg, "a&lt;b&gt;</text>"));
  EXPECT_TRUE(has(svg, "<title>r = 1</title>"));
  EXPECT_TRUE(has(svg, "aria-describedby=\"s-d\"") && has(svg, "<desc id=\"s-d\">two judges</desc>"));
  EXPECT_TRUE(has(svg, ">people</text>") && has(svg, ">half</text>"));
  EXPECT_FALSE(has(svg, "nan") || has(svg, "inf") || has(svg, "style="));
}

TEST(Scatter, LineStaysInsideTheArea) {
  std::vector<ScatterPoint> points{{0, 0, "a"}, {10, 10, "b"}};
  ScatterOptions options;
  options.line = ChartLine{1000, -3000, "steep"};
  std::string svg = scatter(points, {"s", "t"}, options);
  // From y = 0 at x = 3 to y = 10 at x = 3.01, in the chart's own places: the bottom to the top.
  EXPECT_TRUE(has(svg, "y1=\"290.0\"") && has(svg, "y2=\"32.0\"")) << svg;
  options.line = ChartLine{0, 1e9, "far above"};
  EXPECT_FALSE(has(scatter(points, {"s", "t"}, options), "inf"));
}

TEST(Scatter, BoundsThePointsAndSaysSo) {
  std::vector<ScatterPoint> points;
  for (int i = 0; i < 10000; ++i) points.push_back({static_cast<double>(i), 1.0 * (i % 100), "p", "", "name"});
  ScatterOptions options;
  options.most = 1000;
  std::string svg = scatter(points, {"s", "t"}, options);
  EXPECT_EQ(count(svg, "<circle"), 1000u);
  EXPECT_LE(count(svg, "class=\"name\""), 200u);
  EXPECT_TRUE(has(svg, "1,000 of 10,000 points"));
}

TEST(LineChart, BreaksAtWhatIsNotANumber) {
  std::vector<LineSeries> series{{"mean", {{50, 0.4}, {100, 0.2}, {150, std::nan("")}, {200, 0.1}}}, {"<max>", {{50, 0.9}, {200, 0.6}}}};
  ScatterOptions options;
  options.horizontal = ChartMark{0.05, "p = 0.05"};
  std::string svg = line_chart(series, {"l", "p-values", "samples", "p"}, options);
  EXPECT_EQ(count(svg, "<circle"), 5u);
  EXPECT_TRUE(has(svg, "class=\"series s1\"") && has(svg, "class=\"series s2\""));
  EXPECT_TRUE(has(svg, "&lt;max&gt;"));
  EXPECT_EQ(line_chart({}, {"l", "t"}), "");
}

TEST(BarChart, DrawsBothWaysFromZero) {
  std::vector<Bar> bars{{"longest", 1.0, "1.0"}, {"a & b", -0.5, "-0.5", -0.6, -0.4}, {"none", std::nan("")}};
  std::string svg = bar_chart(bars, {"b", "bias", "share"}, ChartMark{0.5, "chance"});
  EXPECT_EQ(count(svg, "class=\"bar\""), 2u);
  EXPECT_TRUE(has(svg, "a &amp; b"));
  EXPECT_EQ(count(svg, "class=\"range\""), 1u);
  EXPECT_TRUE(has(svg, "chance"));
  EXPECT_EQ(bar_chart({}, {"b", "t"}), "");
  std::vector<Bar> many(500, {"x", 1, ""});
  EXPECT_EQ(count(bar_chart(many, {"b", "t"}), "class=\"bar\""), 100u);
}

TEST(BarChart, NamesThatEndDifferentlyStayApartAndNumbersAlign) {
  std::vector<Bar> bars{{"weighted_alpaca_eval_cot_gpt4_turbo", 1, ""}, {"weighted_alpaca_eval_gpt4_turbo", 0.125, "", {}, {}, "strong"}};
  const std::string svg = bar_chart(bars, {"b", "t"});
  EXPECT_TRUE(has(svg, "class=\"row full\"") && has(svg, "class=\"row brief\""));
  EXPECT_TRUE(has(svg, ">weighted_alpaca_eval_cot_\u2026<") && has(svg, ">weighted_alpaca_eval_gpt4\u2026<"));  // their ends do not matter
  EXPECT_TRUE(has(svg, ">weig\u2026t_gpt4_turbo<") && has(svg, ">weig\u2026l_gpt4_turbo<"));                    // where beginnings are alike
  EXPECT_TRUE(has(svg, ">1.000<") && has(svg, ">0.125<"));
  EXPECT_TRUE(has(svg, "class=\"bar strong\""));
}

TEST(HeatMap, ATriangleHasEveryPairOnce) {
  HeatMap map{{"b", "c"}, {"a", "b"}, {0.5, {}, {}, 0.25}, {}, 0, 1, 3};
  map.below_diagonal = true;
  const std::string svg = heat_map(map, {"h", "t"});
  EXPECT_EQ(count(svg, "<rect"), 3u);
  EXPECT_EQ(count(svg, "class=\"heat blank\""), 1u);  // unknown is not left out
}

TEST(HeatMap, NamesAtTheEdgeAndManyNumbersHaveRoom) {
  HeatMap map;
  for (int i = 0; i < 20; ++i) map.rows.push_back("r"), map.columns.push_back("a name of twenty letters");
  map.cells.assign(400, 0.375);
  map.decimals = 3;
  const std::string svg = heat_map(map, {"h", "t"});
  EXPECT_TRUE(has(svg, ">.375</text>"));
  // The last name leans over its column's end by some 110 pixels of at least 930.
  const std::size_t last = svg.rfind("overflow=\"visible\""), x = svg.rfind("x=\"", last);
  EXPECT_LT(std::stod(svg.substr(x + 3)), 89);
}

TEST(HeatMap, StrengthFollowsTheValue) {
  HeatMap map{{"a", "b"}, {"a", "b"}, {1.0, -0.5, {}, 0.25}, {}, -1, 1, 2};
  std::string svg = heat_map(map, {"h", "matrix"});
  EXPECT_EQ(count(svg, "<rect"), 4u);
  EXPECT_TRUE(has(svg, "class=\"heat below\""));
  EXPECT_TRUE(has(svg, "class=\"heat blank\""));
  EXPECT_TRUE(has(svg, "fill-opacity=\"1.000\"") && has(svg, "fill-opacity=\"0.520\"") && has(svg, "fill-opacity=\"0.280\""));
  EXPECT_TRUE(has(svg, "b, a: not known"));
  EXPECT_TRUE(has(svg, ">-0.50</text>"));
  map.cells.pop_back();
  EXPECT_EQ(heat_map(map, {"h", "t"}), "");
  HeatMap huge;
  for (int i = 0; i < 70; ++i) huge.rows.push_back("r"), huge.columns.push_back("c");
  huge.cells.assign(4900, 0.5);
  std::string bounded = heat_map(huge, {"h", "t"});
  EXPECT_EQ(count(bounded, "<rect"), 64u * 64u);
  EXPECT_TRUE(has(bounded, "left out"));
}

}  // namespace
}  // namespace assay
