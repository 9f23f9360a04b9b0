// What result rows keep of a metric, and back.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.h"
#include "benchmark/harness/stored_number.h"
#include "benchmark/harness/yaml_scoring.h"

namespace assay::harness {
namespace {

/// What an aggregation can work with.
bool fits(Aggregation aggregation, const MetricValue& value) {
  switch (aggregation) {
    case Aggregation::mean:
    case Aggregation::median:
    case Aggregation::nanmean:
    case Aggregation::perplexity:
      return std::holds_alternative<double>(value);
    case Aggregation::weighted_perplexity:
    case Aggregation::bits_per_byte:
      return std::holds_alternative<Weighted>(value);
    case Aggregation::f1:
    case Aggregation::matthews_corrcoef:
      return std::holds_alternative<LabelPair>(value);
    case Aggregation::bleu:
    case Aggregation::chrf:
    case Aggregation::ter:
      return std::holds_alternative<TextPair>(value);
    case Aggregation::brier_score:
      return std::holds_alternative<ChoiceNumbers>(value);
    case Aggregation::bypass:
      return true;
  }
  return false;
}

}  // namespace

json::value to_json(const MetricValue& value) {
  struct Writer {
    json::value operator()(double number) const { return stored_number(number); }
    json::value operator()(const Weighted& pair) const {
      return json::array{stored_number(pair.first), static_cast<std::int64_t>(pair.second)};
    }
    json::value operator()(const LabelPair& pair) const { return json::array{pair.first, pair.second}; }
    json::value operator()(const ChoiceNumbers& choice) const {
      json::array numbers;
      for (double one : choice.values) numbers.push_back(stored_number(one));
      return json::array{choice.gold, std::move(numbers)};
    }
    json::value operator()(const TextPair& pair) const { return json::array{pair.reference, pair.said}; }
  };
  return std::visit(Writer{}, value);
}

Result<MetricValue> metric_value(const json::value& value, const PlannedMetric& metric) {
  auto wrong = [&] {
    return fail(ErrorKind::data, "the value of " + metric.name + " does not fit its metric: " + shorten(write_json(value), 80));
  };
  if (auto number = read_stored_number(value)) {
    if (fits(metric.aggregation, *number)) return MetricValue(*number);
    return wrong();
  }
  if (!value.is_array() || value.get_array().size() != 2) return wrong();
  const json::value &first = value.get_array()[0], &second = value.get_array()[1];
  std::optional<MetricValue> out;
  if (first.is_int64() && second.is_array()) {
    ChoiceNumbers choice{first.get_int64(), {}};
    for (const json::value& one : second.get_array()) {
      auto number = read_stored_number(one);
      if (!number) return wrong();
      choice.values.push_back(*number);
    }
    out = std::move(choice);
  } else if (first.is_string() && second.is_string()) {
    out = TextPair{std::string(first.get_string()), std::string(second.get_string())};
  } else if (fits(metric.aggregation, LabelPair()) && first.is_int64() && second.is_int64()) {
    out = LabelPair(first.get_int64(), second.get_int64());
  } else if (auto sum = read_stored_number(first), weight = as_number(second); sum && weight) {
    out = Weighted(*sum, *weight);
  }
  if (!out || !fits(metric.aggregation, *out)) return wrong();
  return std::move(*out);
}

}  // namespace assay::harness
