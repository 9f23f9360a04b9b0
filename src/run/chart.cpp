#include "run/chart.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "run/display.h"
#include "run/html.h"

namespace assay {
namespace {

constexpr double kMargin = 3;  // percent at either end of a strip

std::string percent_text(double percent) {
  return fixed(percent, 2) + "%";
}
std::string pixels(double y) {
  return fixed(y, 1);
}

std::string element_class(std::string_view base, std::string_view more) {
  return " class=\"" + std::string(base) + (more.empty() ? "" : " " + html_name(more)) + "\"";
}

std::string line(std::string_view css, const std::string& x1, const std::string& y1, const std::string& x2,
                 const std::string& y2) {
  return "<line" + element_class(css, "") + " x1=\"" + x1 + "\" y1=\"" + y1 + "\" x2=\"" + x2 + "\" y2=\"" + y2 + "\"/>";
}

std::string text_at(std::string_view css, const std::string& x, const std::string& y, std::string_view anchor,
                    std::string_view text) {
  return "<text" + element_class(css, "") + " x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + std::string(anchor) + "\">" +
         html_text(text) + "</text>";
}

std::string tick_label(const Scale& scale, double tick) {
  if (std::abs(tick) >= 1e6) return display_number(tick);
  std::string text = fixed(tick == 0 ? 0.0 : tick, scale.decimals);
  return text;
}

std::string grid(const Scale& scale, std::string_view height) {
  std::string out;
  for (double tick : scale.ticks) {
    std::string x = percent_text(scale.percent(tick));
    out += line(tick == 0 && scale.low < 0 ? "grid zero" : "grid", x, "0", x, std::string(height));
  }
  return out;
}

std::string open_chart(std::string_view css, const ChartText& text, int height) {
  std::string id = html_name(text.id);
  return "<svg class=\"chart " + std::string(css) + "\" width=\"100%\" height=\"" + std::to_string(height) +
         "\" role=\"img\" aria-labelledby=\"" + id + "-t\"><title id=\"" + id + "-t\">" + html_text(text.title) + "</title>";
}

/// The plotting area of a chart with a labelled y axis, in percent across and pixels down.
struct Area {
  double left = 7, right = 99, top = 14, bottom = 0;
  double across(const Scale& scale, double x) const {
    return left + (right - left) * std::clamp((x - scale.low) / (scale.high - scale.low), 0.0, 1.0);
  }
  double down(const Scale& scale, double y) const {
    return bottom - (bottom - top) * std::clamp((y - scale.low) / (scale.high - scale.low), 0.0, 1.0);
  }
};

std::string axes(const Area& area, const Scale& x, const Scale& y, const ChartText& text) {
  std::string out;
  for (double tick : y.ticks) {
    std::string at = pixels(area.down(y, tick));
    out += line(tick == y.low ? "axis" : "grid", percent_text(area.left), at, percent_text(area.right), at);
    out += text_at("tick", percent_text(area.left - 0.8), pixels(area.down(y, tick) + 3.5), "end", tick_label(y, tick));
  }
  for (double tick : x.ticks)
    out += text_at("tick", percent_text(area.across(x, tick)), pixels(area.bottom + 15), "middle", tick_label(x, tick));
  if (!text.x_label.empty()) out += text_at("label", percent_text(area.right), pixels(area.bottom + 31), "end", text.x_label);
  if (!text.y_label.empty()) out += text_at("label", "0", "11", "start", text.y_label);
  return out;
}

}  // namespace

double Scale::percent(double value) const {
  double share = std::clamp((value - low) / (high - low), 0.0, 1.0);
  return kMargin + (100 - 2 * kMargin) * share;
}

Scale nice_scale(double low, double high, int ticks) {
  if (!std::isfinite(low) || !std::isfinite(high)) low = 0, high = 1;
  low = std::clamp(low, -1e300, 1e300);
  high = std::clamp(high, -1e300, 1e300);
  if (low > high) std::swap(low, high);
  if (!(high - low > std::max(std::abs(low), std::abs(high)) * 1e-9) || high - low < 1e-12) {
    double room = std::max(std::abs(low) * 0.1, 0.5);
    low -= room;
    high += room;
  }
  double rough = (high - low) / std::max(ticks, 1);
  double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = power;
  for (double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    step = factor * power;
    if (step >= rough * 0.999) break;
  }
  Scale scale;
  scale.low = std::floor(low / step + 1e-9) * step;
  scale.high = std::ceil(high / step - 1e-9) * step;
  if (!(scale.high > scale.low)) scale.high = scale.low + step;
  int steps = static_cast<int>(std::min(std::round((scale.high - scale.low) / step), 1000.0));
  for (int i = 0; i <= steps; ++i) scale.ticks.push_back(scale.low + i * step);
  scale.high = scale.ticks.back();
  // 2.5 times a power of ten needs one decimal more than the power.
  double unit = step;
  while (scale.decimals < 12 && std::abs(unit - std::round(unit)) > 1e-6 * std::max(1.0, std::abs(unit))) {
    unit *= 10;
    ++scale.decimals;
  }
  return scale;
}

std::string interval_strip(const Scale& scale, std::optional<double> value, std::optional<double> low, std::optional<double> high,
                           std::string_view label, std::string_view css_class) {
  std::string out = "<svg" + element_class("chart strip", css_class) + " width=\"100%\" height=\"30\" role=\"img\"><title>" +
                    html_text(label) + "</title>" + grid(scale, "100%");
  if (low && high && std::isfinite(*low) && std::isfinite(*high)) {
    std::string from = percent_text(scale.percent(*low)), to = percent_text(scale.percent(*high));
    out += line("whisker", from, "15", to, "15") + line("whisker", from, "10.5", from, "19.5") +
           line("whisker", to, "10.5", to, "19.5");
  }
  if (value && std::isfinite(*value))
    out += "<circle class=\"point\" cx=\"" + percent_text(scale.percent(*value)) + "\" cy=\"15\" r=\"4.5\"/>";
  return out + "</svg>";
}

std::string axis_strip(const Scale& scale) {
  std::string out = "<svg class=\"chart strip ticks\" width=\"100%\" height=\"22\" aria-hidden=\"true\">" + grid(scale, "4");
  for (double tick : scale.ticks)
    out += text_at("tick", percent_text(scale.percent(tick)), "17", "middle", tick_label(scale, tick));
  return out + "</svg>";
}

std::string bar_strip(const Scale& scale, double value, std::string_view label, std::string_view css_class) {
  double zero = scale.percent(0), at = scale.percent(std::isfinite(value) ? value : 0);
  return "<svg" + element_class("chart strip", css_class) + " width=\"100%\" height=\"30\" role=\"img\"><title>" +
         html_text(label) + "</title>" + grid(scale, "100%") + "<rect class=\"bar\" x=\"" + percent_text(std::min(zero, at)) +
         "\" y=\"9\" width=\"" + percent_text(std::abs(at - zero)) + "\" height=\"12\"/></svg>";
}

std::string share_strip(const std::vector<Share>& shares, std::string_view title) {
  std::size_t total = 0;
  for (const Share& share : shares) total += share.count;
  std::string out =
      "<svg class=\"chart shares\" width=\"100%\" height=\"14\" role=\"img\"><title>" + html_text(title) + "</title>";
  if (total == 0) return out + "</svg>";
  // The smallest visible part is 0.6 % wide; the others share the rest in proportion.
  constexpr double kLeast = 0.6;
  double small = 0, large = 0;
  for (const Share& share : shares) {
    double exact = 100.0 * static_cast<double>(share.count) / static_cast<double>(total);
    if (share.count && exact < kLeast)
      small += kLeast;
    else
      large += exact;
  }
  double x = 0;
  for (const Share& share : shares) {
    if (share.count == 0) continue;
    double exact = 100.0 * static_cast<double>(share.count) / static_cast<double>(total);
    double width = exact < kLeast ? kLeast : exact / large * (100 - small);
    out += "<rect" + element_class("share", share.css_class) + " x=\"" + percent_text(x) + "\" y=\"0\" width=\"" +
           percent_text(width) + "\" height=\"14\"><title>" + html_text(share.label) + ": " + display_count(share.count) +
           "</title></rect>";
    x += width;
  }
  return out + "</svg>";
}

std::string histogram(std::span<const double> values, const ChartText& text, int bins, std::optional<double> mark,
                      std::string_view mark_label) {
  std::vector<double> sorted;
  for (double value : values)
    if (std::isfinite(value)) sorted.push_back(value);
  std::sort(sorted.begin(), sorted.end());
  if (sorted.empty()) return "";
  auto quantile = [&](double share) { return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]; };
  double spread = quantile(0.75) - quantile(0.25);
  double low = sorted.front(), high = sorted.back();
  // Tukey's outer fences, drawn in to the last values inside; many values beyond are a tail, not outliers, and stay.
  if (spread > 0) {
    auto inside_from = std::lower_bound(sorted.begin(), sorted.end(), quantile(0.25) - 3 * spread);
    auto inside_to = std::upper_bound(sorted.begin(), sorted.end(), quantile(0.75) + 3 * spread);
    if (static_cast<double>(inside_to - inside_from) >= 0.95 * static_cast<double>(sorted.size())) {
      low = *inside_from;
      high = *(inside_to - 1);
    }
  }
  Scale fine = nice_scale(low, high, std::clamp(bins, 2, 100));
  std::size_t count = fine.ticks.size() - 1;
  double step = (fine.high - fine.low) / static_cast<double>(count);
  std::vector<std::size_t> counts(count);
  for (double value : sorted) {
    double place = std::floor((value - fine.low) / step + 1e-9);
    counts[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(count - 1)))]++;
  }
  // Round ticks of their own: the bins' edges are too many, and every other one need not be round.
  Scale x = nice_scale(fine.low, fine.high, 7);
  std::erase_if(x.ticks, [&](double tick) { return tick < fine.low - 1e-9 * step || tick > fine.high + 1e-9 * step; });
  x.low = fine.low;
  x.high = fine.high;
  Scale y = nice_scale(0, static_cast<double>(std::max<std::size_t>(*std::max_element(counts.begin(), counts.end()), 4)), 4);
  Area area;
  area.top = 32;
  area.bottom = 176;
  std::string out = open_chart("histogram", text, text.x_label.empty() ? 198 : 212) + axes(area, x, y, text);
  for (std::size_t i = 0; i < count; ++i) {
    if (counts[i] == 0) continue;
    double from = fine.low + static_cast<double>(i) * step, to = from + step;
    bool first = i == 0 && sorted.front() < fine.low, last = i + 1 == count && sorted.back() > fine.high;
    std::string range = first  ? "below " + tick_label(fine, to)
                        : last ? "from " + tick_label(fine, from)
                               : tick_label(fine, from) + " to " + tick_label(fine, to);
    double left = area.across(fine, from), width = area.across(fine, to) - left,
           top = area.down(y, static_cast<double>(counts[i]));
    out += "<rect class=\"bar\" x=\"" + percent_text(left + width * 0.06) + "\" y=\"" + pixels(top) + "\" width=\"" +
           percent_text(width * 0.88) + "\" height=\"" + pixels(area.bottom - top) + "\"><title>" + html_text(range) + ": " +
           display_count(counts[i]) + "</title></rect>";
  }
  if (mark && std::isfinite(*mark) && *mark >= fine.low && *mark <= fine.high) {
    double at = area.across(fine, *mark);
    out += line("mark", percent_text(at), pixels(area.top - 12), percent_text(at), pixels(area.bottom));
    out +=
        text_at("label", percent_text(at + (at > 70 ? -0.6 : 0.6)), pixels(area.top - 9), at > 70 ? "end" : "start", mark_label);
  }
  return out + "</svg>";
}

std::string scatter(std::span<const ScatterPoint> points, const ChartText& text, bool diagonal) {
  double low_x = HUGE_VAL, high_x = -HUGE_VAL, low_y = HUGE_VAL, high_y = -HUGE_VAL;
  for (const ScatterPoint& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    low_x = std::min(low_x, point.x);
    high_x = std::max(high_x, point.x);
    low_y = std::min(low_y, point.y);
    high_y = std::max(high_y, point.y);
  }
  if (low_x > high_x) return "";
  if (diagonal) {  // the same scale both ways, or the line would lie
    low_x = low_y = std::min(low_x, low_y);
    high_x = high_y = std::max(high_x, high_y);
  }
  Scale x = nice_scale(low_x, high_x), y = nice_scale(low_y, high_y);
  Area area;
  area.top = 32;
  area.bottom = 290;
  std::string out = open_chart("scatter", text, text.x_label.empty() ? 312 : 326) + axes(area, x, y, text);
  if (diagonal)
    out += line("mark", percent_text(area.across(x, x.low)), pixels(area.down(y, x.low)), percent_text(area.across(x, x.high)),
                pixels(area.down(y, x.high)));
  for (const ScatterPoint& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    out += "<circle" + element_class("point", point.css_class) + " cx=\"" + percent_text(area.across(x, point.x)) + "\" cy=\"" +
           pixels(area.down(y, point.y)) + "\" r=\"4\"><title>" + html_text(point.label) + "</title></circle>";
  }
  return out + "</svg>";
}

}  // namespace assay
