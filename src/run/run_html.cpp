#include "run/run_html.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "run/answer_line.h"
#include "run/display.h"
#include "run/engine_note.h"

namespace assay {
namespace {

constexpr std::size_t kManifest = 200'000;  // bytes shown
constexpr std::size_t kMaxParts = 2'000;

std::string tag(std::string_view text, std::string_view css = "") {
  return " <span class=\"tag" + (css.empty() ? "" : " " + std::string(css)) + "\">" + html_line(text, 40) + "</span>";
}

std::string facts(const Report& report, bool alone) {
  std::vector<std::string> items;
  if (!alone) items.push_back(html_line(report.benchmark, 80));
  if (!report.edition.empty()) items.push_back("edition " + html_line(report.edition, 40));
  for (const auto& [role, label] : report.roles)
    if (role != "model") items.push_back(html_line(role, 40) + " <bdi>" + html_line(label, 80) + "</bdi>");
  if (!report.run.empty()) items.push_back("run <code>" + html_line(report.run, 40) + "</code>");
  if (!report.created.empty()) items.push_back(html_line(report.created, 40));
  return items.empty() ? "" : "<p class=\"facts\">" + join(items, " \u00B7 ") + "</p>";
}

std::string metrics_table(const std::vector<Metric>& metrics) {
  if (metrics.empty()) return "<p class=\"none\">No metrics.</p>";
  std::string out =
      "<div class=\"scroll\"><table class=\"metrics\"><thead><tr><th scope=\"col\">Metric</th><th scope=\"col\" "
      "class=\"number\">Value</th>"
      "<th scope=\"col\" class=\"number\">Std. error</th><th scope=\"col\" class=\"number\">95 % interval</th><th scope=\"col\" "
      "class=\"number\">n</th></tr></thead><tbody>";
  for (const Metric& metric : metrics) {
    std::string exact = metric.raw ? "unrounded " + python_repr(*metric.raw) : metric.value ? python_repr(*metric.value) : "";
    out += "<tr><th scope=\"row\">" + html_line(metric.name, 80) + "</th><td class=\"number value\"" +
           (exact.empty() ? "" : " title=\"" + exact + "\"") + ">" + display_value(metric) + "</td><td class=\"number\">" +
           display_error(metric) + "</td><td class=\"number\">" + display_interval(metric) + "</td><td class=\"number soft\">" +
           (metric.n ? display_count(*metric.n) : "") + "</td></tr>";
    if (!metric.value && !metric.why_null.empty())
      out += "<tr class=\"why\"><td colspan=\"5\">none, because " + html_text(metric.why_null) + "</td></tr>";
  }
  return out + "</tbody></table></div>";
}

std::string outcomes(const Counts& counts) {
  std::vector<Share> shares{{"scored", counts.scored, "scored"},
                            {"truncated", counts.truncated, "truncated"},
                            {"unparseable", counts.unparseable, "unparseable"},
                            {"failed", counts.failed, "failed"},
                            {"missing", counts.missing, "missing"}};
  std::size_t all = counts.total(), answered = all - counts.failed - counts.missing;
  std::string out = share_strip(shares, "Outcomes of " + display_count(all) + " samples") + "<dl class=\"legend\">";
  for (const Share& share : shares) {
    out += std::string("<div") + (share.count ? "" : " class=\"zero\"") + "><dt><span class=\"dot " + share.css_class +
           "\"></span>" + share.label + "</dt><dd>" + display_count(share.count) + "</dd><dd class=\"soft\">" +
           display_share(share.count, all) + "</dd></div>";
  }
  out += "</dl><p class=\"note\">" + display_share(counts.scored, all) + " of " + display_count(all) + " samples were scored";
  out += answered == all
             ? "; all of them were answered."
             : ", " + display_share(counts.scored, answered) + " of the " + display_count(answered) + " that were answered.";
  if (counts.scored_cut)
    out += " " + display_count(counts.scored_cut) + " of the scored answers " + (counts.scored_cut == 1 ? "was" : "were") +
           " cut by the token limit.";
  return out + "</p>";
}

/// What one walk over the results yields, without keeping them.
struct Survey {
  std::size_t samples = 0;
  std::vector<double> values;  // of the scored ones
  int decimals = 0;            // that their column needs
  bool iterations = false;     // some are of another than the first
};

Result<Survey> survey(const UnitResults& results) {
  Survey out;
  auto walked = results.for_each_score([&](std::size_t, const Unit& of, const UnitResult& unit) {
    out.iterations = out.iterations || of.iteration != 1;
    for (const SampleResult& sample : unit.samples) {
      ++out.samples;
      if (auto value = main_value(sample); value && std::isfinite(*value) && sample.outcome == Outcome::scored)
        out.values.push_back(*value);
    }
    return true;
  });
  if (!walked) return fail(walked.error());
  bool fraction = false, small = true;
  for (double value : out.values) {
    fraction = fraction || value != std::floor(value);
    small = small && std::abs(value) <= 1;
  }
  out.decimals = !fraction ? 0 : small ? 4 : 2;
  return out;
}

std::string distribution(const Survey& survey, const RunHtmlOptions& options) {
  double sum = 0;
  for (double value : survey.values) sum += value;
  double mean = sum / static_cast<double>(survey.values.size());
  ChartText text{"hist-" + std::to_string(options.number),
                 "Distribution of the scores of " + display_count(survey.values.size()) + " samples", "score of a sample",
                 "samples"};
  return histogram(survey.values, text, 24, mean, "mean " + display_number(mean));
}

void part_rows(const std::vector<Part>& parts, int depth, std::string_view metric_name, const Scale& scale, std::size_t& left,
               std::string& out) {
  for (const Part& part : parts) {
    if (left == 0) return;
    --left;
    const Metric* metric = part.metric(metric_name);
    if (!metric && !part.metrics.empty()) metric = &part.metrics.front();
    bool own = metric && metric->name != metric_name;
    out += "<tr><th scope=\"row\" class=\"depth-" + std::to_string(std::min(depth, 4)) + "\">" + html_line(part.name, 80) +
           (own ? tag(metric->name) : "") + "</th><td class=\"plot\">";
    if (metric && !own)
      out += interval_strip(scale, metric->value, metric->ci_low, metric->ci_high, part.name + ": " + display_value(*metric));
    out += "</td><td class=\"number value\">" + (metric ? display_value(*metric) : "") + "</td><td class=\"number soft\">" +
           (metric ? display_interval(*metric) : "") + "</td><td class=\"number soft\">" + display_count(part.counts.scored) +
           " of " + display_count(part.counts.total()) + "</td></tr>";
    part_rows(part.parts, depth + 1, metric_name, scale, left, out);
  }
}

void part_range(const std::vector<Part>& parts, std::string_view metric_name, double& low, double& high) {
  for (const Part& part : parts) {
    if (const Metric* metric = part.metric(metric_name)) {
      for (const auto& value : {metric->value, metric->ci_low, metric->ci_high}) {
        if (!value || !std::isfinite(*value)) continue;
        low = std::min(low, *value);
        high = std::max(high, *value);
      }
    }
    part_range(part.parts, metric_name, low, high);
  }
}

/// The headline where the parts have it too, else what the first part puts first.
std::string_view part_metric(const Part& total) {
  if (!total.metrics.empty())
    for (const Part& part : total.parts)
      if (part.metric(total.metrics.front().name)) return total.metrics.front().name;
  const Part& first = total.parts.front();
  return first.metrics.empty() ? std::string_view("score") : std::string_view(first.metrics.front().name);
}

std::string parts_table(const Part& total) {
  std::string_view name = part_metric(total);
  double low = HUGE_VAL, high = -HUGE_VAL;
  part_range(total.parts, name, low, high);
  Scale scale = low > high ? nice_scale(0, 1) : nice_scale(low, high, 6);
  std::string out =
      "<div class=\"card wide\"><h3>Parts</h3><table class=\"board\"><thead><tr><th scope=\"col\">Part</th><th scope=\"col\" "
      "class=\"plot\">" +
      html_line(name, 60) + " with 95 % interval</th><th scope=\"col\" class=\"number\">" + html_line(name, 60) +
      "</th><th scope=\"col\" class=\"number\">Interval</th><th scope=\"col\" class=\"number\">Scored</th></tr></thead><tbody>";
  std::size_t left = kMaxParts;
  part_rows(total.parts, 0, name, scale, left, out);
  out += "</tbody><tfoot><tr><td></td><td class=\"plot\">" + axis_strip(scale) +
         "</td><td colspan=\"3\"></td></tr></tfoot></table></div>";
  return out;
}

/// One line, its line ends mere blanks: it is a glance, the whole text is one click away.
std::string preview(const SampleResult& sample) {
  return html_line(answer_line(sample), 160);
}

void sample_row(std::string& out, const Unit& unit, const SampleResult& sample, std::size_t place, bool iterations, int decimals,
                const RunHtmlOptions& options) {
  std::string outcome(name(sample.outcome));
  auto value = main_value(sample);
  bool finite = value && std::isfinite(*value);
  out += "<li id=\"s-" + std::to_string(options.number) + "-" + std::to_string(place) + "\" data-o=\"" + outcome + "\"" +
         (finite ? " data-v=\"" + python_repr(*value) + "\"" : "") + "><details><summary><span class=\"id\">" +
         html_line(sample.sample, 40) + (iterations ? "<small> iteration " + std::to_string(unit.iteration) + "</small>" : "") +
         "</span><span class=\"chip " + outcome + "\">" + outcome + (sample.cut ? ", cut" : "") + "</span><span class=\"v\">" +
         (finite ? fixed(*value, decimals) : "") + "</span><span class=\"peek\" dir=\"auto\">" + preview(sample) +
         "</span></summary>";
  append_evidence(out, sample, options.evidence);
  out += "</details></li>\n";
}

Result<void> write_samples(const UnitResults& results, const Survey& known, const RunHtmlOptions& options, const TextSink& sink) {
  std::size_t shown = std::min(known.samples, options.max_samples);
  std::string head = "<section class=\"samples\" aria-label=\"Samples\"><h3>Samples</h3>";
  if (shown < known.samples)
    head += "<p class=\"note\">The first " + display_count(shown) + " of " + display_count(known.samples) +
            "; <code>assay show RUN --sample ID</code> opens any other.</p>";
  head +=
      "<div class=\"tools\" hidden><input type=\"search\" class=\"find\" placeholder=\"Search prompts and answers\" "
      "aria-label=\"Search "
      "prompts and answers\"><span class=\"filters\" role=\"group\" aria-label=\"Outcomes\"></span><span class=\"shown\" "
      "role=\"status\"></span><span class=\"keys\"><kbd>/</kbd> search <kbd>j</kbd><kbd>k</kbd> move <kbd>Enter</kbd> "
      "open</span></div>"
      "<div class=\"heads\" hidden><button type=\"button\" data-sort=\"id\">Sample</button><button type=\"button\" "
      "data-sort=\"o\">Outcome</button><button type=\"button\" data-sort=\"v\">Score</button><span>Answer</span></div>"
      "<ol class=\"list\">\n";
  if (auto done = sink(head); !done) return done;
  std::size_t place = 0;
  Result<void> sunk;
  std::string row;
  auto walked = results.for_each([&](std::size_t, const Unit& unit, const UnitResult& result) {
    for (const SampleResult& sample : result.samples) {
      if (place == shown) return false;
      row.clear();
      sample_row(row, unit, sample, ++place, known.iterations, known.decimals, options);
      sunk = sink(row);
      if (!sunk) return false;
    }
    return place < shown;
  });
  if (!walked) return walked;
  if (!sunk) return sunk;
  return sink("</ol></section>");
}

}  // namespace

std::string standing_tags(const Report& report) {
  std::string out;
  if (report.status != "complete") out += tag(report.status, report.status == "failed" ? "bad" : "warn");
  if (report.official())
    out += tag("official", "good");
  else if (report.edition != "official")
    out += tag(report.edition.empty() ? "unnamed data" : report.edition + " data");
  if (!report.deviates.empty())
    out += tag(report.deviates.size() == 1 ? "deviates" : std::to_string(report.deviates.size()) + " deviations", "warn");
  return out;
}

Result<void> write_run_html(const Report& report, const UnitResults* results, const RunHtmlOptions& options,
                            const TextSink& sink) {
  Survey known;
  if (results) {
    auto surveyed = survey(*results);
    if (!surveyed) return fail(surveyed.error());
    known = std::move(*surveyed);
  }
  std::string number = std::to_string(options.number);
  std::string out = "<section class=\"run\" id=\"run-" + number + "\">";
  if (!options.alone)
    out += "<h2><bdi>" + html_line(model_label(report), 120) + "</bdi>" + standing_tags(report) + "</h2><p class=\"verdict " +
           html_name(report.status) + "\">" + html_text(verdict(report)) + "</p>";
  out += facts(report, options.alone);
  if (!report.deviates.empty()) {
    out += "<div class=\"deviates\"><h3>Departs from the official settings</h3><ul>";
    for (const std::string& deviation : report.deviates) out += "<li>" + html_line(deviation, 400) + "</li>";
    out += "</ul></div>";
  }
  out += "<div class=\"cards\"><div class=\"card\"><h3>Metrics</h3>" + metrics_table(report.total.metrics) +
         "</div><div class=\"card\"><h3>Outcomes</h3>" + outcomes(report.total.counts) + "</div>";
  if (known.values.size() > 1)
    out += "<div class=\"card wide\"><h3>Scores of the samples</h3>" + distribution(known, options) + "</div>";
  if (!report.total.parts.empty()) out += parts_table(report.total);
  out += "</div><p class=\"note usage\">" + html_text(display_usage(report.usage)) + ".";
  if (std::string engine = engine_note(report.manifest); !engine.empty()) out += " Engine: " + html_text(engine) + ".";
  out += "</p>";
  if (auto done = sink(out); !done) return done;

  if (results && known.samples > 0)
    if (auto done = write_samples(*results, known, options, sink); !done) return done;

  std::string manifest = write_json(report.manifest, JsonStyle::pretty);
  bool cut = manifest.size() > kManifest;
  if (cut) manifest.resize(kManifest);
  return sink(
      "<details class=\"fold manifest\"><summary>Manifest: everything needed to repeat this run</summary><pre class=\"text\" "
      "tabindex=\"0\">" +
      html_text(manifest) + "</pre>" + (cut ? "<p class=\"none\">The rest is in the report's JSON.</p>" : "") +
      "</details></section>\n");
}

}  // namespace assay
