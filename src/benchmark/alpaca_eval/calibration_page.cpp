#include "benchmark/alpaca_eval/calibration_page.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "run/chart.h"
#include "run/display.h"
#include "run/html.h"
#include "run/html_page.h"

namespace assay::alpaca_eval {
namespace {

struct Meaning {
  std::string_view metric, words;
};
constexpr std::array<Meaning, 17> kMeanings{{
    {"agreement", "% of the comparisons: the same winner as the official judge"},
    {"kappa", "agreement beyond chance: 0 = none, 1 = full"},
    {"first_place", "% of the judgements, both orders asked: the output shown first wins; 50 = the place does not matter"},
    {"inconsistent", "% of the comparisons: another winner when the outputs change places"},
    {"longer_wins", "% of the comparisons of outputs that differ in length: the longer one wins"},
    {"longer_wins_official", "the same of the official judge"},
    {"length_slope", "log odds of a win for one standard deviation of length"},
    {"length_slope_official", "the same of the official judge"},
    {"length_slope_difference", "the judge's slope less the official one"},
    {"self_consistency", "% of the askings of one prompt, two by two: the same winner"},
    {"win_rate_offset", "win rates less the official ones, mean over the models, in points"},
    {"length_controlled_offset", "the same of length-controlled win rates"},
    {"spearman", "rank correlation of the models' win rates with the official ones"},
    {"readable", "% of all answers: a preference could be read"},
    {"seconds_per_judgement", "seconds, mean of one answer"},
    {"tokens_per_judgement", "tokens in and out"},
    {"usd_per_1000_prompts", "US dollars, by the price table"},
}};

std::string metrics_table(const Part& total) {
  std::string out =
      "<div class=\"scroll\"><table class=\"metrics\"><thead><tr><th scope=\"col\">Metric</th><th scope=\"col\" class=\"number\">Value</th><th scope=\"col\" class=\"number\">95 % "
      "interval</th><th scope=\"col\" class=\"says\">What it says</th></tr></thead><tbody>";
  for (const Metric& metric : total.metrics) {
    auto known = std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Meaning& one) { return one.metric == metric.name; });
    out += "<tr><th scope=\"row\">" + html_line(metric.name, 80) + "</th><td class=\"number value\">" + display_value(metric) + "</td><td class=\"number\">" + display_interval(metric) +
           "</td><td>" + (metric.value || metric.why_null.empty() ? (known == kMeanings.end() ? "" : html_text(known->words)) : "none, because " + html_text(metric.why_null)) + "</td></tr>";
  }
  return out + "</tbody></table></div>";
}

/// Every model's value with its interval on one scale; nothing where no model has one.
std::string forest(const Part& total, std::string_view name, std::string_view unit, std::string_view title) {
  double low = 0, high = 0;
  bool any = false;
  for (const Part& part : total.parts)
    if (const Metric* metric = part.metric(name); metric && metric->value) {
      any = true;
      for (const auto& value : {metric->value, metric->ci_low, metric->ci_high})
        if (value && std::isfinite(*value)) low = std::min(low, *value), high = std::max(high, *value);
    }
  if (!any) return "";
  const Scale scale = nice_scale(low, high, 6);
  std::string out = "<div class=\"card wide\"><h3>" + html_text(title) + "</h3><table class=\"board\"><thead><tr><th scope=\"col\">Model</th><th scope=\"col\" class=\"plot\">" + html_line(name, 60) + ", " + html_text(unit) +
                    ", with 95 % interval</th><th scope=\"col\" class=\"number\">Value</th><th scope=\"col\" class=\"number\">Interval</th></tr></thead><tbody>";
  for (const Part& part : total.parts) {
    const Metric* metric = part.metric(name);
    if (!metric) continue;
    out += "<tr><th scope=\"row\"><bdi>" + html_line(part.name, 80) + "</bdi></th><td class=\"plot\">" +
           interval_strip(scale, metric->value, metric->ci_low, metric->ci_high, visible_line(part.name) + ": " + display_value(*metric)) + "</td><td class=\"number value\">" +
           display_value(*metric) + "</td><td class=\"number soft\">" + display_interval(*metric) + "</td></tr>";
  }
  return out + "</tbody><tfoot><tr><td></td><td class=\"plot\">" + axis_strip(scale) + "</td><td colspan=\"2\"></td></tr></tfoot></table></div>";
}

std::string against_official(const Part& total, std::string_view judged, std::string_view official, const ChartText& text) {
  std::vector<ScatterPoint> points;
  for (const Part& part : total.parts) {
    const Metric *mine = part.metric(judged), *theirs = part.metric(official);
    if (!mine || !theirs || !mine->value || !theirs->value) continue;
    ScatterPoint& point = points.emplace_back();
    point.x = *theirs->value;
    point.y = *mine->value;
    point.name = visible_line(part.name);
    point.x_low = theirs->ci_low, point.x_high = theirs->ci_high;
    point.y_low = mine->ci_low, point.y_high = mine->ci_high;
    point.label = point.name + ": " + display_value(*mine) + ", official " + display_value(*theirs);
  }
  if (points.empty()) return "";
  return "<div class=\"card\"><h3>" + html_text(text.title) + "</h3>" + scatter(points, text, true) + "</div>";
}

}  // namespace

std::string calibration_page(const Report& report) {
  const std::string judge = model_label(report);
  auto official = report.roles.find("official judge");
  std::string out = html_page_head("Calibration of " + judge, "calibration", report.assay);
  out += "<section class=\"hero\"><div><p class=\"eyebrow\">" + html_line(report.benchmark, 80) + "</p><h1><bdi>" + html_line(judge, 120) + "</bdi></h1><p class=\"verdict " +
         html_name(report.status) + "\">" + (official == report.roles.end() ? "" : "Held against <bdi>" + html_line(official->second, 120) + "</bdi>: ") +
         display_count(report.total.counts.scored) + " of " + display_count(report.total.counts.total()) + " comparisons judged" +
         (report.reason.empty() ? "" : "; " + html_text(report.reason)) + ".</p>";
  if (const json::value* judging = report.manifest.if_contains("judging"))
    if (const json::value* model = find(*judging, "model"))
      if (auto fingerprint = get_string(*model, "fingerprint")) out += "<p class=\"caption\">fingerprint <code>" + html_line(*fingerprint, 64) + "</code></p>";
  out += "</div></section>";
  out += "<section class=\"run\"><div class=\"cards\"><div class=\"card wide\"><h3>Metrics</h3>" + metrics_table(report.total) + "</div>";
  out += against_official(report.total, "win_rate", "win_rate_official", {"win-rates", "Win rates beside the official ones", "official win rate, %", "win rate by this judge, %"});
  out += against_official(report.total, "length_controlled_winrate", "length_controlled_winrate_official",
                          {"lc-win-rates", "Length-controlled win rates beside the official ones", "official, %", "by this judge, %"});
  out += forest(report.total, "win_rate_offset", "points", "How far each model's win rate is from the official one");
  out += forest(report.total, "length_controlled_offset", "points", "How far each model's length-controlled win rate is from the official one");
  out += forest(report.total, "agreement", "%", "Agreement by model");
  return out + "</div></section>" + html_page_end(report.assay);
}

}  // namespace assay::alpaca_eval
