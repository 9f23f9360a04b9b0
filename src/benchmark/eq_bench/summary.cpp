#include "benchmark/eq_bench/summary.h"

#include "base/number.h"
#include "benchmark/eq_bench/aggregate.h"
#include "stats/interval.h"

namespace assay::eq_bench {
namespace {

enum class Formula { v1, v2, v1_strict };

QuestionScore pick(const SampleRow& row, Formula formula) {
  if (formula == Formula::v1) return {row.first_v1, row.revised_v1};
  return {row.first_other, row.revised_other};
}

std::vector<IterationScore> score_all(std::span<const IterationRows> iterations, Formula formula) {
  std::vector<IterationScore> out;
  std::vector<QuestionScore> scores;
  for (const IterationRows& rows : iterations) {
    scores.clear();
    for (const SampleRow& row : rows) scores.push_back(pick(row, formula));
    out.push_back(score_iteration(scores));
  }
  return out;
}

Metric metric(std::string name, double value) {
  Metric m;
  m.name = std::move(name);
  m.value = value;
  return m;
}

/// The mean over iterations of one of upstream's six numbers.
template <class Get>
double mean_of(const std::vector<IterationScore>& iterations, Get get) {
  double sum = 0;
  for (const IterationScore& s : iterations) sum += static_cast<double>(get(s));
  return iterations.empty() ? 0 : sum / static_cast<double>(iterations.size());
}

void add_passes(std::vector<Metric>& metrics, const std::vector<IterationScore>& iterations, bool revise) {
  metrics.push_back(metric("first_pass_score", mean_of(iterations, [](const IterationScore& s) { return s.first_pass; })));
  metrics.push_back(
      metric("first_pass_parseable", mean_of(iterations, [](const IterationScore& s) { return s.first_pass_parseable; })));
  if (!revise) return;
  metrics.push_back(metric("revised_score", mean_of(iterations, [](const IterationScore& s) { return s.revised; })));
  metrics.push_back(
      metric("revised_parseable", mean_of(iterations, [](const IterationScore& s) { return s.revised_parseable; })));
}

Metric rounded(std::string name, const RunScore& run) {
  Metric m = metric(std::move(name), run.score);
  m.raw = run.raw;
  return m;
}

}  // namespace

void summarize(const Protocol& protocol, std::size_t questions, std::size_t declared, std::span<const IterationRows> iterations,
               Report& report) {
  const Formula official = protocol.version == 2 ? Formula::v2 : protocol.strict ? Formula::v1_strict : Formula::v1;
  if (iterations.size() > declared) iterations = iterations.first(declared);
  const std::size_t divisor = protocol.divide_by_declared ? declared : iterations.size();
  const std::vector<IterationScore> scored = score_all(iterations, official);
  const RunScore run = score_run(scored, divisor);

  // The question scores that entered the final score, for our own error and our own denominator.
  std::vector<double> values;
  std::vector<std::size_t> clusters;
  std::size_t rows = 0;
  for (const IterationRows& one : iterations) rows += one.size();
  values.reserve(rows);
  clusters.reserve(rows);
  double sum = 0;
  bool every_iteration_counts = iterations.size() == divisor;
  Counts& counts = report.total.counts;
  std::size_t silent = 0;
  for (std::size_t i = 0; i < iterations.size(); ++i) {
    std::size_t before = values.size();
    for (const SampleRow& row : iterations[i]) {
      counts.add(row.outcome, row.cut);
      if (row.silent) ++silent;
      QuestionScore score = pick(row, official);
      std::optional<double> entered = scored[i].final_is_revised ? score.revised : score.first_pass;
      if (!entered) continue;
      values.push_back(*entered * 10);
      clusters.push_back(row.question);
      sum += *entered * 10;
    }
    every_iteration_counts = every_iteration_counts && values.size() > before;
  }
  const std::size_t absent = counts.failed - silent + counts.missing;
  const std::size_t answered = counts.total() - absent;

  std::vector<Metric>& metrics = report.total.metrics;
  Metric score = rounded("score", run);
  score.n = values.size();
  if (answered == 0) {
    score.value.reset();
    score.raw.reset();
    score.why_null = "no question was answered";
  } else if (every_iteration_counts) {
    // The official figure is a mean of iteration means; the interval of the questions' mean is moved onto it.
    Estimate estimate = clustered_mean(values, clusters);
    score.stderr_ = estimate.stderr_;
    if (estimate.ci_low) score.ci_low = *estimate.ci_low + (run.raw - estimate.mean);
    if (estimate.ci_high) score.ci_high = *estimate.ci_high + (run.raw - estimate.mean);
  }
  metrics.push_back(std::move(score));
  metrics.push_back(metric("parseable", run.parseable));
  metrics.back().raw = run.parseable_raw;
  add_passes(metrics, scored, protocol.revise);

  Metric all = metric("score_all_answered", 0);
  all.n = answered;
  if (answered == 0) {
    all.value.reset();
    all.why_null = "no question was answered";
  } else {
    all.value = sum / static_cast<double>(answered);
  }
  metrics.push_back(std::move(all));
  auto other = [&](const char* name, Formula formula) {
    if (answered > 0) metrics.push_back(rounded(name, score_run(score_all(iterations, formula), divisor)));
  };
  if (protocol.version == 2) {
    other("score_v1_formula", Formula::v1);
  } else if (protocol.strict) {
    other("score_not_strict", Formula::v1);
  } else {
    other("score_strict", Formula::v1_strict);
  }

  if (iterations.size() > 1)
    for (std::size_t i = 0; i < iterations.size(); ++i) {
      Part part;
      part.name = "iteration " + std::to_string(i + 1);
      part.metrics.push_back(metric("final_score", scored[i].final_score()));
      part.metrics.push_back(metric("final_parseable", static_cast<double>(scored[i].final_parseable())));
      add_passes(part.metrics, {scored[i]}, protocol.revise);
      for (const SampleRow& row : iterations[i]) part.counts.add(row.outcome, row.cut);
      report.total.parts.push_back(std::move(part));
    }

  if (protocol.strict && protocol.version == 1)
    report.deviates.emplace_back("option strict=true: names in other case count in the v1 formula");
  if (protocol.program != "2.4") report.deviates.push_back("option program=" + protocol.program + " instead of 2.4");

  // Unanswered questions could still turn out parseable: the run has failed only when even that would not save it.
  const double at_best = run.parseable_raw + (divisor ? static_cast<double>(absent) / static_cast<double>(divisor) : 0);
  if (too_few_parseable(absent ? at_best : run.parseable, questions)) {
    report.status = "failed";
    report.reason = too_few_text(run.parseable);
  } else if (absent || counts.total() < questions * declared) {
    report.status = "incomplete";
    std::size_t lacking = std::max(absent, questions * declared - counts.total());
    report.reason = std::to_string(lacking) + " of " + std::to_string(questions * declared) + " questions have no answer (" +
                    std::to_string(counts.failed - silent) + " failed, " + std::to_string(counts.missing) + " missing)";
    if (too_few_parseable(run.parseable, questions)) report.reason += "; " + too_few_text(run.parseable);
  } else {
    report.status = "complete";
  }
}

}  // namespace assay::eq_bench
