#include "benchmark/alpaca_eval/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "benchmark/alpaca_eval/win_rate.h"
#include "stats/interval.h"

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
  if (settings.by_place) comparisons.difficulty_index.clear();  // which are these places; and gaps are doubtful then
  auto fit = length_control(comparisons, *length.gamed, settings.glm);
  if (!fit) {
    out.why = fit.error().message + (fit.error().hint.empty() ? "" : "; " + fit.error().hint);
    return out;
  }
  if (dropped > 0) fit->doubts.push_back(std::to_string(dropped) + " instructions have no output of the model");
  out.fit = std::move(*fit);
  return out;
}

/// The error of a win rate over several iterations: what is said of one instruction again and again is no new instruction.
std::optional<double> clustered_error(const std::vector<const Row*>& rows) {
  std::vector<double> wins;
  std::vector<std::size_t> sample;
  for (const Row* row : rows) {
    const double preference = row->preference && *row->preference == 0 ? 1.5 : or_missing(row->preference);
    if (!(preference >= 1 && preference <= 2)) continue;
    wins.push_back(preference - 1);
    sample.push_back(row->index);
  }
  const auto error = clustered_mean(wins, sample).stderr_;
  return error ? std::optional(100 * *error) : std::nullopt;
}

Part win_part(const std::string& name, const std::vector<const Row*>& rows, bool several_iterations) {
  Part out;
  out.name = name;
  std::vector<double> preferences;
  for (const Row* row : rows) {
    preferences.push_back(or_missing(row->preference));
    out.counts.add(row->outcome, row->cut);
  }
  if (auto rate = win_rate(preferences)) {
    Metric win = metric("win_rate", rate->win_rate);
    with_error(win, several_iterations ? clustered_error(rows) : rate->standard_error, rate->n_total);
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

/// The win rate of several iterations gets its error, which the metric of that name also says.
void put_clustered_error(Part& total, const std::vector<const Row*>& rows) {
  const std::optional<double> error = clustered_error(rows);
  std::size_t n = 0;
  for (const Row* row : rows) n += row->preference && (*row->preference == 0 || (*row->preference >= 1 && *row->preference <= 2));
  for (Metric& one : total.metrics) {
    if (one.name == "win_rate") with_error(one, error, n);
    if (one.name == "standard_error") one = metric("standard_error", error, "fewer than two samples count");
  }
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
    out.push_back(win_part(name, mine, iterations.size() > 1));
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
    std::vector<const Row*> all;
    for (const auto& rows : iterations)
      for (const Row& row : rows) {
        total.counts.add(row.outcome, row.cut);
        all.push_back(&row);
      }
    put_clustered_error(total, all);
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

void note_missing_headline(int version, Report& report) {
  const Metric* controlled = report.total.metric("length_controlled_winrate");
  if (version == 2 && controlled && !controlled->value) report.deviates.emplace_back("no length-controlled win rate, which the version ranks by");
}

}  // namespace assay::alpaca_eval
