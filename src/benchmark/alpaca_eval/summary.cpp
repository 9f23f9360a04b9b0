#include "benchmark/alpaca_eval/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "benchmark/alpaca_eval/win_rate.h"

namespace assay::alpaca_eval {
namespace {

constexpr double kNormal95 = 1.959963984540054;

Metric metric(std::string name, std::optional<double> value, std::string why = {}) {
  Metric out;
  out.name = std::move(name);
  out.value = value;
  if (!value) out.why_null = why.empty() ? "no preference counts" : std::move(why);
  return out;
}

void with_error(Metric& metric, std::optional<double> error, std::size_t n) {
  metric.n = n;
  if (!metric.value || !error) return;
  metric.stderr_ = error;
  metric.ci_low = *metric.value - kNormal95 * *error;
  metric.ci_high = *metric.value + kNormal95 * *error;
}

double or_missing(const std::optional<double>& value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }

struct Controlled {
  std::optional<LengthControl> fit;
  std::string why;
};

Controlled controlled(const SummarySettings& settings, const LengthData& length, const std::vector<Row>& rows) {
  Controlled out;
  if (!length.gamed) {
    out.why = length.why;
    return out;
  }
  Comparisons comparisons;
  comparisons.same_generator = settings.same_generator;
  std::size_t dropped = 0;
  for (const Row& row : rows) {
    if (!row.length_1 || !row.length_2) {  // no output came: there is no length to control for
      ++dropped;
      continue;
    }
    comparisons.preference.push_back(or_missing(row.preference));
    comparisons.length_1.push_back(*row.length_1);
    comparisons.length_2.push_back(*row.length_2);
    comparisons.difficulty_index.push_back(row.index);
  }
  auto fit = length_control(comparisons, *length.gamed, settings.glm);
  if (!fit) {
    out.why = fit.error().message + (fit.error().hint.empty() ? "" : "; " + fit.error().hint);
    return out;
  }
  if (dropped > 0) fit->doubts.push_back(std::to_string(dropped) + " instructions have no output of the model");
  out.fit = std::move(*fit);
  return out;
}

Part win_part(const std::string& name, const std::vector<const Row*>& rows) {
  Part out;
  out.name = name;
  std::vector<double> preferences;
  for (const Row* row : rows) {
    preferences.push_back(or_missing(row->preference));
    out.counts.add(row->outcome, row->cut);
  }
  if (auto rate = win_rate(preferences)) {
    Metric win = metric("win_rate", rate->win_rate);
    with_error(win, rate->standard_error, rate->n_total);
    out.metrics.push_back(std::move(win));
  }
  return out;
}

Part summarize_one(const SummarySettings& settings, const LengthData& length, const std::vector<Row>& rows, json::object& described) {
  Part out;
  std::vector<double> preferences;
  double characters = 0;
  std::size_t outputs = 0;
  for (const Row& row : rows) {
    out.counts.add(row.outcome, row.cut);
    preferences.push_back(or_missing(row.preference));
    if (row.length_2) characters += *row.length_2, ++outputs;
  }
  WinRate rate;
  if (auto computed = win_rate(preferences)) rate = *computed;
  Metric win = metric("win_rate", rate.win_rate);
  with_error(win, rate.standard_error, rate.n_total);
  Metric error = metric("standard_error", rate.standard_error, "fewer than two preferences count");

  Controlled control = controlled(settings, length, rows);
  Metric lc = metric("length_controlled_winrate", control.fit ? std::optional(control.fit->win_rate) : std::nullopt, control.why);
  Metric lc_error = metric("lc_standard_error", control.fit ? control.fit->standard_error : std::nullopt, control.why.empty() ? "one row has no spread" : control.why);
  if (control.fit) {
    with_error(lc, control.fit->standard_error, control.fit->predictions.size());
    json::array weights(control.fit->weights.begin(), control.fit->weights.end());
    json::array doubts;
    for (const std::string& doubt : control.fit->doubts) doubts.emplace_back(doubt);
    if (rate.win_rate && is_extreme_change(*rate.win_rate, control.fit->win_rate))
      doubts.emplace_back("the length-controlled win rate is extremely far from the raw one");
    described["strength"] = control.fit->strength;
    described["weights"] = std::move(weights);
    if (!doubts.empty()) described["doubts"] = std::move(doubts);
  } else {
    described["unavailable"] = control.why;
  }
  auto count = [](std::string name, std::size_t n) { return metric(std::move(name), static_cast<double>(n)); };
  // The headline is what the version ranks by.
  if (settings.version == 2) out.metrics = {lc, lc_error, win, error};
  else out.metrics = {win, error, lc, lc_error};
  out.metrics.push_back(count("n_wins", rate.n_wins));
  out.metrics.push_back(count("n_wins_base", rate.n_wins_base));
  out.metrics.push_back(count("n_draws", rate.n_draws));
  out.metrics.push_back(count("n_total", rate.n_total));
  out.metrics.push_back(metric("discrete_win_rate", rate.discrete_win_rate));
  out.metrics.push_back(metric("avg_length", outputs ? std::optional(std::trunc(characters / static_cast<double>(outputs))) : std::nullopt, "no outputs"));
  return out;
}

std::vector<Part> by_dataset(const std::vector<std::vector<Row>>& iterations) {
  std::vector<std::string> names;
  for (const auto& rows : iterations)
    for (const Row& row : rows)
      if (!row.dataset.empty() && std::find(names.begin(), names.end(), row.dataset) == names.end()) names.push_back(row.dataset);
  std::vector<Part> out;
  if (names.size() < 2) return out;
  for (const std::string& name : names) {
    std::vector<const Row*> mine;
    for (const auto& rows : iterations)
      for (const Row& row : rows)
        if (row.dataset == name) mine.push_back(&row);
    out.push_back(win_part(name, mine));
  }
  return out;
}

}  // namespace

void summarize(const SummarySettings& settings, const LengthData& length, const std::vector<std::vector<Row>>& iterations, Report& report) {
  json::array described;
  std::vector<Part> parts;
  for (std::size_t i = 0; i < iterations.size(); ++i) {
    json::object one;
    Part part = summarize_one(settings, length, iterations[i], one);
    part.name = "iteration " + std::to_string(i + 1);
    described.push_back(std::move(one));
    parts.push_back(std::move(part));
  }
  Part& total = report.total;
  if (parts.size() == 1) {
    total.metrics = parts[0].metrics;
    total.counts = parts[0].counts;
  } else if (!parts.empty()) {
    for (std::size_t m = 0; m < parts[0].metrics.size(); ++m) {
      double sum = 0;
      std::size_t n = 0;
      for (const Part& part : parts)
        if (part.metrics[m].value) sum += *part.metrics[m].value, ++n;
      Metric mean = metric(parts[0].metrics[m].name, n == parts.size() ? std::optional(sum / static_cast<double>(n)) : std::nullopt,
                           "an iteration has none: " + parts[0].metrics[m].why_null);
      total.metrics.push_back(std::move(mean));
    }
    for (const auto& rows : iterations)
      for (const Row& row : rows) total.counts.add(row.outcome, row.cut);
    total.parts = parts;
  }
  for (Part& part : by_dataset(iterations)) total.parts.push_back(std::move(part));
  json::value& where = report.manifest["length_control"];
  if (!where.is_object()) where = json::object();
  if (described.size() == 1)
    for (auto& member : described[0].get_object()) where.get_object()[member.key()] = std::move(member.value());
  else
    where.get_object()["iterations"] = std::move(described);
  const std::size_t lost = total.counts.failed + total.counts.missing;
  if (lost > 0) {
    report.status = "incomplete";
    report.reason = std::to_string(lost) + " of " + std::to_string(total.counts.total()) + " comparisons have no answer";
  }
  if (!total.metric("win_rate") || !total.metric("win_rate")->value) {
    report.status = "failed";
    report.reason = "no comparison has a preference";
  }
}

}  // namespace assay::alpaca_eval
