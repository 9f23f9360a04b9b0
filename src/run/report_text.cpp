#include "run/report_text.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "run/display.h"
#include "run/engine_note.h"

namespace assay {
namespace {

constexpr std::size_t kLabel = 12;  // columns of the left-hand labels

Ink status_ink(const Report& report) {
  if (report.status == "failed") return Ink::red;
  if (report.status != "complete") return Ink::yellow;
  return report.official() ? Ink::green : Ink::plain;
}

class Page {
 public:
  explicit Page(const TextStyle& style) : style_(style) {}

  void text(std::string_view line) { out_ += std::string(line) + "\n"; }
  /// "label       content", content wrapped at blanks under itself.
  void entry(std::string_view label, std::string_view content, Ink colour = Ink::plain) {
    std::size_t room = std::max<std::size_t>(style_.width, kLabel + 22) - kLabel - 2;
    std::string plain = plain_punctuation(content, style_);
    // A longer label stands whole, and its line begins later.
    const std::size_t label_width = std::min<std::size_t>(std::max(display_width(label), kLabel - 2), kLabel + 8);
    bool first = true;
    for (std::string_view rest = plain; first || !rest.empty(); first = false) {
      std::string_view part = take(rest, first ? room - (label_width - (kLabel - 2)) : room);
      out_ += "  " + ink(fit(first ? label : "", first ? label_width : kLabel - 2, false, style_), Ink::dim, style_) + "  " +
              ink(part, colour, style_) + "\n";
    }
  }
  std::string take_all() { return std::move(out_); }

 private:
  static std::string_view take(std::string_view& rest, std::size_t room) {
    std::size_t width = 0, end = 0, blank = 0;
    bool at_blank = false;  // what does not fit any more begins with a blank
    std::string_view look = rest;
    while (!look.empty()) {
      std::string_view before = look;
      char32_t c = next_code_point(look);
      std::size_t wide = display_width(before.substr(0, before.size() - look.size()));
      if (width + wide > room) {
        at_blank = c == ' ';
        break;
      }
      width += wide;
      if (c == ' ') blank = end;
      end = rest.size() - look.size();
    }
    if (end == 0) end = rest.size() - look.size();
    std::size_t cut = end == rest.size() || blank == 0 || at_blank ? end : blank;
    if (cut == 0) cut = rest.size();
    std::string_view part = rest.substr(0, cut);
    rest.remove_prefix(cut);
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    return part;
  }

  const TextStyle& style_;
  std::string out_;
};

std::string outcomes(const Counts& counts) {
  std::string out;
  auto add = [&](std::size_t count, std::string_view what) {
    if (count == 0) return;
    if (!out.empty()) out += " \u00B7 ";
    out += display_count(count) + " " + std::string(what);
  };
  add(counts.scored, "scored");
  add(counts.truncated, "truncated");
  add(counts.unparseable, "unparseable");
  add(counts.failed, "failed");
  add(counts.missing, "missing");
  if (out.empty()) return "no samples";
  if (counts.scored_cut) out += " (" + display_count(counts.scored_cut) + " of the scored were cut by the token limit)";
  return out;
}

/// Both denominators: of everything asked for, and of what was answered at all.
std::string denominators(const Counts& counts) {
  std::size_t asked = counts.total(), answered = asked - counts.failed - counts.missing;
  std::string out = display_count(counts.scored) + " of " + display_count(asked) + " samples scored (" +
                    display_share(counts.scored, asked) + ")";
  if (answered != asked) out += " \u00B7 of " + display_count(answered) + " answered: " + display_share(counts.scored, answered);
  return out;
}

std::size_t count_parts(const std::vector<Part>& parts) {
  std::size_t out = parts.size();
  for (const Part& part : parts) out += count_parts(part.parts);
  return out;
}

/// `left`: how many rows there may still be.
void part_rows(const std::vector<Part>& parts, std::size_t depth, const std::vector<std::string>& names, std::size_t& left, TextTable& table) {
  for (const Part& part : parts) {
    if (left == 0) return;
    --left;
    std::vector<TextCell> cells{{std::string(2 * depth, ' ') + visible_line(part.name), Ink::plain}};
    for (const std::string& name : names) {
      const Metric* metric = part.metric(name);
      cells.push_back({metric ? display_value(*metric) : "", Ink::plain});
    }
    cells.push_back({display_count(part.counts.scored) + "/" + display_count(part.counts.total()), Ink::dim});
    table.row(std::move(cells));
    part_rows(part.parts, depth + 1, names, left, table);
  }
}

void collect_names(const std::vector<Part>& parts, std::vector<std::string>& names) {
  for (const Part& part : parts) {
    for (const Metric& metric : part.metrics)
      if (names.size() < 4 && std::find(names.begin(), names.end(), metric.name) == names.end()) names.push_back(metric.name);
    collect_names(part.parts, names);
  }
}

std::string indent(std::string_view text) {
  std::string out;
  for (std::string_view line : split_lines(text)) out += (line.empty() ? "" : "  ") + std::string(line) + "\n";
  return out;
}

void metrics_table(const Report& report, const TextStyle& style, Page& page) {
  TextTable table({{"metric", false, true, 12}, {"value", true}, {"std. error", true}, {"95 % interval", true}, {"n", true}});
  bool first = true;
  for (const Metric& metric : report.total.metrics) {
    table.row({{visible_line(metric.name), first ? Ink::bold : Ink::plain},
               {display_value(metric), first ? Ink::bold : Ink::plain},
               {metric.stderr_ ? display_error(metric).substr(std::string_view("\u00B1 ").size()) : "", Ink::plain},
               {display_interval(metric), Ink::plain},
               {metric.n ? display_count(*metric.n) : "", Ink::dim}});
    first = false;
  }
  std::string text = indent(table.render(style));
  if (!text.empty()) text.pop_back();
  page.text(text);
  for (const Metric& metric : report.total.metrics)
    if (!metric.value && !metric.why_null.empty())
      page.entry("", visible_line(metric.name) + ": none, because " + visible_line(metric.why_null), Ink::dim);
}

}  // namespace

std::string report_text(const Report& report, const TextStyle& style, const std::vector<std::string>& next) {
  Page page(style);
  std::string title = visible_line(report.benchmark) + "  " + visible_line(model_label(report));
  page.text(ink(fit(title, std::min(display_width(title), style.width), false, style), Ink::bold, style));
  page.text(ink(text_rule(std::min<std::size_t>(style.width, 78), style), Ink::dim, style));
  page.entry("result", verdict(report), status_ink(report));
  for (const auto& [role, label] : report.roles)
    if (role != "model") page.entry(visible_line(role), visible_line(label));
  if (!report.run.empty())
    page.entry("run", visible_line(report.run) + (report.created.empty() ? "" : " \u00B7 " + visible_line(report.created)));
  page.text("");

  if (report.total.metrics.empty()) {
    page.entry("metrics", "none");
  } else {
    TextStyle inner = style;
    inner.width = style.width > 2 ? style.width - 2 : 1;
    metrics_table(report, inner, page);
  }

  if (!report.total.parts.empty()) {
    page.text("");
    std::vector<std::string> names;
    collect_names(report.total.parts, names);
    std::vector<TextColumn> columns{{"part", false, true, 12}};
    for (const std::string& name : names) columns.push_back({visible_line(name), true});
    columns.push_back({"scored", true});
    TextTable table(std::move(columns));
    // A thousand iterations are for report.json and report.html; a screenful is enough here.
    constexpr std::size_t kMostParts = 20, kMostRows = 60;
    std::size_t shown = std::min(report.total.parts.size(), kMostParts), left = kMostRows;
    part_rows({report.total.parts.begin(), report.total.parts.begin() + static_cast<std::ptrdiff_t>(shown)}, 0, names, left, table);
    TextStyle inner = style;
    inner.width = style.width > 2 ? style.width - 2 : 1;
    std::string text = indent(table.render(inner));
    text.pop_back();
    if (std::size_t rest = count_parts(report.total.parts) - (kMostRows - left); rest > 0)
      text += "\n  and " + display_count(rest) + " more parts: report.json and report.html have them all";
    page.text(text);
  }

  page.text("");
  const Counts& counts = report.total.counts;
  page.entry("samples", denominators(counts));
  page.entry("outcomes", outcomes(counts));
  if (counts.total() > 0) {
    std::size_t room = std::min<std::size_t>(40, style.width > kLabel + 4 ? style.width - kLabel - 4 : 8);
    std::string bar = share_bar({{counts.scored, Ink::green},
                                 {counts.truncated, Ink::yellow},
                                 {counts.unparseable, Ink::yellow},
                                 {counts.failed, Ink::red},
                                 {counts.missing, Ink::dim}},
                                room, style);
    if (!bar.empty()) page.text(std::string(kLabel + 2, ' ') + bar);
  }
  page.entry("usage", display_usage(report.usage));
  if (std::string engine = engine_note(report.manifest); !engine.empty()) page.entry("engine", engine);
  // Where a report was made from somebody's file, how: the original's file formats put it there.
  if (const json::value* source = report.manifest.if_contains("source"))
    if (auto text = get_string(*source, "text")) page.entry("source", visible_line(*text));
  bool first = true;
  for (const std::string& deviation : report.deviates) {
    page.entry(first ? "deviates" : "", visible_line(deviation), Ink::yellow);
    first = false;
  }
  first = true;
  for (const std::string& command : next) {
    if (first) page.text("");
    // Commands are copied by people: never wrapped.
    page.text("  " + ink(fit(first ? "next" : "", kLabel - 2, false, style), Ink::dim, style) + "  " +
              ink(command, Ink::cyan, style));
    first = false;
  }
  return page.take_all();
}

std::string report_line(const Report& report, const TextStyle& style) {
  std::string out = visible_line(report.benchmark) + "  " + visible_line(model_label(report)) + "  ";
  if (const Metric* metric = headline(report)) {
    out += visible_line(metric->name) + " " + ink(display_value(*metric), Ink::bold, style);
    if (std::string interval = display_interval(*metric); !interval.empty()) out += " (" + interval + ")";
    out += "  ";
  }
  const Counts& counts = report.total.counts;
  out += display_count(counts.scored) + " of " + display_count(counts.total()) + " scored  ";
  out += ink(report.status, status_ink(report), style);
  return out;
}

}  // namespace assay
