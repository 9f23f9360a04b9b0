#include "benchmark/harness/yaml_summary.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "benchmark/harness/aggregate.h"
#include "stats/bleu.h"
#include "stats/chrf.h"
#include "stats/interval.h"
#include "stats/pairwise_sum.h"
#include "stats/ter.h"

namespace assay::harness {
namespace {

using Drawn = std::span<const std::size_t>;
/// The metric of the items at these places, which may repeat.
using Statistic = std::function<double(Drawn)>;

template <class T>
std::optional<std::vector<T>> all_of(std::span<const MetricValue> values) {
  std::vector<T> out;
  out.reserve(values.size());
  for (const MetricValue& value : values) {
    const T* one = std::get_if<T>(&value);
    if (!one) return std::nullopt;
    out.push_back(*one);
  }
  return out;
}

/// What an aggregation needs of its items, made once, so that the bootstrap only picks and adds.
struct Prepared {
  Statistic statistic;
  bool bootstrapped = false;
  std::string why;  // it cannot be computed
};

double nanmean(const std::vector<double>& values, Drawn drawn) {
  std::vector<double> numbers;
  std::size_t n = 0;
  for (std::size_t i : drawn) {
    const bool is_number = !std::isnan(values[i]);
    n += is_number;
    numbers.push_back(is_number ? values[i] : 0);
  }
  return n == 0 ? std::numeric_limits<double>::quiet_NaN() : pairwise_sum(numbers) / static_cast<double>(n);
}

template <class Counts>
Statistic counted(std::vector<Counts> counts, double (*score)(const Counts&)) {
  return [counts = std::move(counts), score](Drawn drawn) {
    Counts sum;
    for (std::size_t i : drawn) sum += counts[i];
    return score(sum);
  };
}

template <class Counts>
Prepared of_texts(std::span<const MetricValue> values, Counts (*count)(std::string_view, std::span<const std::string>),
                  double (*score)(const Counts&)) {
  auto texts = all_of<TextPair>(values);
  if (!texts) return {{}, false, "the metric needs a reference and an answer of each document"};
  std::vector<Counts> counts;
  for (const TextPair& pair : *texts) counts.push_back(count(pair.said, std::span(&pair.reference, 1)));
  return {counted<Counts>(std::move(counts), score), true, {}};
}

/// Each pair of labels gets a number, so that drawing counts numbers.
Prepared of_labels(std::span<const MetricValue> values, std::function<Result<double>(const LabelCounts&)> score) {
  auto labels = all_of<LabelPair>(values);
  if (!labels) return {{}, false, "the metric needs two labels of each document"};
  LabelCounts pairs = count_labels(*labels);
  if (auto whole = score(pairs); !whole) return {{}, false, whole.error().message};
  std::vector<std::size_t> number;
  for (const LabelPair& label : *labels)
    number.push_back(static_cast<std::size_t>(
        std::lower_bound(pairs.begin(), pairs.end(), label,
                         [](const auto& entry, const LabelPair& wanted) { return entry.first < wanted; }) -
        pairs.begin()));
  return {[pairs = std::move(pairs), number = std::move(number), score = std::move(score)](Drawn drawn) {
            LabelCounts counts = pairs;
            for (auto& entry : counts) entry.second = 0;
            for (std::size_t i : drawn) ++counts[number[i]].second;
            auto value = score(counts);
            return value ? *value : std::numeric_limits<double>::quiet_NaN();
          },
          true,
          {}};
}

Prepared prepare_brier(std::span<const MetricValue> values) {
  auto items = all_of<ChoiceNumbers>(values);
  if (!items) return {{}, false, "brier_score needs probabilities of each document"};
  std::vector<double> rows;
  for (const ChoiceNumbers& item : *items) {
    if (item.values.size() != items->front().values.size())
      return {{}, false, "brier_score needs as many choices of every document"};
    const auto n = static_cast<std::int64_t>(item.values.size());
    const std::int64_t gold = item.gold < 0 ? item.gold + n : item.gold;
    if (gold < 0 || gold >= n) return {{}, false, "brier_score needs a right choice of every document"};
    std::vector<double> squares;
    for (std::int64_t c = 0; c < n; ++c) {
      const double off = item.values[static_cast<std::size_t>(c)] - (c == gold ? 1.0 : 0.0);
      squares.push_back(off * off);
    }
    rows.push_back(pairwise_sum(squares));
  }
  return {[rows = std::move(rows)](Drawn) { return pairwise_sum(rows) / static_cast<double>(rows.size()); }, false, {}};
}

Prepared prepare(const PlannedMetric& metric, std::span<const MetricValue> values) {
  switch (metric.aggregation) {
    case Aggregation::bypass:
      return {[](Drawn) { return 999.0; }, false, {}};
    case Aggregation::bleu:
      return of_texts<BleuCounts>(values, [](std::string_view text, std::span<const std::string> references) { return bleu_counts(text, references); }, bleu_score);
    case Aggregation::chrf:
      return of_texts<ChrfCounts>(values, chrf_counts, chrf_score);
    case Aggregation::ter:
      return of_texts<TerCounts>(values, ter_counts, ter_score);
    case Aggregation::brier_score:
      return prepare_brier(values);
    case Aggregation::f1:
      return of_labels(values, [average = metric.average](const LabelCounts& pairs) { return f1_score(pairs, average); });
    case Aggregation::matthews_corrcoef:
      return of_labels(values, [](const LabelCounts& pairs) { return Result<double>(matthews_correlation(pairs)); });
    case Aggregation::weighted_perplexity:
    case Aggregation::bits_per_byte: {
      auto items = all_of<Weighted>(values);
      if (!items) return {{}, false, "the metric needs a log-likelihood and its weight of each document"};
      auto function = metric.aggregation == Aggregation::bits_per_byte ? bits_per_byte : weighted_perplexity;
      return {[items = std::move(*items), function](Drawn) { return function(items); }, false, {}};
    }
    default:
      break;
  }
  auto numbers = all_of<double>(values);
  if (!numbers) return {{}, false, "the metric needs a number of each document"};
  auto pick = [](const std::vector<double>& from, Drawn drawn) {
    std::vector<double> out;
    out.reserve(drawn.size());
    for (std::size_t i : drawn) out.push_back(from[i]);
    return out;
  };
  switch (metric.aggregation) {
    case Aggregation::median:
      return {[numbers = std::move(*numbers), pick](Drawn drawn) {
                std::vector<double> chosen = pick(numbers, drawn);
                std::sort(chosen.begin(), chosen.end());
                return chosen[chosen.size() / 2];
              },
              true,
              {}};
    case Aggregation::nanmean:
      return {[numbers = std::move(*numbers)](Drawn drawn) { return nanmean(numbers, drawn); }, true, {}};
    case Aggregation::perplexity:
      return {[numbers = std::move(*numbers)](Drawn drawn) {
                double sum = 0;
                for (std::size_t i : drawn) sum += numbers[i];
                return std::exp(-(sum / static_cast<double>(drawn.size())));
              },
              true,
              {}};
    default:
      return {[numbers = std::move(*numbers), pick](Drawn drawn) { return mean(pick(numbers, drawn)); }, false, {}};
  }
}

}  // namespace

const AggregateValue* TaskAggregate::find(std::string_view metric, std::string_view filter) const {
  for (const AggregateValue& value : values)
    if (value.metric == metric && value.filter == filter) return &value;
  return nullptr;
}

void TaskTally::add(std::string_view filter, std::string_view metric, MetricValue value) {
  auto it =
      std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.filter == filter && c.metric == metric; });
  if (it == columns_.end()) it = columns_.insert(columns_.end(), {std::string(filter), std::string(metric), {}});
  it->values.push_back(std::move(value));
}

void TaskTally::add(std::span<const DocumentScores> document) {
  for (const DocumentScores& scores : document)
    for (const auto& [metric, value] : scores.values) add(scores.filter, metric, value);
}

TaskAggregate TaskTally::finish(std::size_t bootstrap, unsigned threads) const {
  TaskAggregate out;
  out.task = task_;
  // Documents came one by one, each with all its chains: put chain after chain, as the harness walks.
  std::vector<const Column*> order;
  for (const std::string& filter : scorer_.filters())
    for (const Column& column : columns_)
      if (column.filter == filter) order.push_back(&column);
  for (const Column* column : order) {
    AggregateValue value;
    value.metric = column->metric;
    value.filter = column->filter;
    value.n = column->values.size();
    out.sample_len = value.n;
    PlannedMetric unnamed;  // process_results may give metrics that metric_list does not name: their mean counts
    unnamed.name = column->metric;
    const PlannedMetric* metric = scorer_.metric(column->metric);
    if (!metric) metric = &unnamed;
    value.lower_is_better = !metric->higher_is_better;
    Prepared prepared;
    if (metric->name == "likelihood" && metric->aggregation == Aggregation::bypass)
      prepared.why = "likelihood is kept of each document and has no number of its own";
    else
      prepared = prepare(*metric, column->values);
    if (!prepared.statistic) {
      value.why = prepared.why;
      out.values.push_back(std::move(value));
      continue;
    }
    std::vector<std::size_t> all(column->values.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    const double whole = prepared.statistic(all);
    if (std::isfinite(whole))
      value.value = whole;
    else
      value.why = "not a finite number";
    const bool sampled = metric->name == "bleu" || metric->name == "chrf" || metric->name == "ter";
    const std::size_t iterations = sampled ? std::min<std::size_t>(bootstrap, 100) : bootstrap;
    if (iterations > 0 && value.n > 1 && !metric->plain) {
      if (prepared.bootstrapped)
        value.stderr_ = bootstrap_stderr(value.n, prepared.statistic, iterations, threads);
      else if (metric->aggregation == Aggregation::mean)
        value.stderr_ = mean_stderr(*all_of<double>(column->values));
    }
    out.values.push_back(std::move(value));
  }
  return out;
}

double pooled_stderr(std::span<const double> errors, std::span<const std::size_t> sizes) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto size = static_cast<double>(sizes[i]);
    sum += (size - 1) * (errors[i] * errors[i]) * size;
    n += size;
  }
  return std::sqrt(sum / (n - static_cast<double>(sizes.size())) / n);
}

double aggregate_mean(std::span<const double> values, std::span<const std::size_t> sizes, bool weight_by_size) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double size = weight_by_size ? static_cast<double>(sizes[i]) : 1;
    sum += values[i] * size;
    n += size;
  }
  return sum / n;
}

GroupAggregate aggregate_group(const TaskGroup& group, std::span<const TaskAggregate* const> leaves) {
  GroupAggregate out;
  out.group = group.group;
  out.alias = group.alias.empty() ? group.group : group.alias;
  if (group.aggregates.empty()) return out;
  std::set<std::pair<std::string, std::string>> found;  // metric and filter
  for (const TaskAggregate* leaf : leaves) {
    out.sample_len += leaf->sample_len;
    for (const AggregateValue& value : leaf->values) found.emplace(value.metric, value.filter);
  }
  for (const AggregateMetric& wanted : group.aggregates) {
    for (const auto& [metric, filter] : found) {
      if (wanted.metric != metric) continue;
      if (!wanted.filters.empty() && std::find(wanted.filters.begin(), wanted.filters.end(), filter) == wanted.filters.end())
        continue;
      AggregateValue value;
      value.metric = metric;
      value.filter = filter;
      std::vector<double> values, errors;
      std::vector<std::size_t> sizes;
      if (wanted.function)
        value.why = "the aggregation needs the Python function " + wanted.function->name + " of " + wanted.function->file;
      else if (wanted.aggregation != "mean")
        value.why = "groups know the mean alone, not \"" + wanted.aggregation + "\"";
      for (const TaskAggregate* leaf : leaves) {
        const AggregateValue* one = leaf->find(metric, filter);
        if (!one) continue;
        if (values.empty()) value.lower_is_better = one->lower_is_better;
        else if (value.lower_is_better != one->lower_is_better) value.lower_is_better.reset();
        if (!one->value) value.why = leaf->task + ": " + one->why;
        values.push_back(one->value.value_or(0));
        sizes.push_back(leaf->sample_len);
        value.n += leaf->sample_len;
        if (one->stderr_) errors.push_back(*one->stderr_);
      }
      if (value.why.empty()) {
        value.value = aggregate_mean(values, sizes, wanted.weight_by_size);
        if (errors.size() == sizes.size() && value.n > sizes.size()) value.stderr_ = pooled_stderr(errors, sizes);
      }
      // Of two wishes for one value the later counts, at the place of the first.
      auto known = std::find_if(out.values.begin(), out.values.end(), [&](const AggregateValue& v) { return v.metric == metric && v.filter == filter; });
      if (known != out.values.end())
        *known = std::move(value);
      else
        out.values.push_back(std::move(value));
    }
  }
  return out;
}

std::vector<Metric> report_metrics(std::span<const AggregateValue> values) {
  std::set<std::string> filters;
  for (const AggregateValue& value : values) filters.insert(value.filter);
  std::vector<Metric> out;
  for (const AggregateValue& value : values) {
    Metric metric;
    metric.name = filters.size() > 1 ? value.key() : value.metric;
    metric.value = value.value;
    metric.why_null = value.why;
    metric.n = value.n;
    metric.lower_is_better = value.lower_is_better;
    if (value.value && value.stderr_ && std::isfinite(*value.stderr_)) {
      metric.stderr_ = value.stderr_;
      const double half = (value.n > 1 ? t_quantile_975(static_cast<double>(value.n - 1)) : 0) * *value.stderr_;
      metric.ci_low = *value.value - half;
      metric.ci_high = *value.value + half;
    }
    out.push_back(std::move(metric));
  }
  return out;
}

}  // namespace assay::harness
