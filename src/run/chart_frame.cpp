#include "run/chart_frame.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "run/display.h"
#include "run/html.h"

namespace assay::chart {

std::string percent_text(double percent) {
  return fixed(percent, 2) + "%";
}
std::string pixels(double y) {
  return fixed(y, 1);
}

std::string element_class(std::string_view base, std::string_view more) {
  std::string out = " class=\"" + std::string(base);
  // Several names are names still; html_name() takes the blanks between them away.
  for (std::size_t at = 0; at < more.size();) {
    const std::size_t end = std::min(more.find(' ', at), more.size());
    if (end > at) out += " " + html_name(more.substr(at, end - at));
    at = end + 1;
  }
  return out + "\"";
}

std::string line(std::string_view css, const std::string& x1, const std::string& y1, const std::string& x2,
                 const std::string& y2) {
  return "<line" + (css.empty() ? std::string() : element_class(css, "")) + " x1=\"" + x1 + "\" y1=\"" + y1 + "\" x2=\"" + x2 + "\" y2=\"" + y2 + "\"/>";
}

std::string text_at(std::string_view css, const std::string& x, const std::string& y, std::string_view anchor,
                    std::string_view text) {
  return "<text" + element_class(css, "") + " x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + std::string(anchor) + "\">" +
         html_text(text) + "</text>";
}

std::string tick_label(const Scale& scale, double tick) {
  if (std::abs(tick) >= 1e6) return display_number(tick);
  if (scale.kind != AxisKind::linear) {
    if (std::abs(tick) >= 1 || tick == 0) return display_count(static_cast<std::uint64_t>(std::llround(std::abs(tick)))).insert(0, tick < 0 ? "-" : "");
    return python_repr(python_round(tick, static_cast<int>(std::min(12.0, std::ceil(-std::log10(std::abs(tick))) + 1))));
  }
  return fixed(tick == 0 ? 0.0 : tick, scale.decimals);
}

namespace {

/// At most so many code points; so many of them from the end.
std::string cut(std::string_view text, std::size_t code_points, std::size_t tail) {
  const std::size_t all = count_code_points(text);
  if (all <= code_points) return std::string(text);
  return std::string(text.substr(0, offset_of_code_point(text, code_points - 1 - tail))) + "\u2026" + std::string(text.substr(offset_of_code_point(text, all - tail)));
}

}  // namespace

std::vector<std::string> short_names(std::span<const std::string> names, std::size_t code_points) {
  const std::set<std::string_view> different(names.begin(), names.end());
  std::vector<std::string> out;
  for (std::size_t fifths : {0, 2, 3, 4, 1}) {
    out.clear();
    for (const std::string& name : names) out.push_back(cut(name, code_points, (code_points - 1) * fifths / 5));
    if (std::set<std::string_view>(out.begin(), out.end()).size() == different.size()) break;
  }
  return out;
}

std::string open_chart(std::string_view css, const ChartText& text, int height) {
  std::string id = html_name(text.id);
  std::string out = "<svg class=\"chart " + std::string(css) + "\" width=\"100%\" height=\"" + std::to_string(height) +
                    "\" role=\"img\" aria-labelledby=\"" + id + "-t\"";
  if (!text.description.empty()) out += " aria-describedby=\"" + id + "-d\"";
  out += "><title id=\"" + id + "-t\">" + html_text(text.title) + "</title>";
  if (!text.description.empty()) out += "<desc id=\"" + id + "-d\">" + html_text(text.description) + "</desc>";
  return out;
}

void fit_left(Area& area, const Scale& y) {
  std::size_t longest = 0;
  for (double tick : y.ticks) longest = std::max(longest, tick_label(y, tick).size());
  area.left = std::max(area.left, 2.2 + 1.25 * static_cast<double>(longest));
}

std::string axes(const Area& area, const Scale& x, const Scale& y, const ChartText& text) {
  std::string out;
  for (double tick : y.ticks) {
    std::string at = pixels(area.down(y, tick));
    out += line(tick == y.low ? "axis" : "grid", percent_text(area.left), at, percent_text(area.right), at);
    out += text_at("tick", percent_text(area.left - 0.8), pixels(area.down(y, tick) + 3.5), "end", tick_label(y, tick));
  }
  if (y.ticks.empty() || y.ticks.front() != y.low)
    out += line("axis", percent_text(area.left), pixels(area.bottom), percent_text(area.right), pixels(area.bottom));
  for (double tick : x.ticks)
    out += text_at("tick", percent_text(area.across(x, tick)), pixels(area.bottom + 15), "middle", tick_label(x, tick));
  if (!text.x_label.empty()) out += text_at("label", percent_text(area.right), pixels(area.bottom + 31), "end", text.x_label);
  if (!text.y_label.empty()) out += text_at("label", "0", "11", "start", text.y_label);
  return out;
}

}  // namespace assay::chart
