// What the charts share: shapes as SVG text, the plotting area with its axes. Only for the chart files of this folder.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "run/chart.h"

namespace assay::chart {

std::string percent_text(double percent);
std::string pixels(double y);
/// ` class="base more"`.
std::string element_class(std::string_view base, std::string_view more);
std::string line(std::string_view css, const std::string& x1, const std::string& y1, const std::string& x2, const std::string& y2);
std::string text_at(std::string_view css, const std::string& x, const std::string& y, std::string_view anchor, std::string_view text);
std::string tick_label(const Scale& scale, double tick);
/// Names of at most so many code points, all cut in the same way: at the end, or, where that makes some alike, in the middle.
std::vector<std::string> short_names(std::span<const std::string> names, std::size_t code_points);
/// Up to and including title and description. `height` in pixels.
std::string open_chart(std::string_view css, const ChartText& text, int height);

/// The plotting area of a chart with a labelled y axis, in percent across and pixels down.
struct Area {
  double left = 7, right = 99, top = 14, bottom = 0;
  double across(const Scale& scale, double x) const { return left + (right - left) * scale.share(x); }
  double down(const Scale& scale, double y) const { return bottom - (bottom - top) * scale.share(y); }
};
/// Makes room for the labels of `y`.
void fit_left(Area& area, const Scale& y);
std::string axes(const Area& area, const Scale& x, const Scale& y, const ChartText& text);

}  // namespace assay::chart
