// From a document's answers to its metrics, as today's harness counts them. yaml_summary.h makes a task's numbers of many.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/harness/aggregate.h"
#include "benchmark/harness/yaml_task.h"
#include "model/request.h"
#include "stats/classification.h"

namespace assay::harness {

/// brier_score, likelihood: the right choice, and a number for each.
struct ChoiceNumbers {
  std::int64_t gold = 0;
  std::vector<double> values;
  bool operator==(const ChoiceNumbers&) const = default;
};
/// bleu, chrf, ter: the reference, and what was said.
struct TextPair {
  std::string reference, said;
  bool operator==(const TextPair&) const = default;
};
/// What a metric keeps of one document until all are there: a number, a log-likelihood and its words or bytes, two labels, ...
using MetricValue = std::variant<double, Weighted, LabelPair, ChoiceNumbers, TextPair>;

/// How a result row keeps it: a number, [log-likelihood, words], [gold, said], [gold, [numbers]], ["reference", "said"]. What
/// JSON has no number for stands as "nan", "inf" or "-inf".
json::value to_json(const MetricValue& value);

enum class Aggregation {
  mean,
  median,
  nanmean,
  perplexity,
  weighted_perplexity,
  bits_per_byte,
  f1,
  matthews_corrcoef,
  bleu,
  chrf,
  ter,
  brier_score,
  bypass
};

struct PlannedMetric {
  std::string name;
  Aggregation aggregation = Aggregation::mean;
  bool higher_is_better = true;
  F1Average average = F1Average::binary;
  bool plain = false;  // an aggregation of the task's own: the harness gives it no standard error
};
/// The inverse of to_json for this metric; `data` error where the value is of another kind.
Result<MetricValue> metric_value(const json::value& value, const PlannedMetric& metric);

/// A document under one chain of filters.
struct DocumentScores {
  std::string filter;
  PythonValue filtered;                                     // what the chain left of the answers; None for log-likelihoods
  std::vector<std::pair<std::string, MetricValue>> values;  // in the harness's order
};

/// Immutable; any thread.
class TaskScorer {
 public:
  /// Errors: unsupported (a metric, an aggregation or a filter that is not known here, or not for the task's output type, by
  /// name), usage (options).
  static Result<TaskScorer> make(const TaskConfig& task);

  const std::vector<PlannedMetric>& metrics() const;
  const PlannedMetric* metric(std::string_view name) const;
  std::vector<std::string> filters() const;

  /// multiple_choice (acc_mutual_info: conditional ones first), loglikelihood, loglikelihood_rolling: one a request of the
  /// document. `data` errors: a number of log-likelihoods that does not fit, a target that the metric cannot use.
  Result<std::vector<DocumentScores>> score(const TaskDocument& document, std::span<const Loglikelihood> answers) const;
  /// generate_until: the repeats of the document's request.
  Result<std::vector<DocumentScores>> score(const TaskDocument& document, std::span<const std::string> answers) const;

  struct State;

 private:
  std::shared_ptr<const State> state_;
};

/// The target as generate_until compares it: texts, one unless there are several targets.
Result<std::vector<std::string>> text_targets(const TaskDocument& document);
/// Pieces of a split at runs of white space, and bytes.
std::pair<std::size_t, std::size_t> words_and_bytes(std::string_view text);

}  // namespace assay::harness
