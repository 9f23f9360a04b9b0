#include "benchmark/creative_writing/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "stats/interval.h"

namespace assay::creative_writing {
namespace {

constexpr const char* kHeadline = "creative_writing_score";

Metric metric(std::string name, std::optional<double> value, std::string why = {}) {
  Metric m;
  m.name = std::move(name);
  m.value = value;
  if (!value) m.why_null = std::move(why);
  return m;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// The leaderboard's error bar: mean and 1.96 standard errors over the iterations' scores.
Metric iterations_metric(const std::vector<double>& scores) {
  Metric m = metric("iterations_mean", std::nullopt, "no iteration has more than 10 scored items");
  m.n = scores.size();
  if (scores.empty()) return m;
  m.value = mean_of(scores);
  m.why_null.clear();
  if (scores.size() < 2) return m;
  double squares = 0;
  for (double s : scores) squares += (s - *m.value) * (s - *m.value);
  const auto n = static_cast<double>(scores.size());
  m.stderr_ = std::sqrt(squares / (n - 1)) / std::sqrt(n);
  m.ci_low = *m.value - 1.96 * *m.stderr_;
  m.ci_high = *m.value + 1.96 * *m.stderr_;
  return m;
}

Part prompts_part(const Items& items, std::span<const Rows> iterations, const story::Protocol& protocol) {
  Part out;
  out.name = "prompts";
  std::vector<Part> parts(items.ids.size());
  std::vector<std::vector<double>> scores(items.ids.size());
  for (const Rows& rows : iterations)
    for (const story::Row& row : rows) {
      if (row.item >= parts.size()) continue;
      parts[row.item].counts.add(row.outcome, row.cut);
      out.counts.add(row.outcome, row.cut);
      if (auto score = story::item_score(row.scores, protocol.negatives)) scores[row.item].push_back(10 * *score);
    }
  std::vector<double> means;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].name = "prompt " + items.ids[i];
    Metric m = metric(kHeadline, std::nullopt, "no story of it was scored");
    m.n = scores[i].size();
    if (!scores[i].empty()) {
      m.value = mean_of(scores[i]);
      m.why_null.clear();
      means.push_back(*m.value);
    }
    parts[i].metrics.push_back(std::move(m));
  }
  Metric m = metric(kHeadline, std::nullopt, "no story was scored");
  if (!means.empty()) m = metric(kHeadline, mean_of(means));
  m.n = means.size();
  out.metrics.push_back(std::move(m));
  out.parts = std::move(parts);
  return out;
}

/// Each criterion that was asked for: what the judge gave on average, and what that counts, on the scale of the headline.
Part criteria_part(const Items& items, std::span<const Rows> iterations, const story::Protocol& protocol) {
  struct Sum {
    double judge = 0;
    std::size_t n = 0;
  };
  std::vector<std::string> names;
  std::map<std::string, std::size_t, std::less<>> known;
  std::vector<Sum> sums;
  for (const auto& list : items.criteria)
    for (const std::string& criterion : list)
      if (known.try_emplace(criterion, names.size()).second) names.push_back(criterion);
  sums.resize(names.size());
  std::vector<story::CriterionNames> asked_for;
  asked_for.reserve(items.criteria.size());
  for (const auto& list : items.criteria) asked_for.emplace_back(list);
  for (const Rows& rows : iterations)
    for (const story::Row& row : rows) {
      if (row.item >= items.criteria.size()) continue;
      for (const auto& [name, value] : row.scores)
        if (auto asked = asked_for[row.item].find(name)) {
          Sum& sum = sums[known.find(items.criteria[row.item][*asked])->second];
          sum.judge += value;
          ++sum.n;
        }
    }
  Part out;
  out.name = "criteria";
  double all = 0;
  std::size_t answered = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (sums[i].n == 0) continue;
    const double mean = sums[i].judge / static_cast<double>(sums[i].n);
    const double counts = 10 * story::counted_value(names[i], mean, protocol.negatives);
    Part part;
    part.name = names[i] + (story::is_negative(names[i], protocol.negatives) ? " (lower is better)" : "");
    part.metrics.push_back(metric(kHeadline, counts));
    part.metrics.back().n = sums[i].n;
    part.metrics.push_back(metric("judge_mean", mean));
    part.metrics.back().n = sums[i].n;
    part.counts.scored = sums[i].n;
    out.counts.scored += sums[i].n;
    out.parts.push_back(std::move(part));
    all += counts;
    ++answered;
  }
  // Those of all prompts first; a prompt's own ones after them.
  std::stable_sort(out.parts.begin(), out.parts.end(), [](const Part& a, const Part& b) { return a.counts.scored > b.counts.scored; });
  out.metrics.push_back(answered ? metric(kHeadline, all / static_cast<double>(answered))
                                 : metric(kHeadline, std::nullopt, "no criterion was answered"));
  out.metrics.back().n = answered;
  return out;
}

}  // namespace

void summarize(const story::Protocol& protocol, const Items& items, std::size_t declared, std::span<const Rows> iterations,
               Report& report) {
  Counts& counts = report.total.counts;
  std::vector<story::IterationScore> scored;
  std::vector<double> official, counted_scores, everything;  // items of counted iterations; iterations; all items
  std::vector<std::size_t> clusters, all_clusters;
  std::size_t silent = 0, short_stories = 0, unread = 0, silent_judgements = 0;
  double length = 0;
  std::size_t lengths = 0;
  for (const Rows& rows : iterations) {
    std::vector<double> values;
    std::vector<std::size_t> of;
    for (const story::Row& row : rows) {
      counts.add(row.outcome, row.cut);
      if (row.silent) ++silent;
      short_stories += row.short_stories;
      unread += row.unread_judgements;
      silent_judgements += row.silent_judgements;
      auto score = story::item_score(row.scores, protocol.negatives);
      if (!score) continue;
      values.push_back(*score);
      of.push_back(row.item);
      if (row.length) {
        length += static_cast<double>(row.length);
        ++lengths;
      }
    }
    scored.push_back(story::score_iteration(values));
    for (std::size_t i = 0; i < values.size(); ++i) {
      everything.push_back(10 * values[i]);
      all_clusters.push_back(of[i]);
      if (!scored.back().counted()) continue;
      official.push_back(10 * values[i]);
      clusters.push_back(of[i]);
    }
    if (scored.back().counted()) counted_scores.push_back(10 * scored.back().mean);
  }
  const story::RunScore run = story::score_run(scored);
  const std::size_t absent = counts.failed - silent + counts.missing;

  std::vector<Metric>& metrics = report.total.metrics;
  Metric score = metric(kHeadline, std::nullopt, "no iteration has more than 10 scored items (the original reports 0 then)");
  score.n = official.size();
  if (run.counted) {
    score.value = run.score;
    score.raw = run.raw;
    score.why_null.clear();
    // The official figure is a mean of iteration means; the interval of the items' mean is moved onto it.
    Estimate estimate = clustered_mean(official, clusters);
    score.stderr_ = estimate.stderr_;
    if (estimate.ci_low) score.ci_low = *estimate.ci_low + (run.raw - estimate.mean);
    if (estimate.ci_high) score.ci_high = *estimate.ci_high + (run.raw - estimate.mean);
  }
  metrics.push_back(std::move(score));
  metrics.push_back(iterations_metric(counted_scores));
  Metric mean = metric("item_mean", std::nullopt, "no story was scored");
  mean.n = everything.size();
  if (!everything.empty()) {
    Estimate estimate = clustered_mean(everything, all_clusters);
    mean.value = estimate.mean;
    mean.why_null.clear();
    mean.stderr_ = estimate.stderr_;
    mean.ci_low = estimate.ci_low;
    mean.ci_high = estimate.ci_high;
  }
  metrics.push_back(std::move(mean));
  auto number = [&](const char* name, std::size_t n) { metrics.push_back(metric(name, static_cast<double>(n))); };
  number("iterations_counted", run.counted);
  number("items_scored", everything.size());
  number("short_stories", short_stories);
  number("unread_judgements", unread);
  number("silent_judgements", silent_judgements);
  if (lengths) metrics.push_back(metric("story_length", length / static_cast<double>(lengths)));

  if (iterations.size() > 1)
    for (std::size_t i = 0; i < iterations.size(); ++i) {
      Part part;
      part.name = "iteration " + std::to_string(i + 1);
      Metric m = scored[i].counted() ? metric(kHeadline, 10 * scored[i].mean) : metric(kHeadline, std::nullopt, "it has no more than 10 scored items");
      m.n = scored[i].items;
      part.metrics.push_back(std::move(m));
      for (const story::Row& row : iterations[i]) part.counts.add(row.outcome, row.cut);
      report.total.parts.push_back(std::move(part));
    }
  report.total.parts.push_back(prompts_part(items, iterations, protocol));
  if (!items.criteria.empty()) report.total.parts.push_back(criteria_part(items, iterations, protocol));

  if (protocol.program != "2.4") report.deviates.push_back("option program=" + protocol.program + " instead of 2.4");

  const std::size_t wanted = items.ids.size() * declared;
  if (absent || counts.total() < wanted) {
    report.status = "incomplete";
    std::size_t lacking = std::max(absent, wanted - std::min(wanted, counts.total()));
    report.reason = std::to_string(lacking) + " of " + std::to_string(wanted) + " stories have no judgement (" +
                    std::to_string(counts.failed - silent) + " failed, " + std::to_string(counts.missing) + " missing)";
  } else if (everything.empty()) {
    report.status = "failed";
    report.reason = "no story was scored";
  } else if (!run.counted && items.ids.size() > story::kFewItems) {
    report.status = "failed";
    report.reason = "no iteration has more than 10 scored items (" + std::to_string(everything.size()) + " of " + std::to_string(wanted) +
                    " stories were scored)";
  } else {
    report.status = "complete";
  }
}

}  // namespace assay::creative_writing
