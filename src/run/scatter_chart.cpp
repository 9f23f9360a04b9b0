// Points and lines on two axes.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "run/chart.h"
#include "run/chart_frame.h"
#include "run/display.h"
#include "run/html.h"
#include "run/label_placement.h"

namespace assay {

using namespace chart;

namespace {

constexpr std::size_t kNames = 200, kNameLength = 30, kSeries = 12, kSeriesPoints = 2000;

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void add(const std::optional<double>& value, AxisKind kind) {
    if (value && (kind != AxisKind::log || *value > 0)) add(*value);
  }
};

bool drawable(AxisKind kind, double value) {
  return std::isfinite(value) && (kind != AxisKind::log || value > 0);
}

struct Plot {
  Area area;
  Scale x, y;
  double across(double value) const { return area.across(x, value); }
  double down(double value) const { return area.down(y, value); }
};

/// The frame of both charts: axes, hairs, lines across.
std::string open_plot(Plot& plot, std::string_view css, const ChartText& text, const ScatterOptions& options, Range x, Range y, bool names_at_the_end = false) {
  if (options.vertical && drawable(options.x, options.vertical->at)) x.add(options.vertical->at);
  if (options.horizontal && drawable(options.y, options.horizontal->at)) y.add(options.horizontal->at);
  if (options.diagonal) {  // the same scale both ways, or the line would lie
    x.low = y.low = std::min(x.low, y.low);
    x.high = y.high = std::max(x.high, y.high);
  }
  plot.x = axis_scale(options.x, x.low, x.high);
  plot.y = axis_scale(options.y, y.low, y.high);
  plot.area.top = 32;
  plot.area.bottom = 290;
  plot.area.right = 98;
  fit_left(plot.area, plot.y);
  std::string out = open_chart(css, text, text.x_label.empty() ? 312 : 326);
  const std::string top = pixels(plot.area.top), bottom = pixels(plot.area.bottom);
  for (double tick : plot.x.ticks) out += line("grid", percent_text(plot.across(tick)), top, percent_text(plot.across(tick)), bottom);
  out += axes(plot.area, plot.x, plot.y, text);
  if (options.vertical && drawable(options.x, options.vertical->at)) {
    const double at = plot.across(options.vertical->at);
    out += line("mark", percent_text(at), top, percent_text(at), bottom);
    if (!options.vertical->label.empty())
      out += text_at("label", percent_text(at), pixels(plot.area.top - 5), at > 70 ? "end" : "start", options.vertical->label);
  }
  if (options.horizontal && drawable(options.y, options.horizontal->at)) {
    const double at = plot.down(options.horizontal->at);
    out += line("mark", percent_text(plot.area.left), pixels(at), percent_text(plot.area.right), pixels(at));
    if (!options.horizontal->label.empty())
      out += text_at("label", percent_text(names_at_the_end ? plot.area.left + 0.6 : plot.area.right), pixels(at - 4), names_at_the_end ? "start" : "end", options.horizontal->label);
  }
  return out;
}

/// y = intercept + slope * x inside the area: one stroke on linear axes, many on others.
std::string straight_line(const Plot& plot, const ChartLine& wanted) {
  if (!std::isfinite(wanted.slope) || !std::isfinite(wanted.intercept)) return "";
  auto value = [&](double x) { return wanted.intercept + wanted.slope * x; };
  std::string out = "<g class=\"curve\"><title>" + html_text(wanted.label) + "</title>";
  auto stroke = [&](double from, double to) {
    out += line("", percent_text(plot.across(from)), pixels(plot.down(value(from))), percent_text(plot.across(to)), pixels(plot.down(value(to))));
  };
  if (plot.x.kind == AxisKind::linear && plot.y.kind == AxisKind::linear) {
    double from = plot.x.low, to = plot.x.high;
    if (wanted.slope != 0) {
      double a = (plot.y.low - wanted.intercept) / wanted.slope, b = (plot.y.high - wanted.intercept) / wanted.slope;
      from = std::max(from, std::min(a, b));
      to = std::min(to, std::max(a, b));
    }
    if (from < to) stroke(from, to);
  } else {
    // Equal steps along the axis: find x by halving, since the scale is monotone.
    auto at_share = [&](double share) {
      double low = plot.x.low, high = plot.x.high;
      for (int i = 0; i < 60; ++i) (plot.x.share((low + high) / 2) < share ? low : high) = (low + high) / 2;
      return (low + high) / 2;
    };
    constexpr int kSteps = 48;
    for (int i = 0; i < kSteps; ++i) {
      const double from = at_share(static_cast<double>(i) / kSteps), to = at_share(static_cast<double>(i + 1) / kSteps);
      const bool inside = value(from) >= plot.y.low && value(from) <= plot.y.high && value(to) >= plot.y.low && value(to) <= plot.y.high;
      if (inside) stroke(from, to);
    }
  }
  return out + "</g>";
}

struct Named {
  PointPlace at;
  std::string name, css_class;
};

std::string names_text(const std::vector<Named>& named, const std::vector<PointPlace>& points, const Plot& plot) {
  std::vector<LabelWish> wishes;
  std::vector<std::string> texts;
  wishes.reserve(named.size());
  texts.reserve(named.size());
  for (const Named& one : named) texts.push_back(visible_line(one.name));
  texts = short_names(texts, kNameLength);
  for (std::size_t i = 0; i < named.size(); ++i) wishes.push_back({named[i].at, text_width(texts[i])});
  LabelField field{plot.area.left, 100, plot.area.top - 12, plot.area.bottom - 1};
  const std::vector<PlacedLabel> placed = place_labels(wishes, points, field);
  std::string out;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (!placed[i].shown) continue;
    const PlacedLabel& label = placed[i];
    // A chart inside the chart begins at the point, so that distances from it are pixels.
    out += "<svg x=\"" + percent_text(named[i].at.percent) + "\" y=\"" + pixels(named[i].at.y) + "\" overflow=\"visible\">";
    if (label.leader) {
      const double end_x = label.anchor == "start" ? label.dx - 2 : label.anchor == "end" ? label.dx + 2 : label.dx;
      const double end_y = label.anchor == "middle" ? (label.dy < 0 ? label.dy + 3 : label.dy - 10) : label.dy - 4;
      const double length = std::hypot(end_x, end_y);
      out += line("leader", pixels(end_x / length * 5), pixels(end_y / length * 5), pixels(end_x), pixels(end_y));
    }
    out += "<text" + element_class("name", named[i].css_class) + " x=\"" + pixels(label.dx) + "\" y=\"" + pixels(label.dy) +
           "\" text-anchor=\"" + std::string(label.anchor) + "\">" + html_text(texts[i]) + "</text></svg>";
  }
  return out;
}

std::string error_bars(const Plot& plot, const ScatterPoint& point) {
  std::string out;
  const std::string x = percent_text(plot.across(point.x)), y = pixels(plot.down(point.y));
  auto finite = [](const std::optional<double>& value) { return value && std::isfinite(*value); };
  if (finite(point.x_low) && finite(point.x_high))
    out += line("range", percent_text(plot.across(*point.x_low)), y, percent_text(plot.across(*point.x_high)), y);
  if (finite(point.y_low) && finite(point.y_high))
    out += line("range", x, pixels(plot.down(*point.y_low)), x, pixels(plot.down(*point.y_high)));
  return out;
}

}  // namespace

std::string scatter(std::span<const ScatterPoint> points, const ChartText& text, bool diagonal) {
  ScatterOptions options;
  options.diagonal = diagonal;
  return scatter(points, text, options);
}

std::string scatter(std::span<const ScatterPoint> points, const ChartText& text, const ScatterOptions& options) {
  std::vector<const ScatterPoint*> drawn;
  for (const ScatterPoint& point : points)
    if (drawable(options.x, point.x) && drawable(options.y, point.y)) drawn.push_back(&point);
  if (drawn.empty()) return "";
  ChartText told = text;
  const std::size_t all = drawn.size(), every = (all - 1) / std::max<std::size_t>(options.most, 1) + 1;
  if (every > 1) {
    std::vector<const ScatterPoint*> some;
    for (std::size_t i = 0; i < all; i += every) some.push_back(drawn[i]);
    drawn = std::move(some);
    told.description += (told.description.empty() ? "" : " ") + display_count(drawn.size()) + " of " + display_count(all) + " points are drawn.";
  }
  Range x, y;
  for (const ScatterPoint* point : drawn) {
    x.add(point->x);
    y.add(point->y);
    x.add(point->x_low, options.x);
    x.add(point->x_high, options.x);
    y.add(point->y_low, options.y);
    y.add(point->y_high, options.y);
  }
  Plot plot;
  std::string out = open_plot(plot, "scatter", told, options, x, y);
  if (options.diagonal)
    out += line("mark", percent_text(plot.across(plot.x.low)), pixels(plot.down(plot.x.low)), percent_text(plot.across(plot.x.high)),
                pixels(plot.down(plot.x.high)));
  if (options.line) out += straight_line(plot, *options.line);
  if (every > 1)
    out += text_at("label", percent_text(plot.area.right), "11", "end", display_count(drawn.size()) + " of " + display_count(all) + " points");
  for (const ScatterPoint* point : drawn) out += error_bars(plot, *point);
  std::vector<PointPlace> places;
  std::vector<Named> named;
  for (const ScatterPoint* point : drawn) {
    const PointPlace at{plot.across(point->x), plot.down(point->y)};
    places.push_back(at);
    out += "<circle" + element_class("point", point->css_class) + " cx=\"" + percent_text(at.percent) + "\" cy=\"" + pixels(at.y) +
           "\" r=\"4\"><title>" + html_text(point->label) + "</title></circle>";
    if (!point->name.empty() && named.size() < kNames) named.push_back({at, point->name, point->css_class});
  }
  return out + names_text(named, places, plot) + "</svg>";
}

std::string line_chart(std::span<const LineSeries> series, const ChartText& text, const ScatterOptions& options) {
  Range x, y;
  for (std::size_t s = 0; s < std::min(series.size(), kSeries); ++s)
    for (const auto& [at, value] : series[s].points) {
      if (!drawable(options.x, at) || !drawable(options.y, value)) continue;
      x.add(at);
      y.add(value);
    }
  if (x.low > x.high) return "";
  Plot plot;
  std::string out = open_plot(plot, "lines", text, options, x, y, true);
  plot.area.right = std::min(plot.area.right, 98.0);
  std::vector<Named> named;
  std::vector<PointPlace> places;
  for (std::size_t s = 0; s < std::min(series.size(), kSeries); ++s) {
    const std::string colour = "s" + std::to_string(s % 6 + 1);
    out += "<g" + element_class("series", colour) + "><title>" + html_text(series[s].name) + "</title>";
    std::optional<PointPlace> before;
    for (std::size_t i = 0; i < std::min(series[s].points.size(), kSeriesPoints); ++i) {
      const auto& [at, value] = series[s].points[i];
      if (!drawable(options.x, at) || !drawable(options.y, value)) {
        before.reset();
        continue;
      }
      const PointPlace here{plot.across(at), plot.down(value)};
      if (before) out += line("", percent_text(before->percent), pixels(before->y), percent_text(here.percent), pixels(here.y));
      if (series[s].points.size() <= 60)
        out += "<circle r=\"3\" cx=\"" + percent_text(here.percent) + "\" cy=\"" + pixels(here.y) + "\"><title>" + html_text(series[s].name) + ": " +
               display_number(at) + ", " + display_number(value) + "</title></circle>";
      before = here;
      if (i % 4 == 0 || i + 1 == series[s].points.size()) places.push_back(here);
    }
    out += "</g>";
    if (before && !series[s].name.empty()) named.push_back({*before, series[s].name, colour});
  }
  return out + names_text(named, places, plot) + "</svg>";
}

}  // namespace assay
