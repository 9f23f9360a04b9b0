#include "benchmark/harness/yaml_scoring.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <optional>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/metrics.h"
#include "benchmark/harness/text_task.h"
#include "benchmark/harness/yaml_filters.h"
#include "benchmark/harness/yaml_functions.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_result_functions.h"
#include "benchmark/harness/yaml_text_metrics.h"
#include "stats/pairwise_sum.h"

namespace assay::harness {
namespace {

using Kind = PythonValue::Kind;

struct KnownAggregation {
  std::string_view name;
  Aggregation aggregation;
};
constexpr KnownAggregation kAggregations[] = {
    {"mean", Aggregation::mean},
    {"median", Aggregation::median},
    {"nanmean", Aggregation::nanmean},
    {"perplexity", Aggregation::perplexity},
    {"weighted_perplexity", Aggregation::weighted_perplexity},
    {"bits_per_byte", Aggregation::bits_per_byte},
    {"f1", Aggregation::f1},
    {"matthews_corrcoef", Aggregation::matthews_corrcoef},
    {"bleu", Aggregation::bleu},
    {"chrf", Aggregation::chrf},
    {"ter", Aggregation::ter},
    {"brier_score", Aggregation::brier_score},
    {"bypass", Aggregation::bypass},
};

enum Outputs : unsigned { kChoice = 1, kLikelihood = 2, kRolling = 4, kGenerate = 8 };

struct KnownMetric {
  std::string_view name;
  Aggregation aggregation;
  bool higher_is_better;
  unsigned outputs;
};
constexpr KnownMetric kMetrics[] = {
    {"acc", Aggregation::mean, true, kChoice | kLikelihood},
    {"acc_norm", Aggregation::mean, true, kChoice},
    {"acc_bytes", Aggregation::mean, true, kChoice},
    {"acc_mutual_info", Aggregation::mean, true, kChoice},
    {"exact_match", Aggregation::mean, true, kChoice | kGenerate},
    {"f1", Aggregation::f1, true, kChoice},
    {"mcc", Aggregation::matthews_corrcoef, true, kChoice},
    {"brier_score", Aggregation::brier_score, false, kChoice},
    {"likelihood", Aggregation::bypass, true, kChoice},
    {"perplexity", Aggregation::perplexity, false, kLikelihood},
    {"word_perplexity", Aggregation::weighted_perplexity, false, kRolling},
    {"byte_perplexity", Aggregation::weighted_perplexity, false, kRolling},
    {"bits_per_byte", Aggregation::bits_per_byte, false, kRolling},
    {"bleu", Aggregation::bleu, true, kGenerate},
    {"chrf", Aggregation::chrf, true, kGenerate},
    {"ter", Aggregation::ter, false, kGenerate},
    {"anls", Aggregation::mean, true, kGenerate},
    {"bypass", Aggregation::bypass, true, kChoice | kLikelihood | kGenerate},
};

unsigned outputs_of(OutputType type) {
  switch (type) {
    case OutputType::multiple_choice:
      return kChoice;
    case OutputType::loglikelihood:
      return kLikelihood;
    case OutputType::loglikelihood_rolling:
      return kRolling;
    case OutputType::generate_until:
      return kGenerate;
  }
  return 0;
}

std::vector<MetricConfig> own_metrics(OutputType type) {
  std::vector<MetricConfig> out;
  auto add = [&](const char* name) {
    MetricConfig one;
    one.name = name;
    out.push_back(std::move(one));
  };
  switch (type) {
    case OutputType::multiple_choice:
      add("acc"), add("acc_norm");
      break;
    case OutputType::loglikelihood:
      add("perplexity"), add("acc");
      break;
    case OutputType::loglikelihood_rolling:
      add("word_perplexity"), add("byte_perplexity"), add("bits_per_byte");
      break;
    case OutputType::generate_until:
      add("exact_match");
      break;
  }
  return out;
}

std::optional<std::int64_t> whole(const PythonValue& value) {
  if (value.kind == Kind::integer && value.text.empty()) return value.integer;
  if (value.kind == Kind::boolean) return value.integer;
  if (value.kind == Kind::floating && value.real == std::floor(value.real) && std::abs(value.real) < 1e15)
    return static_cast<std::int64_t>(value.real);
  return std::nullopt;
}

double number_of(const PythonValue& value) {
  return value.kind == Kind::boolean ? static_cast<double>(value.integer) : value.real;
}

constexpr std::int64_t kNoChoice = -100;

/// Which choice a target means; one that is not there counts as wrong. Python's -1 is the last one for exact_match alone.
std::int64_t choice_of(const PythonValue& target, const std::vector<std::string>& choices) {
  if (auto index = whole(target)) return *index < static_cast<std::int64_t>(choices.size()) ? *index : kNoChoice;
  if (target.kind != Kind::text) return kNoChoice;
  auto it = std::find(choices.begin(), choices.end(), target.text);
  return it == choices.end() ? kNoChoice : it - choices.begin();
}

std::vector<double> softmax(std::span<const double> values) {
  const double most = values[argmax(values)];
  std::vector<double> out;
  for (double value : values) out.push_back(std::exp(value - most));
  const double sum = pairwise_sum(out);
  for (double& value : out) value /= sum;
  return out;
}

}  // namespace

struct TaskScorer::State {
  OutputType type = OutputType::generate_until;
  std::string task;
  std::vector<PlannedMetric> metrics;
  std::vector<FilterChain> chains;
  ExactMatch exact;
  double anls_threshold = 0.5;
  const ResultFunction* results = nullptr;  // process_results
  bool wikitext = false;                    // process_results that counts another field

  bool uses(std::string_view name) const {
    return std::any_of(metrics.begin(), metrics.end(), [&](const PlannedMetric& m) { return m.name == name; });
  }
  /// What process_results gives beyond the task's list has no aggregation.
  MetricValues listed(MetricValues values) const {
    std::erase_if(values, [&](const auto& value) { return !uses(value.first); });
    return values;
  }
};

namespace {

Result<PlannedMetric> plan(const MetricConfig& config, OutputType type, bool own_results, const std::string& task) {
  const std::string what = "metric " + config.name + " of " + task;
  if (config.function)
    return fail(ErrorKind::unsupported,
                what + " needs the Python function " + config.function->name + " of " + config.function->file);
  if (config.aggregation_function && !knows_aggregation(*config.aggregation_function))
    return fail(ErrorKind::unsupported, what + ": its aggregation needs the Python function " +
                                            config.aggregation_function->name + " of " + config.aggregation_function->file);
  PlannedMetric out;
  out.name = config.name;
  auto known =
      std::find_if(std::begin(kMetrics), std::end(kMetrics), [&](const KnownMetric& m) { return m.name == config.name; });
  if (known != std::end(kMetrics)) {
    out.aggregation = known->aggregation;
    out.higher_is_better = known->higher_is_better;
  }
  if (!own_results) {
    if (known == std::end(kMetrics)) return fail(ErrorKind::unsupported, what + " is not known here");
    if (!(known->outputs & outputs_of(type)))
      return fail(ErrorKind::unsupported, what + " does not go with output_type " + std::string(name(type)));
  }
  if (!config.aggregation.empty()) {
    auto named = std::find_if(std::begin(kAggregations), std::end(kAggregations),
                              [&](const KnownAggregation& a) { return a.name == config.aggregation; });
    if (named == std::end(kAggregations))
      return fail(ErrorKind::unsupported, what + ": the aggregation \"" + config.aggregation + "\" is not known here");
    out.aggregation = named->aggregation;
  }
  if (config.aggregation_function) {  // the one that is known
    out.aggregation = Aggregation::f1;
    out.average = F1Average::weighted;
    out.plain = true;
  }
  if (config.higher_is_better) out.higher_is_better = *config.higher_is_better;
  if (out.aggregation == Aggregation::f1 && !out.plain)
    if (const PythonValue* average = config.options.kind == Kind::dict ? config.options.find("average") : nullptr;
        average && average->kind == Kind::text) {
      auto read = f1_average(average->text);
      if (!read) return fail(read.error());
      out.average = *read;
    }
  return out;
}

using Values = MetricValues;

/// Several right answers, or one.
struct Gold {
  std::vector<std::int64_t> indices;
  bool several = false;
  bool holds(std::size_t choice) const {
    return std::find(indices.begin(), indices.end(), static_cast<std::int64_t>(choice)) != indices.end();
  }
};

Result<Values> choice_values(const TaskScorer::State& state, const TaskDocument& document,
                             std::span<const Loglikelihood> answers) {
  const std::vector<std::string>& choices = document.choices;
  const std::size_t n = choices.size();
  const bool both = n > 0 && answers.size() == 2 * n && state.uses("acc_mutual_info");
  if (n == 0 || (answers.size() != n && !both))
    return fail(ErrorKind::data, std::to_string(answers.size()) + " log-likelihoods for " + std::to_string(n) + " choices");
  std::vector<double> sums, by_letters, by_bytes, gains;
  for (std::size_t i = 0; i < n; ++i) {
    sums.push_back(answers[i].sum);
    by_letters.push_back(answers[i].sum / static_cast<double>(count_code_points(choices[i])));
    by_bytes.push_back(answers[i].sum / static_cast<double>(choices[i].size()));
    if (both) gains.push_back(answers[i].sum - answers[n + i].sum);
  }
  Gold gold;
  const PythonValue& target = document.gold();
  gold.several = target.is_sequence();
  if (gold.several) {
    for (const PythonValue& one : target.items) gold.indices.push_back(choice_of(one, choices));
  } else {
    gold.indices.push_back(choice_of(target, choices));
  }
  const std::size_t said = argmax(sums);
  Values out;
  auto add = [&](const char* metric, auto value) {
    if (state.uses(metric)) out.emplace_back(metric, MetricValue(value()));
  };
  auto hit = [&](std::size_t choice) { return gold.holds(choice) ? 1.0 : 0.0; };
  const bool pairs =
      state.uses("f1") || state.uses("mcc") || state.uses("brier_score") || state.uses("likelihood");
  if (gold.several && pairs)
    return fail(ErrorKind::data, "f1, mcc, brier_score and likelihood are for one right answer, and the target is a list");
  const std::int64_t one = gold.indices.empty() ? kNoChoice : gold.indices.front();
  add("acc", [&] { return hit(said); });
  add("f1", [&] { return LabelPair(one, static_cast<std::int64_t>(said)); });
  add("mcc", [&] { return LabelPair(one, static_cast<std::int64_t>(said)); });
  add("acc_norm", [&] { return hit(argmax(by_letters)); });
  add("acc_bytes", [&] { return hit(argmax(by_bytes)); });
  add("exact_match", [&] {
    for (std::int64_t index : gold.indices) {
      // Of all answers, those without context too, as Python's -1 is the last of them.
      const std::int64_t at = index < 0 ? index + static_cast<std::int64_t>(answers.size()) : index;
      if (index != kNoChoice && at >= 0 && answers[static_cast<std::size_t>(at)].greedy) return 1.0;
    }
    return 0.0;
  });
  add("brier_score", [&] { return ChoiceNumbers{one, softmax(sums)}; });
  add("likelihood", [&] { return ChoiceNumbers{one, sums}; });
  if (both) add("acc_mutual_info", [&] { return hit(argmax(gains)); });
  return out;
}

/// The target cast to the answer's type, which a mapping filter made a number: int(), float() or bool() of it.
bool equals_as_number(const PythonValue& answer, const PythonValue& target) {
  if (answer.kind == Kind::boolean) {
    const bool truth = target.kind == Kind::text ? !target.text.empty() : target.is_real() ? number_of(target) != 0 : !target.items.empty();
    return truth == (answer.integer != 0);
  }
  auto wanted = target.kind == Kind::text ? python_float(target.text) : target.is_real() ? std::optional(number_of(target)) : std::nullopt;
  if (!wanted) return false;
  return number_of(answer) == (answer.kind == Kind::integer ? std::trunc(*wanted) : *wanted);
}

/// numpy makes texts of everything in an array that holds one; texts and numbers are never equal.
bool same_kind(std::span<const PythonValue> array, const PythonValue& one) {
  const bool texts = array.empty() || std::any_of(array.begin(), array.end(), [](const PythonValue& v) { return v.kind == Kind::text; });
  return texts == (one.kind == Kind::text);
}

/// exact_match of a list of answers, as numpy spreads arrays over each other: one reference is compared with every answer, one
/// answer with every reference, as many of both one by one. Of several targets one hit is enough, else the share counts.
/// Nothing where numpy compares nothing.
std::optional<Result<double>> list_match(const ExactMatch& exact, std::span<const PythonValue> answers, const TaskDocument& document,
                                         std::span<const std::string> targets, bool several) {
  const std::size_t n = targets.size(), k = answers.size();
  if (exact.has_patterns() || k == 0 || (n > 1 && k > 1 && n != k)) return std::nullopt;
  const PythonValue text = PythonValue::of("");
  const PythonValue& target = document.choices.empty() ? document.target : text;
  const bool texts = several ? same_kind(target.items, text) : target.kind == Kind::text;
  if (n == 0 || texts != same_kind(answers, text)) return 0.0;
  std::vector<std::string> said, wanted;
  for (std::size_t i = 0; i < std::max(n, k); ++i) {
    said.push_back(python_str(answers[k == 1 ? 0 : i]));
    wanted.push_back(targets[n == 1 ? 0 : i]);
  }
  auto share = exact(said, wanted);
  if (share && several) return *share > 0 ? 1.0 : 0.0;
  return share;
}

Result<Values> text_values(const TaskScorer::State& state, const FilterChain& chain, const TaskDocument& document,
                           const PythonValue& filtered) {
  auto targets = text_targets(document);
  if (!targets) return fail(targets.error());
  const bool several = document.several_targets() && document.choices.empty();
  const bool cast = document.choices.empty() && !several && !state.uses("bypass");
  Values out;
  for (const PlannedMetric& metric : state.metrics) {
    if (metric.name == "bypass") {
      out.emplace_back(metric.name, MetricValue(0.0));
      continue;
    }
    if (filtered.kind == Kind::list) {
      auto value = metric.name == "exact_match" ? list_match(state.exact, filtered.items, document, *targets, several) : std::nullopt;
      if (!value)
        return fail(ErrorKind::data,
                    "the chain \"" + chain.name() + "\" leaves a list of answers, which " + metric.name + " cannot compare", "",
                    "let the chain end in take_first");
      if (!*value) return fail(value->error());
      out.emplace_back(metric.name, MetricValue(**value));
      continue;
    }
    const std::string said = filtered.kind == Kind::text ? filtered.text : python_str(filtered);
    if (metric.name == "exact_match") {
      double value = 0;
      if (cast && filtered.is_real()) {
        value = equals_as_number(filtered, document.target) ? 1 : 0;
      } else if (several ? same_kind(document.target.items, filtered)
                         : cast || same_kind({&filtered, 1}, document.choices.empty() ? document.target : PythonValue::of(""))) {
        for (std::size_t i = 0; i < targets->size(); ++i) {
          auto same = state.exact(said, (*targets)[i]);
          if (!same) return fail(same.error());
          if (*same) value = 1;
        }
      }
      out.emplace_back(metric.name, MetricValue(value));
    } else if (metric.name == "anls") {
      double value = 0;
      for (const std::string& target : *targets) {
        auto similarity = anls(said, target, state.anls_threshold);
        if (!similarity) return fail(similarity.error());
        value = several ? std::max(value, *similarity > 0 ? 1.0 : 0.0) : *similarity;
      }
      out.emplace_back(metric.name, MetricValue(value));
    } else {
      if (several) return fail(ErrorKind::data, metric.name + " is for one reference, and the target is a list");
      out.emplace_back(metric.name, MetricValue(TextPair{targets->front(), said}));
    }
  }
  return out;
}

Result<Values> own_values(const TaskScorer::State& state, const FilterChain& chain, const TaskDocument& document,
                          const PythonValue& filtered) {
  if (filtered.kind == Kind::list)
    return fail(ErrorKind::data, "the chain \"" + chain.name() + "\" leaves a list of answers, and process_results takes one", "",
                "let the chain end in take_first");
  auto values = state.results->of_text(document, filtered.kind == Kind::text ? filtered.text : python_str(filtered));
  if (!values) return values;
  return state.listed(std::move(*values));
}

}  // namespace

std::pair<std::size_t, std::size_t> words_and_bytes(std::string_view text) {
  return {count_words(text), text.size()};
}

Result<std::vector<std::string>> text_targets(const TaskDocument& document) {
  const PythonValue& target = document.target;
  std::vector<std::string> out;
  if (!document.choices.empty()) {
    const auto n = static_cast<std::int64_t>(document.choices.size());
    auto index = whole(target);
    if (!index || *index >= n || *index < -n)
      return fail(ErrorKind::data,
                  "with doc_to_choice the target must be the number of a choice, and it is " + python_str(target));
    out.push_back(document.choices[static_cast<std::size_t>(*index < 0 ? *index + n : *index)]);
  } else if (!document.several_targets()) {
    out.push_back(python_str(target));
  } else if (target.is_sequence()) {
    for (const PythonValue& one : target.items) out.push_back(python_str(one));
  } else {  // list() of a text
    const std::string text = python_str(target);
    for (std::string_view rest = text; !rest.empty();) {
      const char* begin = rest.data();
      next_code_point(rest);
      out.emplace_back(begin, static_cast<std::size_t>(rest.data() - begin));
    }
  }
  return out;
}

Result<TaskScorer> TaskScorer::make(const TaskConfig& task) {
  auto state = std::make_shared<State>();
  state->type = task.output_type;
  state->task = task.task;
  if (task.process_results) {
    if (!knows_process_results(*task.process_results))
      return fail(ErrorKind::unsupported, "process_results of " + task.task + " needs the Python function " +
                                              task.process_results->name + " of " + task.process_results->file);
    state->results = find_result_function(*task.process_results);
    state->wikitext = !state->results;
    const OutputType type = state->wikitext               ? OutputType::loglikelihood_rolling
                            : state->results->of_choices ? OutputType::multiple_choice
                                                         : OutputType::generate_until;
    if (task.output_type != type)
      return fail(ErrorKind::unsupported, "process_results of " + task.task + " is " + task.process_results->name + ", which goes with output_type " +
                                              std::string(name(type)));
  }
  for (const MetricConfig& config : task.metrics.empty() ? own_metrics(task.output_type) : task.metrics) {
    auto metric = plan(config, task.output_type, task.process_results.has_value(), task.task);
    if (!metric) return fail(metric.error());
    if (config.name == "exact_match" && task.output_type == OutputType::generate_until) {
      auto exact = ExactMatch::make(config.options, "metric exact_match of " + task.task);
      if (!exact) return fail(exact.error());
      state->exact = std::move(*exact);
    }
    if (config.name == "anls" && config.options.kind == Kind::dict)
      if (const PythonValue* threshold = config.options.find("thresh_hold"); threshold && threshold->is_real())
        state->anls_threshold = threshold->real;
    // Of two entries of one name the later counts, at the place of the first.
    auto known = std::find_if(state->metrics.begin(), state->metrics.end(), [&](const PlannedMetric& m) { return m.name == metric->name; });
    if (known != state->metrics.end())
      *known = std::move(*metric);
    else
      state->metrics.push_back(std::move(*metric));
  }
  auto chains = filter_chains(task);
  if (!chains) return fail(chains.error());
  state->chains = std::move(*chains);
  if (task.output_type != OutputType::generate_until)
    for (const FilterChain& chain : state->chains)
      if (chain.needs_text())
        return fail(ErrorKind::unsupported, "the filters \"" + chain.name() + "\" of " + task.task +
                                                " are for texts, and the task asks for log-likelihoods");
  TaskScorer out;
  out.state_ = std::move(state);
  return out;
}

const std::vector<PlannedMetric>& TaskScorer::metrics() const {
  return state_->metrics;
}

const PlannedMetric* TaskScorer::metric(std::string_view name) const {
  for (const PlannedMetric& metric : state_->metrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

std::vector<std::string> TaskScorer::filters() const {
  std::vector<std::string> out;
  for (const FilterChain& chain : state_->chains) out.push_back(chain.name());
  return out;
}

Result<std::vector<DocumentScores>> TaskScorer::score(const TaskDocument& document,
                                                      std::span<const Loglikelihood> answers) const {
  std::vector<DocumentScores> out;
  for (const FilterChain& chain : state_->chains) {
    DocumentScores scores;
    scores.filter = chain.name();
    if (state_->type == OutputType::multiple_choice) {
      auto values = state_->results ? state_->results->of_choices(document, answers) : choice_values(*state_, document, answers);
      if (!values) return fail(values.error());
      scores.values = state_->listed(std::move(*values));
    } else {
      if (answers.size() != 1) return fail(ErrorKind::data, std::to_string(answers.size()) + " log-likelihoods for one request");
      const double sum = answers.front().sum;
      auto add = [&](const char* metric, MetricValue value) {
        if (state_->uses(metric)) scores.values.emplace_back(metric, std::move(value));
      };
      if (state_->type == OutputType::loglikelihood) {
        add("perplexity", sum);
        add("acc", answers.front().greedy ? 1.0 : 0.0);
      } else {
        // wikitext counts what stands in the row, tokens and all, not the text that was asked.
        const std::string counted = state_->wikitext ? get_string(document.row, "page").value_or("") : python_str(document.target);
        const auto [words, bytes] = words_and_bytes(counted);
        add("word_perplexity", Weighted(sum, words));
        add("byte_perplexity", Weighted(sum, bytes));
        add("bits_per_byte", Weighted(sum, bytes));
      }
    }
    out.push_back(std::move(scores));
  }
  return out;
}

Result<std::vector<DocumentScores>> TaskScorer::score(const TaskDocument& document, std::span<const std::string> answers) const {
  if (state_->type != OutputType::generate_until)
    return fail(ErrorKind::internal, "texts for a task that asks for log-likelihoods");
  std::vector<DocumentScores> out;
  for (const FilterChain& chain : state_->chains) {
    auto filtered = chain.apply(answers, document.row);
    if (!filtered) return fail(filtered.error());
    auto values = state_->results ? own_values(*state_, chain, document, *filtered) : text_values(*state_, chain, document, *filtered);
    if (!values) return fail(values.error());
    out.push_back({chain.name(), std::move(*filtered), std::move(*values)});
  }
  return out;
}

}  // namespace assay::harness
