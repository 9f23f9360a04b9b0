// Bars below each other, and matrices as coloured cells.
#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "run/chart.h"
#include "run/chart_frame.h"
#include "run/display.h"
#include "run/html.h"

namespace assay {

using namespace chart;

namespace {

constexpr std::size_t kBars = 100, kSide = 64, kBarName = 26, kBriefName = 17, kCellName = 24;
constexpr double kCharacter = 6.7;  // pixels of 11-pixel text, rather more than less

/// As display_number() writes it, with the decimals that some of the values need.
std::string bar_value(double value, std::size_t decimals) {
  return decimals == 0 || std::abs(value) >= 1e6 ? display_number(value) : fixed(value, static_cast<int>(decimals));
}

/// A cell's number: a fraction's zero before the point is left out, where there are many columns.
std::string cell_text(double value, int decimals, bool many) {
  std::string out = fixed(value, decimals);
  if (many && std::abs(value) < 1 && out.size() > 2) {
    if (out.starts_with("0.")) out.erase(0, 1);
    else if (out.starts_with("-0.")) out.erase(1, 1);
  }
  return out;
}

}  // namespace

std::string bar_chart(std::span<const Bar> bars, const ChartText& text, const std::optional<ChartMark>& mark) {
  std::vector<const Bar*> drawn;
  double low = 0, high = 0;
  for (const Bar& bar : bars) {
    if (!std::isfinite(bar.value) || drawn.size() == kBars) continue;
    drawn.push_back(&bar);
    for (std::optional<double> value : {std::optional(bar.value), bar.low, bar.high}) {
      if (!value || !std::isfinite(*value)) continue;
      low = std::min(low, *value);
      high = std::max(high, *value);
    }
  }
  if (drawn.empty()) return "";
  if (mark && std::isfinite(mark->at)) {
    low = std::min(low, mark->at);
    high = std::max(high, mark->at);
  }
  const Scale x = nice_scale(low, high);
  constexpr double kRow = 21;
  Area area;
  area.left = 35;
  area.right = 90;
  area.top = text.y_label.empty() && !(mark && !mark->label.empty()) ? 6 : 22;
  area.bottom = area.top + kRow * static_cast<double>(drawn.size());
  std::string out = open_chart("bars", text, static_cast<int>(area.bottom) + (text.x_label.empty() ? 22 : 36));
  for (double tick : x.ticks) {
    const std::string at = percent_text(area.across(x, tick));
    out += line(tick == 0 ? "axis" : "grid", at, pixels(area.top), at, pixels(area.bottom));
    out += text_at("tick", at, pixels(area.bottom + 15), "middle", tick_label(x, tick));
  }
  if (!text.x_label.empty()) out += text_at("label", percent_text(area.right), pixels(area.bottom + 31), "end", text.x_label);
  if (!text.y_label.empty()) out += text_at("label", "0", "11", "start", text.y_label);
  const double zero = area.across(x, 0);
  std::size_t decimals = 0;
  std::vector<std::string> names;
  for (const Bar* bar : drawn) {
    names.push_back(visible_line(bar->name));
    const std::string shown = display_number(bar->value);
    if (std::size_t dot = shown.find('.'); dot != std::string::npos) decimals = std::min<std::size_t>(std::max(decimals, shown.size() - dot - 1), 3);
  }
  const std::vector<std::string> full_names = short_names(names, kBarName), brief_names = short_names(names, kBriefName);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const Bar& bar = *drawn[i];
    const double top = area.top + kRow * static_cast<double>(i), at = area.across(x, bar.value), middle = top + kRow / 2;
    const std::string &full = full_names[i], &brief = brief_names[i];
    out += text_at(full == brief ? "row" : "row full", percent_text(area.left - 1.2), pixels(middle + 4), "end", full);
    if (full != brief) out += text_at("row brief", percent_text(area.left - 1.2), pixels(middle + 4), "end", brief);
    out += "<rect" + element_class("bar", bar.css_class) + " x=\"" + percent_text(std::min(zero, at)) + "\" y=\"" + pixels(top + 4) + "\" width=\"" +
           percent_text(std::abs(at - zero)) + "\" height=\"" + pixels(kRow - 8) + "\"><title>" + html_text(bar.label.empty() ? bar.name : bar.label) +
           "</title></rect>";
    if (bar.low && bar.high && std::isfinite(*bar.low) && std::isfinite(*bar.high))
      out += line("range", percent_text(area.across(x, *bar.low)), pixels(middle), percent_text(area.across(x, *bar.high)), pixels(middle));
    out += text_at("tick", "99.5%", pixels(middle + 4), "end", bar_value(bar.value, decimals));
  }
  if (mark && std::isfinite(mark->at)) {
    const double at = area.across(x, mark->at);
    out += line("mark", percent_text(at), pixels(area.top), percent_text(at), pixels(area.bottom));
    if (!mark->label.empty()) out += text_at("label", percent_text(at), pixels(area.top - 6), at > 70 ? "end" : "middle", mark->label);
  }
  return out + "</svg>";
}

std::string heat_map(const HeatMap& map, const ChartText& text) {
  const std::size_t rows = std::min(map.rows.size(), kSide), columns = std::min(map.columns.size(), kSide);
  if (rows == 0 || columns == 0 || map.cells.size() != map.rows.size() * map.columns.size()) return "";
  ChartText told = text;
  if (rows < map.rows.size() || columns < map.columns.size())
    told.description += (told.description.empty() ? "" : " ") + std::string("Rows and columns after the first ") + std::to_string(kSide) + " are left out.";
  constexpr double kCell = 24;
  std::size_t longest = 0;
  for (std::size_t c = 0; c < columns; ++c) longest = std::max(longest, std::min(display_width(map.columns[c]), kCellName));
  // Column names lean: at 45 degrees they reach up by their length over the root of two.
  const double top = 14 + 6.2 * 0.71 * static_cast<double>(longest) + 10;
  // The page gives it 34 or 62 rem at least: room for the longest name of a row there, and for the leaning names that reach beyond the last column.
  std::size_t longest_row = 0;
  for (std::size_t r = 0; r < rows; ++r) longest_row = std::max(longest_row, std::min(display_width(map.rows[r]), kCellName));
  const bool broad = columns > 12;
  const double pixel = 100.0 / (broad ? 930 : 510), left = (kCharacter * static_cast<double>(longest_row) + 12) * pixel;
  double right = broad ? 98 : 96;
  for (std::size_t c = 0; c < columns; ++c) {
    // Its foot stands at left + share * (right - left), its end `reach` further.
    const double reach = (kCharacter * 0.71 * static_cast<double>(std::min(display_width(map.columns[c]), kCellName)) + 6) * pixel;
    const double share = (static_cast<double>(c) + 0.5) / static_cast<double>(columns);
    right = std::min(right, left + (100 - reach - left) / share);
  }
  right = std::max(right, left + 20);
  const double width = (right - left) / static_cast<double>(columns);
  std::vector<std::string> row_names, column_names;
  for (std::size_t r = 0; r < rows; ++r) row_names.push_back(visible_line(map.rows[r]));
  for (std::size_t c = 0; c < columns; ++c) column_names.push_back(visible_line(map.columns[c]));
  row_names = short_names(row_names, kCellName);
  column_names = short_names(column_names, kCellName);
  const bool numbers = columns <= 32;
  std::string out = open_chart(broad ? "heatmap broad" : "heatmap", told, static_cast<int>(top + kCell * static_cast<double>(rows)) + 6);
  for (std::size_t c = 0; c < columns; ++c)
    out += "<svg x=\"" + percent_text(left + width * (static_cast<double>(c) + 0.5)) + "\" y=\"" + pixels(top - 6) +
           "\" overflow=\"visible\"><text class=\"row\" transform=\"rotate(-45)\">" + html_text(column_names[c]) +
           "<title>" + html_text(map.columns[c]) + "</title></text></svg>";
  for (std::size_t r = 0; r < rows; ++r) {
    const double y = top + kCell * static_cast<double>(r);
    out += text_at("row", percent_text(left - 0.8), pixels(y + kCell / 2 + 4), "end", row_names[r]);
    for (std::size_t c = 0; c < (map.below_diagonal ? std::min(columns, r + 1) : columns); ++c) {
      const std::size_t at = r * map.columns.size() + c;
      const std::optional<double>& value = map.cells[at];
      const bool known = value && std::isfinite(*value);
      const std::string x = percent_text(left + width * static_cast<double>(c));
      // The page's colours, in strength by value: a share of the way from the palest (or zero) to the end of the range.
      double strength = 0;
      bool below = false;
      if (known && map.low < 0 && map.high > 0) {
        below = *value < 0;
        strength = std::clamp(below ? *value / map.low : *value / map.high, 0.0, 1.0);
      } else if (known && map.high > map.low) {
        strength = std::clamp((*value - map.low) / (map.high - map.low), 0.0, 1.0);
      }
      const std::string shape = known ? below ? "heat below" : "heat" : "heat blank";
      out += "<rect" + element_class(shape, "") + " x=\"" + x + "\" y=\"" + pixels(y) + "\" width=\"" + percent_text(width) + "\" height=\"" + pixels(kCell) + "\"";
      if (known) out += " fill-opacity=\"" + fixed(0.04 + 0.96 * strength, 3) + "\"";
      std::string label = at < map.labels.size() ? map.labels[at] : "";
      if (label.empty()) label = map.rows[r] + ", " + map.columns[c] + ": " + (known ? display_number(value) : "not known");
      out += "><title>" + html_text(label) + "</title></rect>";
      if (!known) out += text_at("tick", percent_text(left + width * (static_cast<double>(c) + 0.5)), pixels(y + kCell / 2 + 4), "middle", "\u2013");
      if (known && numbers)
        out += text_at(strength > 0.5 ? "cell on" : "cell", percent_text(left + width * (static_cast<double>(c) + 0.5)), pixels(y + kCell / 2 + 4), "middle",
                       cell_text(*value, map.decimals, broad));
    }
  }
  return out + "</svg>";
}

}  // namespace assay
