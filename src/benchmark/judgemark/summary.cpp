#include "benchmark/judgemark/summary.h"

#include <algorithm>
#include <cmath>

namespace assay::judgemark {
namespace {

Metric metric(std::string name, std::optional<double> value, std::string why = "it cannot be computed") {
  Metric m;
  m.name = std::move(name);
  m.value = value;
  if (!value) m.why_null = std::move(why);
  return m;
}

/// The error of the figure over the choice of prompts: each prompt left out in turn, for all test models at once (jackknife).
std::optional<double> prompt_error(std::span<const ModelRows> models, std::span<const Reference> references, const Settings& settings) {
  std::size_t prompts = 0;
  for (const ModelRows& model : models)
    for (const story::Row& row : model.rows) prompts = std::max(prompts, row.item + 1);
  std::vector<double> without;
  for (std::size_t left_out = 0; left_out < prompts; ++left_out) {
    std::vector<ModelRows> rest(models.begin(), models.end());
    bool any = false;
    for (ModelRows& model : rest) any = std::erase_if(model.rows, [&](const story::Row& row) { return row.item == left_out; }) > 0 || any;
    if (!any) continue;
    const Metrics metrics = compute_metrics(items_of(rest, settings.protocol.negatives), references, settings.formula);
    // Fewer than eleven stories would count as a score of zero, which says nothing about the judge.
    for (const ModelScore& model : metrics.models)
      if (!model.counted) return std::nullopt;
    if (!metrics.judgemark) return std::nullopt;
    without.push_back(*metrics.judgemark);
  }
  if (without.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(without.size());
  double mean = 0, squares = 0;
  for (double v : without) mean += v;
  mean /= n;
  for (double v : without) squares += (v - mean) * (v - mean);
  return std::sqrt(squares * (n - 1) / n);
}

}  // namespace

std::vector<ModelItems> items_of(std::span<const ModelRows> models, story::Negatives negatives) {
  std::vector<ModelItems> out;
  for (const ModelRows& model : models) {
    ModelItems one;
    one.name = model.name;
    for (const story::Row& row : model.rows)
      if (auto score = story::item_score(row.scores, negatives)) one.items.push_back(*score);
    out.push_back(std::move(one));
  }
  return out;
}

StoredResults stored_results(const Metrics& metrics) {
  StoredResults out;
  out.mean_score = metrics.mean_score.value_or(0);
  out.std_dev = metrics.std_dev.value_or(0);
  for (const ModelScore& model : metrics.models) out.model_scores.emplace_back(model.name, model.score);
  out.extended_metrics = metrics.extended;
  return out;
}

void summarize(const Settings& settings, const std::string& judge, std::span<const ModelRows> models, std::span<const Reference> references,
               bool whole, Report& report) {
  const Metrics computed = compute_metrics(items_of(models, settings.protocol.negatives), references, settings.formula);
  Counts& counts = report.total.counts;
  std::size_t silent = 0, unread = 0, silent_judgements = 0, counted = 0, scored = 0;
  for (std::size_t m = 0; m < models.size(); ++m) {
    Part part;
    part.name = models[m].name;
    for (const story::Row& row : models[m].rows) {
      counts.add(row.outcome, row.cut);
      part.counts.add(row.outcome, row.cut);
      if (row.silent) ++silent;
      unread += row.unread_judgements;
      silent_judgements += row.silent_judgements;
    }
    const ModelScore& own = computed.models[m];
    scored += own.items;
    if (own.counted) ++counted;
    Metric score = metric("model_score", own.score);
    if (own.items == 0) score = metric("model_score", std::nullopt, "no story of it was scored; it counts 0, as in the original");
    score.ci_low = own.ci_low;
    score.ci_high = own.ci_high;
    score.n = own.items;
    part.metrics.push_back(std::move(score));
    report.total.parts.push_back(std::move(part));
  }
  const std::size_t absent = counts.failed - silent + counts.missing;

  std::vector<Metric>& metrics = report.total.metrics;
  Metric headline = metric("judgemark_score", whole ? computed.judgemark : std::nullopt,
                           whole ? computed.why_null : "only a part of the stories was to be judged");
  headline.n = scored;
  if (headline.value && absent == 0)
    if (auto error = prompt_error(models, references, settings)) {
      headline.stderr_ = error;
      headline.ci_low = std::max(0.0, *headline.value - 1.96 * *error);
      headline.ci_high = std::min(100.0, *headline.value + 1.96 * *error);
    }
  metrics.push_back(std::move(headline));
  for (const auto& [name, value] : computed.extended)
    if (name != "Judgemark" && name != "aggregate_score") metrics.push_back(metric(name, value));
  metrics.push_back(metric("anova_f", computed.anova_f));
  metrics.push_back(metric("anova_p", computed.anova_p));
  metrics.push_back(metric("avg_ci_range", computed.avg_ci_range));
  metrics.push_back(metric("overlapping_range", computed.overlapping_range));
  const Bias bias = compute_bias(judge, computed.models);
  const std::string unknown = "the judge is not among those whose scores of each other are known";
  metrics.push_back(metric("self_bias", bias.self, unknown));
  metrics.push_back(metric("family_bias", bias.family, unknown));
  metrics.push_back(metric("models_scored", static_cast<double>(counted)));
  metrics.push_back(metric("items_scored", static_cast<double>(scored)));
  metrics.push_back(metric("unread_judgements", static_cast<double>(unread)));
  metrics.push_back(metric("silent_judgements", static_cast<double>(silent_judgements)));

  const std::string version = settings.formula == Formula::v2_3 ? "2.3" : "2.4";
  if (settings.protocol.program != version) report.deviates.push_back("option program=" + settings.protocol.program + " instead of " + version);

  if (absent) {
    report.status = "incomplete";
    report.reason = std::to_string(absent) + " of " + std::to_string(counts.total()) + " stories have no judgement (" +
                    std::to_string(counts.failed - silent) + " failed, " + std::to_string(counts.missing) + " missing)";
  } else if (whole && !computed.judgemark) {
    report.status = "failed";
    report.reason = computed.why_null;
  } else {
    report.status = "complete";
  }
}

}  // namespace assay::judgemark
