#include "run/report_html.h"

#include <algorithm>
#include <cmath>

#include "base/atomic_file.h"
#include "run/display.h"
#include "run/html_page.h"
#include "run/run_html.h"

namespace assay {
namespace {

/// A row of the board: what orders the runs and what is drawn of them.
struct Line {
  std::size_t index = 0;  // of the run in the file
  const Report* report = nullptr;
  const Metric* metric = nullptr;
};

bool lower_is_better(const std::vector<Line>& lines) {
  std::vector<const Metric*> metrics;
  metrics.reserve(lines.size());
  for (const Line& line : lines) metrics.push_back(line.metric);
  return lower_is_better(metrics);
}

bool has_number(const Line& line) {
  return line.metric && line.metric->value && std::isfinite(*line.metric->value);
}

/// Benchmarks in order of appearance, their runs best first; those without a number last.
std::vector<std::vector<Line>> boards(std::span<const HtmlRun> runs) {
  std::vector<std::vector<Line>> out;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Line line{i, runs[i].report, headline(*runs[i].report)};
    auto board = std::find_if(out.begin(), out.end(),
                              [&](const auto& lines) { return lines[0].report->benchmark == line.report->benchmark; });
    if (board == out.end()) board = out.emplace(out.end());
    board->push_back(line);
  }
  for (auto& lines : out)
    std::stable_sort(lines.begin(), lines.end(), [lower = lower_is_better(lines)](const Line& a, const Line& b) {
      bool has_a = has_number(a), has_b = has_number(b);
      if (has_a != has_b) return has_a;
      if (!has_a || *a.metric->value == *b.metric->value) return false;
      return (*a.metric->value > *b.metric->value) != lower;
    });
  return out;
}

Scale scale_of(const std::vector<Line>& lines) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const Line& line : lines) {
    if (!line.metric) continue;
    for (const auto& value : {line.metric->value, line.metric->ci_low, line.metric->ci_high}) {
      if (!value || !std::isfinite(*value)) continue;
      low = std::min(low, *value);
      high = std::max(high, *value);
    }
  }
  return low > high ? nice_scale(0, 1) : nice_scale(low, high, 6);
}

/// What the intervals of the first two say. Only complete runs of one edition are comparable.
std::string lead(const std::vector<Line>& lines) {
  std::vector<const Line*> able;
  for (const Line& line : lines)
    if (has_number(line) && line.report->status == "complete") able.push_back(&line);
  if (able.size() < 2) return "";
  const Line &first = *able[0], &second = *able[1];
  if (first.report->edition != second.report->edition || first.report->official() != second.report->official() ||
      first.metric->name != second.metric->name)
    return "";
  std::string a = "<bdi>" + html_line(model_label(*first.report), 60) + "</bdi>",
              b = "<bdi>" + html_line(model_label(*second.report), 60) + "</bdi>";
  Metric difference = *first.metric;  // keeps the decimals of the numbers it stands beside
  difference.value = std::abs(*first.metric->value - *second.metric->value);
  if (*difference.value == 0) return a + " and " + b + " are level.";
  if (!first.metric->ci_low || !first.metric->ci_high || !second.metric->ci_low || !second.metric->ci_high)
    return a + " is ahead of " + b + "; without intervals nobody can say how surely.";
  std::string by = a + " is ahead of " + b + " by " + display_value(difference);
  bool apart = *first.metric->ci_low > *second.metric->ci_high || *first.metric->ci_high < *second.metric->ci_low;
  return apart ? by + ", and their 95 % intervals do not overlap."
               : by + "; their 95 % intervals overlap, so the order is not settled.";
}

std::string board_html(const std::vector<Line>& lines) {
  Scale scale = scale_of(lines);
  std::string metric = "score";
  for (const Line& line : lines)
    if (line.metric) {
      metric = line.metric->name;
      break;
    }
  std::string out =
      "<table class=\"board\"><thead><tr><th scope=\"col\">Model</th><th scope=\"col\" class=\"plot\">" + html_line(metric, 60) +
      " with 95 % interval" + std::string(direction_note(lower_is_better(lines))) + "</th><th scope=\"col\" class=\"number\">" + html_line(metric, 60) +
      "</th><th scope=\"col\" class=\"number\">Interval</th><th scope=\"col\" class=\"number\">Scored</th></tr></thead><tbody>";
  for (const Line& line : lines) {
    const Report& report = *line.report;
    const Metric* m = line.metric;
    std::string label = visible_line(model_label(report));
    std::string spoken = label + ": " + (m ? display_value(*m) : "no number");
    if (m && !display_interval(*m).empty()) spoken += ", 95 % " + display_interval(*m);
    out += "<tr><th scope=\"row\"><a href=\"#run-" + std::to_string(line.index + 1) + "\"><bdi>" + html_line(label, 80) +
           "</bdi></a>" + standing_tags(report) + "</th><td class=\"plot\">" +
           interval_strip(scale, m ? m->value : std::nullopt, m ? m->ci_low : std::nullopt, m ? m->ci_high : std::nullopt, spoken,
                          report.status == "complete" ? "" : "weak") +
           "</td><td class=\"number value\">" + (m ? display_value(*m) : "-") + "</td><td class=\"number soft\">" +
           (m ? display_interval(*m) : "") + "</td><td class=\"number soft\">" + display_count(report.total.counts.scored) +
           " of " + display_count(report.total.counts.total()) + "</td></tr>";
  }
  out +=
      "</tbody><tfoot><tr><td></td><td class=\"plot\">" + axis_strip(scale) + "</td><td colspan=\"3\"></td></tr></tfoot></table>";
  return out;
}

std::string hero_one(const Report& report) {
  const Metric* metric = headline(report);
  std::string out = "<section class=\"hero\"><div><p class=\"eyebrow\">" + html_line(report.benchmark, 80) + "</p><h1><bdi>" +
                    html_line(model_label(report), 120) + "</bdi></h1><p class=\"verdict " + html_name(report.status) + "\">" +
                    html_text(verdict(report)) + "</p></div>";
  if (metric) {
    out += "<div class=\"big\"><p class=\"figure\">" + display_value(*metric) + "</p><p class=\"caption\">" +
           html_line(metric->name, 60);
    if (std::string interval = display_interval(*metric); !interval.empty()) out += " \u00B7 95 % interval " + interval;
    out += "</p>";
    if (!metric->value && !metric->why_null.empty()) out += "<p class=\"caption\">" + html_text(metric->why_null) + "</p>";
    if (metric->value && metric->ci_low && metric->ci_high) {
      Scale scale = nice_scale(std::min(*metric->ci_low, *metric->value), std::max(*metric->ci_high, *metric->value), 4);
      out += interval_strip(scale, metric->value, metric->ci_low, metric->ci_high,
                            metric->name + " " + display_value(*metric) + ", 95 % " + display_interval(*metric)) +
             axis_strip(scale);
    }
    out += "</div>";
  }
  return out + "</section>";
}

std::string hero_many(const std::vector<std::vector<Line>>& all, std::size_t runs) {
  std::string out;
  for (const auto& lines : all) {
    out += "<section class=\"hero many\"><p class=\"eyebrow\">" + std::to_string(lines.size()) +
           (lines.size() == 1 ? " run" : " runs") + (all.size() > 1 ? " of " + std::to_string(runs) : "") + "</p>" +
           (&lines == &all.front() ? "<h1>" : "<h2 class=\"title\">") + html_line(lines[0].report->benchmark, 80) +
           (&lines == &all.front() ? "</h1>" : "</h2>");
    if (std::string text = lead(lines); !text.empty()) out += "<p class=\"verdict\">" + text + "</p>";
    out += board_html(lines) + "</section>";
  }
  return out;
}

std::string title_of(std::span<const HtmlRun> runs, const HtmlOptions& options) {
  if (!options.title.empty()) return options.title;
  if (runs.empty()) return "Assay";
  const Report& first = *runs[0].report;
  if (runs.size() == 1) return model_label(first) + " on " + first.benchmark;
  return first.benchmark + ": " + std::to_string(runs.size()) + " runs";
}

}  // namespace

Result<void> write_report_html(std::span<const HtmlRun> runs, const HtmlOptions& options, const TextSink& sink) {
  std::string version = runs.empty() ? "" : runs[0].report->assay;
  if (auto done = sink(html_page_head(title_of(runs, options), "report", version)); !done) return done;
  std::string page = runs.size() == 1 ? hero_one(*runs[0].report) : hero_many(boards(runs), runs.size());
  if (runs.empty())
    page = "<section class=\"hero\"><div><h1>No runs</h1><p class=\"verdict\">There is nothing to show yet.</p></div></section>";
  if (auto done = sink(page); !done) return done;
  RunHtmlOptions run_options;
  run_options.evidence = options.evidence;
  run_options.alone = runs.size() == 1;
  // Every run gets its share, and a hundred at least, so that the last one of many is not left without.
  run_options.max_samples = runs.size() <= 1
                                ? options.max_samples
                                : std::max(options.max_samples / runs.size(), std::min<std::size_t>(100, options.max_samples));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    run_options.number = i + 1;
    if (auto done = write_run_html(*runs[i].report, runs[i].results, run_options, sink); !done) return done;
  }
  return sink(html_page_end(version));
}

Result<void> write_report_html(std::span<const HtmlRun> runs, const HtmlOptions& options, const std::filesystem::path& path) {
  auto file = AtomicFile::open(path);
  if (!file) return std::unexpected(file.error());
  auto written = write_report_html(runs, options, [&](std::string_view text) { return file->write(text); });
  return written ? file->commit() : written;
}

}  // namespace assay
