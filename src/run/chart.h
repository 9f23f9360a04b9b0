// Charts as inline SVG for every benchmark's pages. Horizontal places are percentages, so a chart fills whatever width it gets
// and its text keeps its size; colours come from the page's CSS (classes below), so light, dark and print need no second drawing.
// No style attributes: a strict Content-Security-Policy stays possible. All text is escaped here; every chart has a <title>.
//
// Classes: chart; grid, axis, tick, label (texts and lines); whisker, point, bar, mark; and whatever `css_class` the caller adds.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// A linear scale with round ticks.
struct Scale {
  double low = 0, high = 1;   // low < high
  std::vector<double> ticks;  // from low to high
  int decimals = 0;           // that the ticks need
  /// Percent of the chart's width, 3 at low and 97 at high; values outside are held at the edges.
  double percent(double value) const;
};
/// The smallest round scale holding low..high (swapped or equal or not finite ones are repaired) with about `ticks` steps.
Scale nice_scale(double low, double high, int ticks = 5);

/// One row of a forest plot: point, whiskers, grid. `label` is what a screen reader says: "gpt-4: 64.78, 95 % 61.0 to 68.5".
std::string interval_strip(const Scale& scale, std::optional<double> value, std::optional<double> low, std::optional<double> high,
                           std::string_view label, std::string_view css_class = "");
/// The ticks under a column of strips.
std::string axis_strip(const Scale& scale);
/// A horizontal bar from zero (or the scale's edge).
std::string bar_strip(const Scale& scale, double value, std::string_view label, std::string_view css_class = "");

struct Share {
  std::string label;
  std::size_t count = 0;
  std::string css_class;
};
/// One bar divided by counts; parts of zero are left out, the smallest stay visible.
std::string share_strip(const std::vector<Share>& shares, std::string_view title);

struct ChartText {
  std::string id;     // unique on the page
  std::string title;  // what it shows, for people who do not see it
  std::string x_label, y_label;
};

/// Counts of `values` in about `bins` round bins. A few far outliers are gathered in the outermost bins, which say so. Not finite
/// values are left out. `mark`: a vertical line with its label, e.g. the mean.
std::string histogram(std::span<const double> values, const ChartText& text, int bins = 24, std::optional<double> mark = {},
                      std::string_view mark_label = "");

struct ScatterPoint {
  double x = 0, y = 0;
  std::string label;
  std::string css_class{};
};
/// `diagonal`: the line x = y.
std::string scatter(std::span<const ScatterPoint> points, const ChartText& text, bool diagonal = false);

}  // namespace assay
