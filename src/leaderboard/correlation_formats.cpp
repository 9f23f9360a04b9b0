#include "leaderboard/correlation_formats.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "dataset/csv.h"
#include "run/display.h"

namespace assay {
namespace {

constexpr std::size_t kTextPairs = 40;

std::string csv_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? python_repr(*value) : "";
}

json::value number_or_null(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

json::object with_interval(const std::optional<double>& value, const std::optional<PercentileInterval>& interval) {
  json::object out;
  out["value"] = number_or_null(value);
  out["ci95"] = nullptr;
  if (interval) out["ci95"] = json::array{interval->low, interval->high};
  return out;
}

std::string three(const std::optional<double>& value) {
  return value ? fixed(*value, 3) : "-";
}
std::string interval_text(const std::optional<PercentileInterval>& interval) {
  return interval ? fixed(interval->low, 3) + " to " + fixed(interval->high, 3) : "";
}

}  // namespace

std::string correlations_text(const ScoreTable& table, const Correlations& correlations, const TextStyle& style) {
  std::string out;
  auto name = [&](std::size_t column) { return visible_line(table.columns[column].name); };
  std::vector<const PairCorrelation*> shown;
  std::size_t left_out = 0;
  if (correlations.reference) {
    out += ink("Correlation with " + name(*correlations.reference), Ink::bold, style) + "\n\n";
    for (const PairCorrelation& pair : correlations.pairs)
      if (pair.a == *correlations.reference) shown.push_back(&pair);
  } else {
    out += ink("Correlations, strongest first", Ink::bold, style) + "\n\n";
    for (const PairCorrelation& pair : correlations.pairs) shown.push_back(&pair);
    std::stable_sort(shown.begin(), shown.end(), [](const PairCorrelation* a, const PairCorrelation* b) { return a->spearman.value_or(-2) > b->spearman.value_or(-2); });
    if (shown.size() > kTextPairs) {
      left_out = shown.size() - kTextPairs;
      shown.resize(kTextPairs);
    }
  }
  std::vector<TextColumn> columns{{"benchmark", false, true, 14}};
  if (!correlations.reference) columns.push_back({"and", false, true, 14});
  for (const TextColumn& column : {TextColumn{"models", true}, {"Spearman", true}, {"95 % interval", true}, {"Pearson", true}, {"95 % interval", true}, {"Kendall", true}}) columns.push_back(column);
  if (correlations.reference) columns.push_back({"off the line", true});
  TextTable rows(std::move(columns));
  for (const PairCorrelation* pair : shown) {
    std::vector<TextCell> cells;
    if (!correlations.reference) cells.push_back({name(pair->a)});
    cells.push_back({name(pair->b)});
    const Ink ink_of = pair->spearman ? Ink::plain : Ink::dim;
    for (const std::string& cell : {display_count(pair->n), three(pair->spearman), interval_text(pair->intervals.spearman), three(pair->pearson), interval_text(pair->intervals.pearson), three(pair->kendall_tau_b)})
      cells.push_back({cell, ink_of});
    if (correlations.reference) cells.push_back({pair->line ? display_number(pair->line->rmse) : "-", Ink::dim});
    rows.row(std::move(cells));
  }
  out += rows.render(style);
  std::string notes;
  if (correlations.reference) notes += "  off the line: root of the mean squared distance from the straight line on " + name(*correlations.reference) + "\n";
  if (left_out > 0) notes += "  " + display_count(left_out) + " further pairs: --format csv has them all\n";
  for (const std::string& note : correlations.notes) notes += "  " + visible_line(note) + "\n";
  if (!notes.empty()) out += "\n" + ink(notes.substr(0, notes.size() - 1), Ink::dim, style) + "\n";
  return out;
}

std::string correlations_csv(const ScoreTable& table, const Correlations& correlations) {
  auto line = [](const CsvRow& row) { return write_csv_row(row, {}, "\n"); };
  std::string out = line({"a", "b", "models", "spearman", "spearman_low", "spearman_high", "pearson", "pearson_low", "pearson_high", "kendall_tau_b", "slope", "intercept", "rmse"});
  for (const PairCorrelation& pair : correlations.pairs) {
    auto end = [](const std::optional<PercentileInterval>& interval, bool high) { return interval ? csv_number(high ? interval->high : interval->low) : std::string(); };
    out += line({table.columns[pair.a].name, table.columns[pair.b].name, std::to_string(pair.n), csv_number(pair.spearman), end(pair.intervals.spearman, false),
                 end(pair.intervals.spearman, true), csv_number(pair.pearson), end(pair.intervals.pearson, false), end(pair.intervals.pearson, true), csv_number(pair.kendall_tau_b),
                 pair.line ? csv_number(pair.line->slope) : "", pair.line ? csv_number(pair.line->intercept) : "", pair.line ? csv_number(pair.line->rmse) : ""});
  }
  return out;
}

json::object correlations_json(const ScoreTable& table, const Correlations& correlations, const CorrelationOptions& options) {
  json::object out;
  out["models"] = table.models.size();
  out["reference"] = nullptr;
  if (correlations.reference) out["reference"] = table.columns[*correlations.reference].name;
  out["least"] = options.least;
  out["replicates"] = options.replicates;
  out["seed"] = options.seed;
  json::array& columns = out["columns"].emplace_array();
  for (std::size_t column : correlations.columns)
    columns.push_back(json::object{{"name", table.columns[column].name}, {"source", table.columns[column].source}, {"models", table.columns[column].count()}});
  json::array& pairs = out["pairs"].emplace_array();
  for (const PairCorrelation& pair : correlations.pairs) {
    json::object one;
    one["a"] = table.columns[pair.a].name;
    one["b"] = table.columns[pair.b].name;
    one["models"] = pair.n;
    one["spearman"] = with_interval(pair.spearman, pair.intervals.spearman);
    one["pearson"] = with_interval(pair.pearson, pair.intervals.pearson);
    one["kendall_tau_b"] = number_or_null(pair.kendall_tau_b);
    one["line"] = nullptr;
    if (pair.line) one["line"] = json::object{{"slope", pair.line->slope}, {"intercept", pair.line->intercept}, {"rmse", pair.line->rmse}};
    pairs.push_back(std::move(one));
  }
  json::array& notes = out["notes"].emplace_array();
  for (const std::string& note : table.warnings) notes.push_back(json::string(note));
  for (const std::string& note : correlations.notes) notes.push_back(json::string(note));
  return out;
}

}  // namespace assay
