// A task's numbers from its documents' metrics, and a group's from its tasks', as today's harness aggregates them: sums from left
// to right in document order, standard errors in closed form or by the seeded bootstrap.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "benchmark/harness/yaml_scoring.h"
#include "benchmark/harness/yaml_task.h"
#include "run/report.h"

namespace assay::harness {

struct AggregateValue {
  std::string metric, filter;
  std::optional<double> value;    // none: see why
  std::optional<double> stderr_;  // none: "N/A" in the harness's files
  std::string why{};
  std::size_t n = 0;  // documents it rests on
  std::optional<bool> lower_is_better{};  // none where the tasks of a group disagree
  /// "acc,none"; "acc_stderr,none".
  std::string key() const { return metric + "," + filter; }
  std::string stderr_key() const { return metric + "_stderr," + filter; }
};

struct TaskAggregate {
  std::string task;
  std::size_t sample_len = 0;
  std::vector<AggregateValue> values;  // in the harness's order: chain after chain
  const AggregateValue* find(std::string_view metric, std::string_view filter) const;
};

/// Takes documents in plan order. Not thread-safe.
class TaskTally {
 public:
  TaskTally(std::string task, TaskScorer scorer) : task_(std::move(task)), scorer_(std::move(scorer)) {}
  void add(std::span<const DocumentScores> document);
  /// One value, as read from a result row.
  void add(std::string_view filter, std::string_view metric, MetricValue value);
  /// `bootstrap`: iterations (100,000 by default in the harness; at most 100 for metrics called bleu, chrf and ter); 0 = no
  /// standard errors at all. Runs on `threads` threads (0 = as many as the machine has); the result does not depend on them.
  TaskAggregate finish(std::size_t bootstrap, unsigned threads = 0) const;

 private:
  struct Column {
    std::string filter, metric;
    std::vector<MetricValue> values;
  };
  std::string task_;
  TaskScorer scorer_;
  std::vector<Column> columns_;
};

struct GroupAggregate {
  std::string group, alias;
  std::size_t sample_len = 0;          // of all leaves
  std::vector<AggregateValue> values;  // `n`: the harness's sample_count
};
/// `leaves`: the group's tasks at any depth. Weighted by size, or the plain mean, as each entry of aggregate_metric_list says;
/// the standard error pools the tasks' own and is none where one of them has none. Nothing for a group without such a list.
GroupAggregate aggregate_group(const TaskGroup& group, std::span<const TaskAggregate* const> leaves);

/// sqrt( (sum((n_i - 1) se_i^2 n_i) / (sum n_i - number)) / sum n_i ).
double pooled_stderr(std::span<const double> errors, std::span<const std::size_t> sizes);
/// sum(v_i n_i) / sum(n_i), or with every n_i = 1.
double aggregate_mean(std::span<const double> values, std::span<const std::size_t> sizes, bool weight_by_size);

/// For a Report: named "acc", or "exact_match,strict-match" where the task has several chains; with 95 % intervals where there
/// are standard errors.
std::vector<Metric> report_metrics(std::span<const AggregateValue> values);

}  // namespace assay::harness
