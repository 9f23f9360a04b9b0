// The page of correlations.
#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "leaderboard/correlation_formats.h"
#include "run/chart.h"
#include "run/display.h"
#include "run/html.h"
#include "run/html_page.h"

namespace assay {
namespace {

constexpr std::size_t kScatters = 24, kRows = 2100;

std::string signed_three(const std::optional<double>& value) {
  return value ? fixed(*value, 3) : "-";
}
std::string interval_text(const std::optional<PercentileInterval>& interval) {
  return interval ? fixed(interval->low, 3) + " to " + fixed(interval->high, 3) : "";
}

std::string spoken(const ScoreTable& table, const PairCorrelation& pair) {
  std::string out = table.columns[pair.a].name + " and " + table.columns[pair.b].name + ": Spearman " + signed_three(pair.spearman);
  if (pair.intervals.spearman) out += " (95 % " + interval_text(pair.intervals.spearman) + ")";
  return out + ", Pearson " + signed_three(pair.pearson) + ", " + display_count(pair.n) + " models";
}

/// One line a column: how it goes with the reference.
std::string forest(const ScoreTable& table, const Correlations& correlations) {
  double low = 1;
  for (const PairCorrelation& pair : correlations.pairs) {
    if (pair.a != *correlations.reference || !pair.spearman) continue;
    low = std::min({low, *pair.spearman, pair.intervals.spearman ? pair.intervals.spearman->low : 1});
  }
  Scale scale = nice_scale(low < 0 ? -1 : std::max(0.0, std::floor(low * 5 - 1e-9) / 5), 1, 5);
  std::string out =
      "<div class=\"scroll\"><table class=\"board\"><thead><tr><th scope=\"col\">Benchmark</th><th scope=\"col\" class=\"plot\">Spearman with 95 % interval</th>"
      "<th scope=\"col\" class=\"number\">Spearman</th><th scope=\"col\" class=\"number\">Interval</th><th scope=\"col\" class=\"number\">Pearson</th>"
      "<th scope=\"col\" class=\"number\">Models</th></tr></thead><tbody>";
  for (const PairCorrelation& pair : correlations.pairs) {
    if (pair.a != *correlations.reference) continue;
    const auto& interval = pair.intervals.spearman;
    out += "<tr><th scope=\"row\"><bdi>" + html_line(table.columns[pair.b].name, 80) + "</bdi></th><td class=\"plot\">" +
           interval_strip(scale, pair.spearman, interval ? std::optional(interval->low) : std::nullopt, interval ? std::optional(interval->high) : std::nullopt, spoken(table, pair)) +
           "</td><td class=\"number value\">" + signed_three(pair.spearman) + "</td><td class=\"number soft\">" + interval_text(interval) + "</td><td class=\"number extra\">" +
           signed_three(pair.pearson) + "</td><td class=\"number soft\">" + display_count(pair.n) + "<span class=\"unit\"> models</span></td></tr>";
  }
  return out + "</tbody><tfoot><tr><td></td><td class=\"plot\">" + axis_strip(scale) + "</td><td colspan=\"4\"></td></tr></tfoot></table></div>";
}

std::string matrix(const ScoreTable& table, const Correlations& correlations) {
  HeatMap map;
  map.low = -1;
  const std::size_t n = correlations.columns.size();
  for (std::size_t column : correlations.columns) map.rows.push_back(table.columns[column].name);
  map.columns = map.rows;
  map.cells.resize(n * n);
  map.labels.resize(n * n);
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t c = 0; c < n; ++c) {
      if (r == c) {
        map.cells[r * n + c] = 1;
        map.labels[r * n + c] = map.rows[r] + ": itself";
        continue;
      }
      const PairCorrelation* pair = correlations.find(correlations.columns[r], correlations.columns[c]);
      if (!pair) continue;
      map.cells[r * n + c] = pair->spearman;
      map.labels[r * n + c] = pair->spearman ? spoken(table, *pair) : map.rows[r] + " and " + map.rows[c] + ": " + display_count(pair->n) + " models have both, too few";
    }
  ChartText text{"matrix", "Spearman correlation of every two benchmarks", "", ""};
  text.description = "A matrix of " + std::to_string(n) + " benchmarks; the table of all pairs below holds its numbers.";
  return "<div class=\"scroll\">" + heat_map(map, text) + "</div>";
}

std::string scatters(const ScoreTable& table, const Correlations& correlations) {
  std::string out = "<div class=\"plots\">";
  std::size_t number = 0;
  for (const PairCorrelation& pair : correlations.pairs) {
    if (pair.a != *correlations.reference || !pair.spearman) continue;
    if (number == kScatters) break;
    const CommonScores common = common_scores(table, pair.a, pair.b);
    std::vector<ScatterPoint> points;
    for (std::size_t i = 0; i < common.models.size(); ++i) {
      const std::string& model = table.models[common.models[i]];
      points.push_back({common.a[i], common.b[i], model + ": " + table.columns[pair.a].name + " " + display_number(common.a[i]) + ", " + table.columns[pair.b].name + " " + display_number(common.b[i]), "", model});
    }
    // Names of the extremes first: they are what people look for.
    std::stable_sort(points.begin(), points.end(), [](const ScatterPoint& a, const ScatterPoint& b) { return a.x > b.x; });
    ScatterOptions options;
    if (pair.line)
      options.line = ChartLine{pair.line->slope, pair.line->intercept,
                               "least squares: slope " + python_repr(pair.line->slope) + ", intercept " + python_repr(pair.line->intercept) + ", off the line " + display_number(pair.line->rmse)};
    ChartText text{"pair-" + std::to_string(++number), table.columns[pair.b].name + " against " + table.columns[pair.a].name, table.columns[pair.a].name, table.columns[pair.b].name};
    text.description = spoken(table, pair) + ".";
    out += "<figure><figcaption><b><bdi>" + html_line(table.columns[pair.b].name, 80) + "</bdi></b>Spearman " + signed_three(pair.spearman) +
           (pair.intervals.spearman ? " (" + interval_text(pair.intervals.spearman) + ")" : "") + ", Pearson " + signed_three(pair.pearson) +
           (pair.line ? ", off the line " + display_number(pair.line->rmse) : "") + ", " + display_count(pair.n) + " models</figcaption>" + scatter(points, text, options) + "</figure>";
  }
  return out + "</div>";
}

std::string pairs_table(const ScoreTable& table, const Correlations& correlations) {
  std::string out =
      "<details class=\"fold\"><summary>All pairs</summary><div class=\"scroll\"><table class=\"data\"><thead><tr><th scope=\"col\">Benchmark</th><th scope=\"col\">and</th><th scope=\"col\" class=\"number\">Models</th>"
      "<th scope=\"col\" class=\"number\">Spearman</th><th scope=\"col\" class=\"number\">95 %</th><th scope=\"col\" class=\"number\">Pearson</th><th scope=\"col\" class=\"number\">95 %</th>"
      "<th scope=\"col\" class=\"number\">Kendall</th></tr></thead><tbody>";
  std::size_t rows = 0;
  for (const PairCorrelation& pair : correlations.pairs) {
    if (++rows > kRows) break;
    out += "<tr><td><bdi>" + html_line(table.columns[pair.a].name, 80) + "</bdi></td><td><bdi>" + html_line(table.columns[pair.b].name, 80) + "</bdi></td><td class=\"number\">" + display_count(pair.n) + "</td>";
    for (const std::string& cell : {signed_three(pair.spearman), interval_text(pair.intervals.spearman), signed_three(pair.pearson), interval_text(pair.intervals.pearson), signed_three(pair.kendall_tau_b)})
      out += "<td class=\"number\">" + cell + "</td>";
    out += "</tr>";
  }
  return out + "</tbody></table></div></details>";
}

}  // namespace

std::string correlations_page(const ScoreTable& table, const Correlations& correlations, const CorrelationOptions& options, std::string_view version) {
  const bool reference = correlations.reference.has_value();
  std::string title = reference ? "Correlation with " + table.columns[*correlations.reference].name : std::string("How alike benchmarks rank models");
  std::string out = html_page_head(title, "correlations", version) + "<section class=\"hero many\"><h1>" + html_line(title, 120) + "</h1><p class=\"verdict\">" +
                    display_count(correlations.columns.size()) + " benchmarks, " + display_count(table.models.size()) + " models. Every two benchmarks are compared on the models that have both, at least " +
                    display_count(options.least) + ".";
  if (options.replicates > 0)
    out += " Intervals: " + display_count(options.replicates) + " resamples of the models, seed " + std::to_string(options.seed) + ", 2.5 % to 97.5 %.";
  out += "</p></section>";
  if (reference) out += "<section class=\"run\"><h2>Against " + html_line(table.columns[*correlations.reference].name, 80) + "</h2>" + forest(table, correlations) + "</section>";
  out += "<section class=\"run\"><h2>Every two benchmarks</h2><p class=\"facts\">Spearman: 1 = the same ranking, 0 = unrelated, -1 = reversed. Pale cells are weak, empty ones share too few models.</p>" +
         matrix(table, correlations) + pairs_table(table, correlations) + "</section>";
  if (reference) out += "<section class=\"run\"><h2>Model by model</h2>" + scatters(table, correlations) + "</section>";
  std::vector<std::string> notes = table.warnings;
  notes.insert(notes.end(), correlations.notes.begin(), correlations.notes.end());
  if (!notes.empty()) {
    out += "<section class=\"run\"><h2>Notes</h2><ul class=\"note\">";
    for (std::size_t i = 0; i < std::min<std::size_t>(notes.size(), 200); ++i) out += "<li>" + html_line(notes[i], 400) + "</li>";
    out += "</ul></section>";
  }
  return out + html_page_end(version);
}

}  // namespace assay
