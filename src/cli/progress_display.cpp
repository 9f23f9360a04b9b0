#include "cli/progress_display.h"

#include <cmath>

#include "base/number.h"
#include "base/text.h"

namespace assay::cli {

std::string duration_text(double seconds) {
  const long long whole = std::llround(std::max(0.0, seconds));
  std::string two = std::to_string(whole % 60);
  if (two.size() < 2) two = "0" + two;
  if (whole < 3600) return std::to_string(whole / 60) + ":" + two;
  std::string minutes = std::to_string(whole / 60 % 60);
  if (minutes.size() < 2) minutes = "0" + minutes;
  return std::to_string(whole / 3600) + ":" + minutes + ":" + two;
}

std::string short_number(double value) {
  if (value < 1000) return fixed(value, 0);
  if (value < 1e6) return fixed(value / 1e3, 1) + "k";
  return fixed(value / 1e6, 1) + "M";
}

namespace {

std::string line(const Progress& p, bool bar, bool utf8) {
  std::string out = p.benchmark + "  " + shorten(p.model, 32) + "  ";
  double part = p.total ? static_cast<double>(p.done) / static_cast<double>(p.total) : 1.0;
  if (bar) {
    constexpr int cells = 16;
    int full = static_cast<int>(part * cells);
    for (int i = 0; i < cells; ++i) out += i < full ? (utf8 ? "█" : "#") : (utf8 ? "░" : ".");
    out += "  ";
  }
  out += std::to_string(p.done) + "/" + std::to_string(p.total) + " " + fixed(100 * part, 0) + "%";
  const std::size_t asked = p.done - p.earlier;
  double rate = p.seconds > 0 ? static_cast<double>(asked) / p.seconds : 0;
  if (asked > 0) out += "  " + (rate >= 10 ? fixed(rate, 0) : fixed(rate, 1)) + "/s";
  if (!p.finished && asked > 0 && p.done < p.total) out += "  ETA " + duration_text(static_cast<double>(p.total - p.done) / rate);
  if (p.finished) out += "  in " + duration_text(p.seconds);
  if (p.in_flight > 0) out += "  " + std::to_string(p.in_flight) + " in flight";
  std::size_t bad = p.counts.failed + p.counts.missing;
  if (bad > 0) out += "  " + std::to_string(bad) + " failed";
  std::size_t unread = p.counts.unparseable + p.counts.truncated;
  if (unread > 0) out += "  " + std::to_string(unread) + " unparseable";
  if (p.usage.from_journal > 0) out += "  " + std::to_string(p.usage.from_journal) + " from journal";
  if (p.usage.input_tokens + p.usage.output_tokens > 0)
    out += "  " + short_number(static_cast<double>(p.usage.input_tokens + p.usage.output_tokens)) + " tokens";
  if (p.shared_tokens > 0) out += ", " + short_number(p.shared_tokens) + " shared";
  if (p.usage.usd && *p.usage.usd > 0) out += "  $" + fixed(*p.usage.usd, 4);
  if (!p.note.empty()) out += "  " + p.note;
  return out;
}

}  // namespace

std::function<void(const Progress&)> progress_display(const Invocation& invocation) {
  if (invocation.quiet()) return {};
  bool in_place = invocation.terminal.err;
  auto width = static_cast<std::size_t>(std::max(20, invocation.terminal.width - 1));
  bool utf8 = invocation.terminal.utf8;
  auto last = std::make_shared<double>(-1e9);
  const Invocation* out = &invocation;
  return [=](const Progress& p) {
    if (in_place) {
      out->err("\r\x1b[K" + shorten(line(p, true, utf8), width) + (p.finished ? "\n" : ""));
      return;
    }
    if (!p.finished && p.seconds - *last < 10) return;
    if (p.seconds < *last) *last = -1e9;
    *last = p.finished ? -1e9 : p.seconds;
    if (p.finished || p.seconds >= 1) out->err(line(p, false, utf8) + "\n");
  };
}

}  // namespace assay::cli
