// Charts as inline SVG for every benchmark's pages. Horizontal places are percentages, so a chart fills whatever width it gets
// and its text keeps its size; colours come from the page's CSS (classes below), so light, dark and print need no second drawing.
// No style attributes: a strict Content-Security-Policy stays possible. All text is escaped here; every chart has a <title>.
//
// Classes: chart; grid, axis, tick, label (texts and lines); whisker, point, bar, mark, curve, range, name, leader, heat; s1 to s6 (series);
// strong, weak (points); and whatever `css_class` the caller adds. Numbers can be read by hovering: each shape has a <title>.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class AxisKind {
  linear,
  log,     // powers of ten; what is not above zero stands at the low edge
  symlog,  // linear from -1 to 1, powers of ten beyond: for prices that may be zero
};

/// A scale with round ticks.
struct Scale {
  double low = 0, high = 1;   // low < high
  std::vector<double> ticks;  // from low to high
  int decimals = 0;           // that the ticks of a linear scale need
  AxisKind kind = AxisKind::linear;
  /// 0 at low, 1 at high; values outside are held at the edges.
  double share(double value) const;
  /// Percent of the chart's width, 3 at low and 97 at high.
  double percent(double value) const;
};
/// The smallest round scale holding low..high (swapped or equal or not finite ones are repaired) with about `ticks` steps.
Scale nice_scale(double low, double high, int ticks = 5);
/// The same of any kind, with as many ticks as its powers of ten need.
Scale axis_scale(AxisKind kind, double low, double high);

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
  std::string description{};  // what it says, for the same people; "" = nothing
};

/// Counts of `values` in about `bins` round bins. A few far outliers are gathered in the outermost bins, which say so. Not finite
/// values are left out. `mark`: a vertical line with its label, e.g. the mean.
std::string histogram(std::span<const double> values, const ChartText& text, int bins = 24, std::optional<double> mark = {},
                      std::string_view mark_label = "");

struct ScatterPoint {
  double x = 0, y = 0;
  std::string label;        // what hovering says
  std::string css_class{};  // "strong" and "weak" are known to the page
  std::string name{};       // written beside the point where there is room; "" = never
  std::optional<double> x_low{}, x_high{}, y_low{}, y_high{};  // error bars
};
struct ChartLine {
  double slope = 0, intercept = 0;  // y = intercept + slope * x, whatever the axes
  std::string label;
};
struct ChartMark {
  double at = 0;
  std::string label;
};
struct ScatterOptions {
  bool diagonal = false;  // the line x = y; both axes get the same scale
  AxisKind x = AxisKind::linear, y = AxisKind::linear;
  std::optional<ChartLine> line{};
  std::optional<ChartMark> vertical{}, horizontal{};  // lines across the chart
  /// Points drawn; of more, every second (third, ...) one, and the chart says so. The first 200 names are placed, earlier ones
  /// first: names never lie on each other or on points, and those without room are left to hovering.
  std::size_t most = 4000;
};
/// Points that are not finite, or not above zero on a logarithmic axis, are left out. "" when none is left.
std::string scatter(std::span<const ScatterPoint> points, const ChartText& text, const ScatterOptions& options);
/// `diagonal`: the line x = y.
std::string scatter(std::span<const ScatterPoint> points, const ChartText& text, bool diagonal = false);

struct LineSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;  // from left to right; one that is not finite breaks the line
};
/// Lines in up to six colours, in order, then again. At most 12 series of 2,000 points. The names stand at the lines' ends.
std::string line_chart(std::span<const LineSeries> series, const ChartText& text, const ScatterOptions& options = {});

struct Bar {
  std::string name;
  double value = 0;
  std::string label;  // what hovering says
  std::optional<double> low{}, high{};
  std::string css_class{};
};
/// Horizontal bars from zero (or the scale's edge), one below the other, with names at the left and numbers, all with as many
/// decimals as one of them needs, at the right; at most 100. Narrow pages get shorter names.
/// `mark`: a line across all of them.
std::string bar_chart(std::span<const Bar> bars, const ChartText& text, const std::optional<ChartMark>& mark = {});

struct HeatMap {
  std::vector<std::string> rows, columns;
  std::vector<std::optional<double>> cells;  // row by row; nothing = an empty cell
  std::vector<std::string> labels{};         // of the cells, what hovering says; may be empty
  double low = 0, high = 1;                  // the palest and the darkest; with low < 0 < high two colours meet at zero
  int decimals = 2;
  bool below_diagonal = false;  // every pair once: cell (r, c) with c > r is not drawn
};
/// At most 64 rows and columns; the description says when more were left out. Give it the class "scroll" around it: narrow pages
/// move it, since its cells keep a least width.
std::string heat_map(const HeatMap& map, const ChartText& text);

}  // namespace assay
