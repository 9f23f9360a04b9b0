#include "benchmark/mixeval/summary.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "base/number.h"
#include "base/text.h"
#include "stats/cluster_bootstrap.h"
#include "stats/interval.h"

namespace assay::mixeval {
namespace {

constexpr std::size_t kReplicates = 2000;
constexpr std::int64_t kSeed = 42;  // the original's, for verdicts; intervals are drawn with the same
constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};

Metric metric(std::string name, std::optional<double> value, std::string why = "nothing was judged") {
  Metric m;
  m.name = std::move(name);
  m.value = value;
  if (!value) m.why_null = std::move(why);
  return m;
}

Metric count(std::string name, std::size_t n) { return metric(std::move(name), static_cast<double>(n)); }

/// Values of one split over all iterations, with the entry each belongs to.
struct Values {
  std::vector<double> values;
  std::vector<std::size_t> clusters, entries;
};

struct Side {
  Split split = Split::free_form;
  const SideItems* items = nullptr;
  std::vector<SideScores> scores;  // one an iteration
  Values official, zero, skipped;
  std::vector<double> means;      // replicates of the official score
  std::size_t random = 0, blocked = 0, judge_calls = 0;
  Counts counts;
  std::vector<Counts> counts_of;  // one a name
  std::vector<std::string> names;
  std::unordered_map<std::string_view, std::size_t> places;  // of names; a file may have as many as it has lines
};

void add(Values& values, const SideOutcome& outcome, const SideItems& items) {
  for (std::size_t i = 0; i < outcome.judged.size(); ++i) {
    values.values.push_back(outcome.judged[i].value);
    values.entries.push_back(outcome.entries[i]);
    values.clusters.push_back(items.clusters[outcome.entries[i]]);
  }
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// The overall score, unrounded.
std::optional<double> both(const Values& a, const Values& b, ScoreRule rule) {
  const auto weights = overall_weights(a.values.size(), b.values.size(), rule);
  if (!weights) return std::nullopt;
  return mean(a.values) * weights->first + mean(b.values) * weights->second;
}

/// One entry, however often it is there, says nothing of others.
bool says_more(const Values& values) {
  return std::any_of(values.clusters.begin(), values.clusters.end(), [&](std::size_t c) { return c != values.clusters.front(); });
}

/// Interval and standard error from replicates of a mean whose unrounded value is `exact`. Never outside of 0 to 1, as scores are.
void put_interval(std::vector<double> means, double exact, Metric& m) {
  const auto interval = percentile_interval(means);
  // On the figure that is shown, which rounding has moved a little.
  const double shift = m.value.value_or(exact) - exact;
  m.ci_low = std::clamp(interval->low + shift, 0.0, 1.0);
  m.ci_high = std::clamp(interval->high + shift, 0.0, 1.0);
  double squares = 0;
  const double middle = mean(means);
  for (double v : means) squares += (v - middle) * (v - middle);
  m.stderr_ = std::sqrt(squares / static_cast<double>(means.size() - 1));
}

/// Interval and standard error of the overall score: both splits are drawn separately and put together by their weights.
void add_interval(const Side& ff, const Side& mc, double exact, ScoreRule rule, Metric& m) {
  const auto weights = overall_weights(ff.official.values.size(), mc.official.values.size(), rule);
  if (!weights || (!says_more(ff.official) && !says_more(mc.official))) return;
  const std::vector<double>&a = ff.means, &b = mc.means;
  std::vector<double> means(kReplicates);
  for (std::size_t i = 0; i < kReplicates; ++i) means[i] = (a.empty() ? 0 : a[i] * weights->first) + (b.empty() ? 0 : b[i] * weights->second);
  put_interval(std::move(means), exact, m);
}

/// `means`: the replicates, where there are some; else the interval comes from the clusters' variance, which is free of draws and good enough for
/// a source benchmark.
Metric with_estimate(std::string name, std::optional<double> value, const std::vector<double>& values, const std::vector<std::size_t>& clusters, const std::vector<double>* means = nullptr) {
  Metric m = metric(std::move(name), value);
  m.n = values.size();
  // One entry, however often it is there, says nothing of others.
  if (values.empty() || std::all_of(clusters.begin(), clusters.end(), [&](std::size_t c) { return c == clusters.front(); })) return m;
  if (means) {
    put_interval(*means, mean(values), m);
    return m;
  }
  const Estimate estimate = clustered_mean(values, clusters);
  m.stderr_ = estimate.stderr_;
  if (estimate.ci_low) m.ci_low = std::clamp(*estimate.ci_low, 0.0, 1.0);
  if (estimate.ci_high) m.ci_high = std::clamp(*estimate.ci_high, 0.0, 1.0);
  return m;
}

/// A key's official score, mean over iterations that have it.
std::optional<double> score_of(const Side& side, std::string_view key) {
  double sum = 0;
  std::size_t n = 0;
  for (const SideScores& scores : side.scores)
    if (const SideScores::Key* found = scores.find(key); found && found->n) sum += found->score, ++n;
  if (n == 0) return std::nullopt;
  return sum / static_cast<double>(n);
}

Part side_part(const Side& side, const Settings& settings) {
  Part out;
  out.name = name(side.split);
  out.counts = side.counts;
  const auto overall = score_of(side, "overall");
  out.metrics.push_back(with_estimate("score", overall, side.official.values, side.official.clusters, &side.means));
  out.metrics.push_back(count("entries", side.items->size()));
  out.metrics.push_back(count("distinct_entries", std::set<std::size_t>(side.items->clusters.begin(), side.items->clusters.end()).size()));
  out.metrics.push_back(metric("effective_entries", effective_size(side.items->clusters)));
  if (settings.wants_judge(side.split)) {
    out.metrics.push_back(count("random_verdicts", side.random));
    out.metrics.push_back(count("blocked_verdicts", side.blocked));
    out.metrics.push_back(count("judge_calls", side.judge_calls));
  } else if (side.split == Split::multiple_choice) {
    out.metrics.push_back(count("guessed_options", side.random));
  }
  struct Source {
    std::vector<double> values;
    std::vector<std::size_t> clusters;  // of `values`
    std::set<std::size_t> distinct;     // of all entries
  };
  std::vector<Source> sources(side.names.size());
  auto source_of = [&](std::size_t entry) -> Source& { return sources[side.places.at(side.items->benchmarks[entry])]; };
  for (std::size_t k = 0; k < side.official.values.size(); ++k) {
    Source& source = source_of(side.official.entries[k]);
    source.values.push_back(side.official.values[k]);
    source.clusters.push_back(side.official.clusters[k]);
  }
  for (std::size_t k = 0; k < side.items->size(); ++k) source_of(k).distinct.insert(side.items->clusters[k]);
  for (std::size_t i = 0; i < side.names.size(); ++i) {
    Part part;
    part.name = side.names[i];
    part.counts = side.counts_of[i];
    part.metrics.push_back(with_estimate("score", score_of(side, side.names[i]), sources[i].values, sources[i].clusters));
    part.metrics.push_back(count("distinct_entries", sources[i].distinct.size()));
    out.parts.push_back(std::move(part));
  }
  return out;
}

}  // namespace

SideItems items_of(const std::vector<Entry>& entries) {
  SideItems out;
  out.clusters = clusters_of(entries);
  for (const Entry& entry : entries) {
    out.benchmarks.push_back(entry.benchmark_name);
    out.options.push_back(entry.options.size());
    out.answers.push_back(entry.answer);
  }
  return out;
}

SideOutcome official_side(Split split, const Settings& settings, Unparsed unparsed, const SideItems& items, const std::vector<Row>& rows, bool as_stored, PythonRandom& random) {
  SideOutcome out;
  const bool choice = split == Split::multiple_choice;
  auto put = [&](const Row& row, double value) {
    out.judged.push_back({items.benchmarks[row.entry], value});
    out.entries.push_back(row.entry);
  };
  auto without_verdict = [&](const Row& row) {
    if (unparsed == Unparsed::zero) put(row, 0);
  };
  const bool draws = unparsed == Unparsed::random || unparsed == Unparsed::error;
  if (as_stored) {
    for (const Row& row : rows) {
      if (!row.answered) continue;
      if (!row.value) (row.blocked ? out.blocked : out.random) += 1;
      if (row.value)
        put(row, *row.value);
      else if (draws)
        put(row, row.drawn.value_or(0));
      else
        without_verdict(row);
    }
    return out;
  }
  if (settings.parser(split) == Parser::rule) {
    for (const Row& row : rows) {
      if (!row.answered) continue;
      if (row.value) {
        put(row, *row.value);
        continue;
      }
      ++out.random;
      if (draws)
        put(row, random.choice(items.options[row.entry]) == items.answers[row.entry] ? 1 : 0);
      else
        without_verdict(row);
    }
    return out;
  }
  std::vector<JudgeOutcome> outcomes;
  std::vector<std::size_t> options, of;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (!row.answered) continue;
    JudgeOutcome one;
    one.rounds = row.judge_calls;
    one.blocked = row.blocked;
    one.accepted = row.value.has_value();
    if (row.value) one.score = *row.value;
    if (row.option) one.option = option_letter(*row.option);
    out.random += !one.accepted && !one.blocked;
    out.blocked += one.blocked;
    outcomes.push_back(std::move(one));
    options.push_back(items.options[row.entry]);
    of.push_back(i);
  }
  for (const Verdict& verdict : settle(split, outcomes, options, random)) {
    const Row& row = rows[of[verdict.entry]];
    if ((verdict.random || verdict.blocked) && !draws)
      without_verdict(row);
    else
      put(row, choice ? (verdict.option == option_letter(items.answers[row.entry]) ? 1 : 0) : verdict.score);
  }
  return out;
}

void summarize(const Settings& settings, const SideItems& free_form, const SideItems& multiple_choice, std::span<const IterationRows> iterations, Report& report) {
  Side sides[2];
  sides[0].items = &free_form;
  sides[1].items = &multiple_choice;
  std::vector<double> overall;
  std::size_t absent = 0;
  for (std::size_t s = 0; s < 2; ++s) {
    sides[s].split = kSplits[s];
    for (const std::string& benchmark : sides[s].items->benchmarks)
      if (sides[s].places.try_emplace(benchmark, sides[s].names.size()).second) sides[s].names.push_back(benchmark);
    sides[s].counts_of.resize(sides[s].names.size());
  }
  for (const IterationRows& rows : iterations) {
    PythonRandom random(kSeed);
    for (Side& side : sides) {
      const std::vector<Row>& own = rows.side(side.split);
      for (const Row& row : own) {
        report.total.counts.add(row.outcome, row.cut);
        side.counts.add(row.outcome, row.cut);
        side.counts_of[side.places.at(side.items->benchmarks[row.entry])].add(row.outcome, row.cut);
        side.judge_calls += static_cast<std::size_t>(row.judge_calls);
        if (!row.answered) ++absent;
      }
      if (settings.inference_only) continue;
      const SideOutcome official = official_side(side.split, settings, settings.unparsed, *side.items, own, rows.as_stored, random);
      side.random += official.random;
      side.blocked += official.blocked;
      side.scores.push_back(score_side(official.judged));
      add(side.official, official, *side.items);
      PythonRandom unused(kSeed);
      add(side.zero, official_side(side.split, settings, Unparsed::zero, *side.items, own, rows.as_stored, unused), *side.items);
      add(side.skipped, official_side(side.split, settings, Unparsed::skip, *side.items, own, rows.as_stored, unused), *side.items);
    }
    if (settings.inference_only) continue;
    if (const Scores scores = combine(sides[0].scores.back(), sides[1].scores.back(), settings.score); !scores.empty()) overall.push_back(scores.front().second);
  }
  const std::size_t wanted = (free_form.size() + multiple_choice.size()) * iterations.size();
  std::vector<Metric>& metrics = report.total.metrics;
  for (const std::string& one : settings.deviations()) report.deviates.push_back(one);
  if (settings.inference_only) {
    metrics.push_back(count("answered", report.total.counts.scored));
    report.deviates.emplace_back("answers only, nothing is judged");
  } else {
    const char* why = settings.score == ScoreRule::current ? "nothing was judged" : "this rule takes the mean of both splits, and one has nothing that was judged";
    Metric headline = metric("overall", overall.empty() ? std::nullopt : std::optional(mean(overall)), why);
    headline.n = sides[0].official.values.size() + sides[1].official.values.size();
    if (auto exact = both(sides[0].official, sides[1].official, settings.score)) {
      PythonRandom random(kSeed);
      for (Side& side : sides) side.means = cluster_bootstrap(side.official.values, side.official.clusters, kReplicates, random);
      add_interval(sides[0], sides[1], *exact, settings.score, headline);
    }
    metrics.push_back(std::move(headline));
    for (const Side& side : sides)
      metrics.push_back(with_estimate(side.split == Split::free_form ? "free_form" : "multiple_choice", score_of(side, "overall"), side.official.values, side.official.clusters, &side.means));
    metrics.push_back(metric("overall_exact", both(sides[0].official, sides[1].official, settings.score), why));
    metrics.push_back(metric("overall_unparsed_zero", both(sides[0].zero, sides[1].zero, settings.score), why));
    metrics.back().n = sides[0].zero.values.size() + sides[1].zero.values.size();
    metrics.push_back(metric("overall_unparsed_skipped", both(sides[0].skipped, sides[1].skipped, settings.score), why));
    metrics.back().n = sides[0].skipped.values.size() + sides[1].skipped.values.size();
    const std::size_t random = sides[0].random + sides[1].random, blocked = sides[0].blocked + sides[1].blocked;
    metrics.push_back(count("random_verdicts", random));
    metrics.push_back(count("blocked_verdicts", blocked));
    metrics.push_back(count("judge_calls", sides[0].judge_calls + sides[1].judge_calls));
    // The original leaves nothing unparsed; a score that chance has written a part of is marked.
    if (metrics.front().n && *metrics.front().n > 0 && random * 100 > *metrics.front().n && settings.unparsed == Unparsed::random)
      report.deviates.push_back(fixed(100.0 * static_cast<double>(random) / static_cast<double>(*metrics.front().n), 1) + " % of the verdicts are random, as no verdict could be had");
  }
  std::size_t distinct = 0, entries = 0;
  for (const Side& side : sides) {
    distinct += std::set<std::size_t>(side.items->clusters.begin(), side.items->clusters.end()).size();
    entries += side.items->size();
    if (side.items->size() > 0) report.total.parts.push_back(side_part(side, settings));
  }
  metrics.push_back(count("distinct_entries", distinct));
  // The splits share no entry: squares of multiplicities add up.
  double squares = 0;
  for (const Side& side : sides)
    if (side.items->size() > 0) squares += static_cast<double>(side.items->size()) * static_cast<double>(side.items->size()) / effective_size(side.items->clusters);
  metrics.push_back(metric("effective_entries", squares > 0 ? std::optional(static_cast<double>(entries) * static_cast<double>(entries) / squares) : std::nullopt));
  if (!settings.inference_only) {
    double sum = 0;
    std::size_t balanced = 0;
    for (const Part& side : report.total.parts)
      for (const Part& part : side.parts)
        if (const Metric* own = part.metric("distinct_entries"); own && own->value.value_or(0) >= 20 && part.metrics.front().value) sum += *part.metrics.front().value, ++balanced;
    metrics.push_back(metric("balanced", balanced ? std::optional(sum / static_cast<double>(balanced)) : std::nullopt, "no source benchmark has 20 distinct entries"));
    metrics.back().n = balanced;
    // Where a source benchmark stands on both sides, the official figure for it weighs them.
    if (iterations.size() == 1 && settings.score == ScoreRule::current) {
      Part combined;
      combined.name = "both splits";
      for (const auto& [key, score] : combine(sides[0].scores.front(), sides[1].scores.front())) {
        const auto ff = sides[0].places.find(key), mc = sides[1].places.find(key);
        if (ff == sides[0].places.end() || mc == sides[1].places.end()) continue;
        Part part;
        part.name = key;
        part.metrics.push_back(metric("score", score));
        part.counts = sides[0].counts_of[ff->second];
        const Counts& more = sides[1].counts_of[mc->second];
        part.counts.scored += more.scored;
        part.counts.unparseable += more.unparseable;
        part.counts.truncated += more.truncated;
        part.counts.failed += more.failed;
        part.counts.missing += more.missing;
        part.counts.scored_cut += more.scored_cut;
        combined.parts.push_back(std::move(part));
      }
      combined.metrics.push_back(metric("score", metrics.front().value));
      combined.counts = report.total.counts;
      if (!combined.parts.empty()) report.total.parts.push_back(std::move(combined));
    }
  }
  if (report.total.counts.total() < wanted) absent += wanted - report.total.counts.total();
  if (absent) {
    report.status = "incomplete";
    report.reason = std::to_string(absent) + " of " + std::to_string(wanted) + " entries have no judgement (" + std::to_string(report.total.counts.failed) + " failed, " +
                    std::to_string(report.total.counts.missing) + " missing)";
  } else if (settings.unparsed == Unparsed::error && sides[0].random + sides[1].random > 0) {
    report.status = "failed";
    report.reason = std::to_string(sides[0].random + sides[1].random) + " answers have no verdict, and on_unparsed=error allows none";
  } else {
    report.status = "complete";
  }
}

}  // namespace assay::mixeval
