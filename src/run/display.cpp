#include "run/display.h"

#include <cmath>
#include <cstdio>

#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

bool whole(double value) {
  return std::isfinite(value) && value == std::floor(value) && std::abs(value) < 1e15;
}

int decimals_for(double value) {
  double size = std::abs(value);
  return size <= 1 ? 4 : size < 1e5 ? 2 : 0;
}

/// A count or the like: whole, also before it was rounded, and without error.
bool count_like(const Metric& metric) {
  return metric.value && whole(*metric.value) && !metric.stderr_ && !metric.ci_low && (!metric.raw || whole(*metric.raw));
}

int decimals_for(const Metric& metric) {
  // An interval of a small score can reach beyond 1 and one of a percentage below 1: the value decides for all of them, unless
  // the value happens to be small and the error is not.
  double size = std::max(std::abs(metric.value.value_or(0)), metric.ci_high ? std::abs(*metric.ci_high) : 0.0);
  return metric.raw ? 2 : decimals_for(size <= 1.2 ? std::min(size, 1.0) : size);
}

std::string code_point_name(char32_t c) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "U+%04X", static_cast<unsigned>(c));
  return "\u27E8" + std::string(buffer) + "\u27E9";
}

bool hides_or_reorders(char32_t c) {
  return c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F && c != 0x200C && c != 0x200D) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

}  // namespace

std::string display_number(std::optional<double> value) {
  if (!value) return "-";
  if (!std::isfinite(*value)) return std::isnan(*value) ? "nan" : *value < 0 ? "-inf" : "inf";
  if (whole(*value)) return (*value < 0 ? "-" : "") + display_count(static_cast<std::uint64_t>(std::abs(*value)));
  double size = std::abs(*value);
  if (size >= 1e15 || size < 1e-4) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3g", *value);
    return buffer;
  }
  return fixed(*value, decimals_for(*value));
}

std::string display_value(const Metric& metric) {
  if (!metric.value) return "-";
  if (count_like(metric)) return display_number(metric.value);
  if (!std::isfinite(*metric.value)) return display_number(metric.value);
  return fixed(*metric.value, decimals_for(metric));
}

std::string display_interval(const Metric& metric) {
  if (!metric.ci_low || !metric.ci_high) return "";
  int decimals = decimals_for(metric);
  return fixed(*metric.ci_low, decimals) + " to " + fixed(*metric.ci_high, decimals);
}

std::string display_error(const Metric& metric, bool ascii) {
  if (!metric.stderr_) return "";
  return (ascii ? "+/- " : "\u00B1 ") + fixed(*metric.stderr_, decimals_for(metric));
}

std::string display_count(std::uint64_t count) {
  std::string digits = std::to_string(count), out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string display_share(std::uint64_t part, std::uint64_t total) {
  if (total == 0) return "-";
  if (part == total) return "100 %";
  double percent = 100.0 * static_cast<double>(part) / static_cast<double>(total);
  // 999 of 1000 must not read as all of them, nor 1 of 100000 as none.
  if (percent > 99.9) return ">99.9 %";
  if (part > 0 && percent < 0.1) return "<0.1 %";
  return fixed(percent, 1) + " %";
}

std::string display_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "-";
  if (seconds > 0 && seconds < 0.05) return "<0.1 s";
  if (seconds < 10) return fixed(seconds, 1) + " s";
  auto whole_seconds = static_cast<std::uint64_t>(std::llround(std::min(seconds, 1e15)));
  if (whole_seconds < 60) return std::to_string(whole_seconds) + " s";
  if (whole_seconds < 3600) return std::to_string(whole_seconds / 60) + " min " + std::to_string(whole_seconds % 60) + " s";
  return display_count(whole_seconds / 3600) + " h " + std::to_string(whole_seconds % 3600 / 60) + " min";
}

std::string display_money(std::optional<double> usd) {
  if (!usd || !std::isfinite(*usd)) return "unknown";
  return "$" + fixed(*usd, *usd != 0 && std::abs(*usd) < 1 ? 4 : 2);
}

std::string display_usage(const UsageTotals& usage) {
  std::string out = display_count(usage.requests) + (usage.requests == 1 ? " request" : " requests");
  std::vector<std::string> notes;
  if (usage.from_journal > 0) notes.push_back(display_count(usage.from_journal) + " from the journal");
  std::uint64_t sent = usage.requests - std::min(usage.requests, usage.from_journal);
  if (usage.tries > sent)
    notes.push_back(display_count(usage.tries - sent) + (usage.tries - sent == 1 ? " repeated try" : " repeated tries"));
  if (!notes.empty()) out += " (" + join(notes, ", ") + ")";
  if (usage.input_tokens || usage.output_tokens)
    out += ", " + display_count(usage.input_tokens) + " tokens in, " + display_count(usage.output_tokens) + " out";
  if (usage.reasoning_tokens) out += " (" + display_count(usage.reasoning_tokens) + " of them reasoning)";
  if (usage.usd) out += ", " + display_money(usage.usd);
  if (usage.seconds > 0) out += ", " + display_duration(usage.seconds);
  return out;
}

std::string visible_text(std::string_view text) {
  std::string clean;
  if (!is_valid_utf8(text)) {
    clean = valid_utf8(text);
    text = clean;
  }
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::string_view before = text;
    char32_t c = next_code_point(text);
    if (c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7F)) {
      out += static_cast<char>(c);
    } else if (c < 0x20) {
      append_utf8(out, 0x2400 + c);
    } else if (c == 0x7F) {
      append_utf8(out, 0x2421);
    } else if (c < 0xA0 || hides_or_reorders(c)) {
      out += code_point_name(c);
    } else if ((c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF)) {
      append_utf8(out, 0xFFFD);  // noncharacters: HTML forbids them
    } else {
      out.append(before.substr(0, before.size() - text.size()));
    }
  }
  return out;
}

std::string visible_line(std::string_view text) {
  std::string out = replace_all(visible_text(text), "\n", "\u23CE");
  for (char& c : out)
    if (c == '\t') c = ' ';
  return out;
}

std::string model_label(const Report& report) {
  auto model = report.roles.find("model");
  return model == report.roles.end() || model->second.empty() ? "-" : model->second;
}

bool lower_is_better(std::span<const Metric* const> metrics) {
  const Metric* first = nullptr;
  for (const Metric* metric : metrics) {
    if (!metric) continue;
    if (metric->lower_is_better) return *metric->lower_is_better;
    if (!first) first = metric;
  }
  if (!first) return false;
  const std::string_view bare = std::string_view(first->name).substr(0, first->name.find(','));
  for (std::string_view name : {"word_perplexity", "byte_perplexity", "bits_per_byte", "perplexity", "brier_score", "ter"})
    if (bare == name) return true;
  return false;
}

std::string_view direction_note(bool lower_is_better) {
  return lower_is_better ? " (lower is better)" : "";
}

const Metric* headline(const Report& report) {
  return report.total.metrics.empty() ? nullptr : &report.total.metrics.front();
}

std::string verdict(const Report& report) {
  std::string reason = report.reason.empty() ? "" : ": " + visible_line(report.reason);
  if (report.status == "failed") return "Failed" + reason + ".";
  if (report.status != "complete") return "Incomplete" + reason + ". The numbers are those of the samples that there are.";
  if (report.official()) return "Official: complete, official data, nothing deviates.";
  std::vector<std::string> against;
  if (report.edition != "official")
    against.push_back(report.edition.empty() ? "data of an unnamed edition"
                                             : "data of the edition \u201C" + visible_line(report.edition) + "\u201D");
  if (!report.deviates.empty())
    against.push_back(report.deviates.size() == 1
                          ? "one departure from the official settings"
                          : std::to_string(report.deviates.size()) + " departures from the official settings");
  return "Complete, but not official: " + join(against, " and ") + ".";
}

}  // namespace assay
