#include "run/chart.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "run/chart_frame.h"
#include "run/display.h"
#include "run/html.h"

namespace assay {

using namespace chart;

namespace {

constexpr double kMargin = 3;  // percent at either end of a strip

std::string grid(const Scale& scale, std::string_view height) {
  std::string out;
  for (double tick : scale.ticks) {
    std::string x = percent_text(scale.percent(tick));
    out += line(tick == 0 && scale.low < 0 ? "grid zero" : "grid", x, "0", x, std::string(height));
  }
  return out;
}

/// What a logarithmic axis measures along: equal steps of it are equal steps on the page.
double along(AxisKind kind, double value) {
  if (kind == AxisKind::linear) return value;
  if (kind == AxisKind::log) return std::log10(std::max(value, 1e-300));
  if (std::abs(value) <= 1) return value;
  return std::copysign(1 + std::log10(std::abs(value)), value);
}

/// The round number (1, 2 or 5 times a power of ten) at or below `value`, or at or above it.
double round_number(double value, bool up) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  double best = up ? 10 * power : power;
  for (double factor : {1.0, 2.0, 5.0}) {
    const double one = factor * power;
    if (up && one >= value * (1 - 1e-9)) return one;
    if (!up && one <= value * (1 + 1e-9)) best = one;
  }
  return best;
}

/// Ticks of a logarithmic stretch: powers of ten, with 2 and 5 where there is room, every second power or fewer where there is none.
void add_powers(double low, double high, double sign, std::vector<double>& ticks) {
  const double decades = std::log10(high) - std::log10(low);  // their ratio may be beyond any number
  const int from = static_cast<int>(std::floor(std::log10(low) + 1e-9)), to = static_cast<int>(std::ceil(std::log10(high) - 1e-9));
  const int every = std::max(1, static_cast<int>(std::ceil(decades / 7)));
  for (int power = from; power <= to; power += every)
    for (double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && (decades > 2.2 || every > 1)) break;
      const double tick = factor * std::pow(10.0, power);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push_back(sign * tick);
    }
}

}  // namespace

double Scale::share(double value) const {
  const double from = along(kind, low), to = along(kind, high);
  const double share = (along(kind, value) - from) / (to - from);
  return share >= 0 ? std::min(share, 1.0) : 0.0;  // what is no number stands at the low edge, too
}

double Scale::percent(double value) const {
  return kMargin + (100 - 2 * kMargin) * share(value);
}

Scale axis_scale(AxisKind kind, double low, double high) {
  if (kind == AxisKind::linear) return nice_scale(low, high);
  if (!std::isfinite(low) || !std::isfinite(high)) low = 1, high = 10;
  if (low > high) std::swap(low, high);
  Scale scale;
  scale.kind = kind;
  if (kind == AxisKind::log) {
    high = std::clamp(high, 1e-290, 1e290);
    low = low > 0 ? std::clamp(low, 1e-290, high) : high / 1000;
    scale.low = round_number(low, false);
    scale.high = round_number(high, true);
    if (scale.high <= scale.low * (1 + 1e-9)) {
      scale.low /= 10;
      scale.high *= 10;
    }
    add_powers(scale.low, scale.high, 1, scale.ticks);
    return scale;
  }
  scale.low = low >= 0 ? 0 : -round_number(std::clamp(-low, 1.0, 1e290), true);
  scale.high = high <= 0 ? 0 : round_number(std::clamp(high, 1.0, 1e290), true);
  if (scale.low == scale.high) scale.high = 1;
  if (scale.low < 0) {
    add_powers(1, -scale.low, -1, scale.ticks);
    std::reverse(scale.ticks.begin(), scale.ticks.end());
  }
  scale.ticks.push_back(0);
  if (scale.high > 0) add_powers(1, scale.high, 1, scale.ticks);
  return scale;
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

}  // namespace assay
