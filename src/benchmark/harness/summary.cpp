#include "benchmark/harness/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/interval.h"
#include "stats/pairwise_sum.h"

namespace assay::harness {
namespace {

Metric metric_of(const std::string& name, const std::vector<double>& values) {
  Metric out;
  out.name = name;
  out.n = values.size();
  if (values.empty()) {
    out.why_null = "no document was answered";
    return out;
  }
  double value = mean(values);
  if (!std::isfinite(value)) {
    out.why_null = kUnderflows;
    return out;
  }
  out.value = value;
  if (auto error = mean_stderr(values)) {
    out.stderr_ = error;
    double half = t_quantile_975(static_cast<double>(values.size() - 1)) * *error;
    out.ci_low = value - half;
    out.ci_high = value + half;
  }
  return out;
}

/// `scale` times the plain mean of metrics whose errors are independent; null when one of them is.
Metric mean_of(const std::string& name, const std::vector<const Metric*>& metrics, double scale) {
  Metric out;
  out.name = name;
  std::vector<double> values;
  double variance = 0;
  std::size_t n = 0;
  bool errors = true;
  for (const Metric* one : metrics) {
    if (!one->value) {
      out.why_null = one->why_null.empty() ? "not known" : one->why_null;
      return out;
    }
    values.push_back(*one->value);
    n += one->n.value_or(0);
    errors = errors && one->stderr_;
    if (one->stderr_) variance += *one->stderr_ * *one->stderr_;
  }
  if (metrics.empty()) {
    out.why_null = "no task";
    return out;
  }
  const auto k = static_cast<double>(metrics.size());
  out.value = pairwise_sum(values) / k * scale;  // numpy's mean, as the leaderboard takes it of 57 subjects
  out.n = n;
  if (errors) {
    out.stderr_ = std::sqrt(variance) / k * scale;
    out.ci_low = *out.value - 1.959963984540054 * *out.stderr_;
    out.ci_high = *out.value + 1.959963984540054 * *out.stderr_;
  }
  return out;
}

Metric count(const char* name, std::size_t value) {
  Metric out;
  out.name = name;
  out.value = static_cast<double>(value);
  return out;
}

void add_counts(Counts& to, const Counts& from) {
  to.scored += from.scored;
  to.unparseable += from.unparseable;
  to.truncated += from.truncated;
  to.failed += from.failed;
  to.missing += from.missing;
  to.scored_cut += from.scored_cut;
}

/// No standard errors: the original gives none either.
Metric spread(const std::string& name, const std::vector<Weighted>& items, double (*aggregate)(std::span<const Weighted>)) {
  Metric out;
  out.name = name;
  out.n = items.size();
  const double value = items.empty() ? 0 : aggregate(items);
  if (items.empty()) {
    out.why_null = "no text was answered";
  } else if (!std::isfinite(value)) {
    out.why_null = "not a finite number";
  } else {
    out.value = value;
  }
  return out;
}

Part task_part(const TaskInfo& task, const V1Tally& tally) {
  Part out;
  out.name = task.name;
  out.counts = tally.counts;
  if (task.family == TaskInfo::Family::text) {
    out.metrics.push_back(spread("word_perplexity", tally.words, weighted_perplexity));
    out.metrics.push_back(spread("byte_perplexity", tally.bytes, weighted_perplexity));
    out.metrics.push_back(spread("bits_per_byte", tally.bytes, bits_per_byte));
    return out;
  }
  const bool second_first = task.leaderboard_metric == task.metrics[1];
  for (bool second : {second_first, !second_first}) out.metrics.push_back(metric_of(task.metrics[second ? 1 : 0], second ? tally.second : tally.first));
  if (tally.truncated) out.metrics.push_back(count("truncated", tally.truncated));
  return out;
}

Part mmlu_part(std::vector<Part> subjects) {
  Part out;
  out.name = "mmlu";
  for (const char* name : {"acc", "acc_norm"}) {
    std::vector<const Metric*> metrics;
    metrics.reserve(subjects.size());
    for (const Part& subject : subjects) metrics.push_back(subject.metric(name));
    out.metrics.push_back(mean_of(name, metrics, 1));
  }
  std::size_t truncated = 0;
  for (const Part& subject : subjects) {
    add_counts(out.counts, subject.counts);
    if (const Metric* cut = subject.metric("truncated")) truncated += static_cast<std::size_t>(*cut->value);
  }
  if (truncated) out.metrics.push_back(count("truncated", truncated));
  out.parts = std::move(subjects);
  return out;
}

std::string column_of(const Part& part) {
  return part.name == "arc_challenge" ? "arc" : part.name == "truthfulqa_mc" ? "truthfulqa" : part.name;
}

void lead_suite(Part& total) {
  std::vector<Metric> columns;
  columns.reserve(total.parts.size());
  for (const Part& part : total.parts) columns.push_back(mean_of(column_of(part), {&part.metrics.front()}, 100));
  std::vector<const Metric*> all;
  all.reserve(columns.size());
  for (const Metric& column : columns) all.push_back(&column);
  total.metrics.push_back(mean_of("average", all, 1));
  for (Metric& column : columns) total.metrics.push_back(std::move(column));
}

}  // namespace

void V1Tally::add(const TaskInfo& task, const SampleResult& sample) {
  counts.add(sample.outcome, sample.cut);
  if (sample.outcome != Outcome::scored) return;
  auto value = [&](const std::string& name) {
    const json::value* stored = sample.values.if_contains(name);
    return (stored ? as_number(*stored) : std::nullopt).value_or(std::numeric_limits<double>::quiet_NaN());
  };
  if (task.family == TaskInfo::Family::text) {
    words.emplace_back(value("loglikelihood"), value("words"));
    bytes.emplace_back(value("loglikelihood"), value("bytes"));
    return;
  }
  first.push_back(value(task.metrics[0]));
  second.push_back(value(task.metrics[1]));
  if (sample.values.contains("truncated")) ++truncated;
}

void summarize(const Prepared& prepared, const std::vector<V1Tally>& tallies, Report& report) {
  Part& total = report.total;
  if (total.name.empty()) total.name = prepared.benchmark;
  std::vector<Part> parts, subjects;
  auto close_mmlu = [&] {
    if (!subjects.empty()) parts.push_back(mmlu_part(std::move(subjects)));
    subjects.clear();
  };
  std::size_t truncated = 0;
  for (std::size_t i = 0; i < prepared.tasks.size(); ++i) {
    const TaskInfo& task = prepared.tasks[i].plan.task();
    add_counts(total.counts, tallies[i].counts);
    truncated += tallies[i].truncated;
    Part part = task_part(task, tallies[i]);
    if (prepared.suite && task.family == TaskInfo::Family::mmlu) {
      subjects.push_back(std::move(part));
    } else {
      close_mmlu();
      parts.push_back(std::move(part));
    }
  }
  close_mmlu();
  if (prepared.suite) {
    total.parts = std::move(parts);
    lead_suite(total);
  } else if (parts.size() == 1) {
    total.metrics = std::move(parts.front().metrics);
  } else {
    std::vector<const Metric*> heads;
    heads.reserve(parts.size());
    for (const Part& part : parts) heads.push_back(&part.metrics.front());
    // A mean of accuracies and perplexities would say nothing.
    const bool texts = std::any_of(prepared.tasks.begin(), prepared.tasks.end(),
                                   [](const PreparedTask& t) { return t.plan.task().family == TaskInfo::Family::text; });
    if (!texts) total.metrics.push_back(mean_of("mean_of_tasks", heads, 1));
    total.parts = std::move(parts);
  }
  if (truncated && (prepared.suite || prepared.tasks.size() > 1)) total.metrics.push_back(count("truncated", truncated));
  for (const std::string& text : prepared.deviates)
    if (std::find(report.deviates.begin(), report.deviates.end(), text) == report.deviates.end()) report.deviates.push_back(text);

  const Counts& counts = total.counts;
  const std::size_t absent = counts.failed + counts.missing + (prepared.places.size() - std::min(prepared.places.size(), counts.total()));
  if (absent == 0) {
    report.status = "complete";
    return;
  }
  report.status = counts.scored == 0 ? "failed" : "incomplete";
  report.reason = std::to_string(absent) + " of " + std::to_string(prepared.places.size()) + " documents have no answer (" +
                  std::to_string(counts.failed) + " failed, " + std::to_string(counts.missing) + " missing)";
}

}  // namespace assay::harness
