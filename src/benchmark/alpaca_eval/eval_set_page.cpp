#include "benchmark/alpaca_eval/eval_set_page.h"

#include <cmath>

#include "base/text.h"
#include "run/chart.h"
#include "run/display.h"
#include "run/html.h"
#include "run/html_page.h"

namespace assay::alpaca_eval {
namespace {

constexpr double kSignificant = 0.05;

std::optional<double> number(const LeaderboardRow& row, std::string_view column) {
  const Cell* cell = row.find(column);
  if (const auto* value = cell ? std::get_if<double>(cell) : nullptr) return *value;
  if (const auto* whole = cell ? std::get_if<std::int64_t>(cell) : nullptr) return static_cast<double>(*whole);
  return std::nullopt;
}

/// The strict lower triangle, as the original draws it: every pair once.
std::string triangle(const BoardTable& table, const std::string& id, const std::string& title, double high, int decimals) {
  if (table.rows.size() < 2) return "";
  HeatMap map;
  map.high = high;
  map.decimals = decimals;
  map.below_diagonal = true;
  for (std::size_t a = 1; a < table.rows.size(); ++a) map.rows.push_back(visible_line(table.rows[a].name));
  for (std::size_t b = 0; b + 1 < table.rows.size(); ++b) map.columns.push_back(visible_line(table.rows[b].name));
  for (std::size_t a = 1; a < table.rows.size(); ++a)
    for (std::size_t b = 0; b + 1 < table.rows.size(); ++b) {
      const auto value = b < a ? number(table.rows[a], table.rows[b].name) : std::nullopt;
      map.cells.push_back(value);
      map.labels.push_back(visible_line(table.rows[a].name) + " and " + visible_line(table.rows[b].name) + ": " + display_number(value));
    }
  return "<div class=\"card wide\"><h3>" + html_text(title) + "</h3><div class=\"scroll\">" + heat_map(map, {id, title, "", "", ""}) + "</div></div>";
}

std::string by_number(const BoardTable& table) {
  std::vector<LineSeries> lines;
  for (const auto& [column, name] : {std::pair("mean", "mean"), {"quantile_90", "90 % quantile"}, {"max", "maximum"}}) {
    LineSeries& line = lines.emplace_back();
    line.name = name;
    for (const LeaderboardRow& row : table.rows) line.points.emplace_back(std::strtod(row.name.c_str(), nullptr), number(row, column).value_or(NAN));
  }
  if (table.rows.size() < 2) return "";
  ScatterOptions options;
  options.horizontal = ChartMark{kSignificant, "0.05"};
  return "<div class=\"card wide\"><h3>p-values by number of instructions</h3>" + line_chart(lines, {"by-number", "p-values of the pairs by number of instructions", "instructions", "p-value", ""}, options) + "</div>";
}

}  // namespace

std::string eval_set_page(const EvalSetTables& tables, const std::string& version) {
  std::string out = html_page_head("What the evaluation set tells apart", "evaluation set", version);
  out += "<section class=\"hero\"><div><p class=\"eyebrow\">paired t-tests</p><h1>" + display_count(tables.separated) + " of " + display_count(tables.pairs) +
         " pairs of models are told apart</h1><p class=\"verdict\">" + display_count(tables.models) + " models on " + display_count(tables.instructions) +
         " instructions, p &lt; 0.05 each, not corrected for the number of tests.</p></div></section><section class=\"run\"><div class=\"cards\">";
  for (const auto& [name, table] : tables.tables) {
    if (name == "paired_pvalues") out += triangle(table, "pvalues", "p-values of every two models", 1, 3);
    if (name == "samples_needed") out += triangle(table, "samples", "Instructions that tell them apart (of 50, 100, ...; \u2013: more than there are)", static_cast<double>(tables.instructions), 0);
    if (name == "pvalues_by_samples") out += by_number(table);
    if (name.starts_with("paired_pvalues_")) {
      const std::string set = name.substr(std::string_view("paired_pvalues_").size());
      out += triangle(table, "set-" + html_name(set), "Data set " + set + ": p-values on " + display_count(tables.instructions_by_dataset) + " instructions", 1, 3);
    }
  }
  return out + "</div></section>" + html_page_end(version);
}

}  // namespace assay::alpaca_eval
