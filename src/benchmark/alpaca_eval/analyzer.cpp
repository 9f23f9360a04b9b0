#include "benchmark/alpaca_eval/analyzer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "base/python_regex.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/annotation_cache.h"
#include "benchmark/alpaca_eval/seeded_draws.h"
#include "benchmark/alpaca_eval/win_rate.h"
#include "stats/correlation.h"
#include "stats/pairwise_sum.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::size_t kEnoughRows = 100;   // of a generator, for its win rate to count: more than these
constexpr std::size_t kMuchLonger = 30;    // characters
constexpr int kMostAnnotators = 16;        // choices grow as 2^n

std::string key_of(const Judgement& one) {
  std::string key;
  for (const std::string* part : {&one.instruction, &one.output_1, &one.output_2}) key += std::to_string(part->size()) + ":" + *part;
  return key;
}

/// The judgements of one pair in order; NaN = missing.
struct Pair {
  std::vector<double> judgements;
  int known = 0;  // that are not missing
};

/// Pairs with at least `least` labels (nothing or 0: all of them), in the order of their keys, so that two data sets can be walked side by side.
std::map<std::string, Pair> pairs_of(std::span<const Judgement> rows, int least) {
  std::map<std::string, Pair> out;
  for (const Judgement& row : rows) {
    Pair& pair = out[key_of(row)];
    pair.judgements.push_back(!row.preference ? NAN : *row.preference == 0 ? 1.5 : *row.preference);
    pair.known += row.preference.has_value();
  }
  std::erase_if(out, [&](const auto& entry) { return entry.second.known < least; });
  return out;
}

int most_known(const std::map<std::string, Pair>& pairs) {
  int out = 0;
  for (const auto& [key, pair] : pairs) out = std::max(out, pair.known);
  return std::min(out, kMostAnnotators);
}

std::vector<std::vector<int>> choices(int n, int k) {
  std::vector<std::vector<int>> out;
  if (k < 1 || k > n) return out;
  std::vector<int> one(static_cast<std::size_t>(k));
  for (int i = 0; i < k; ++i) one[static_cast<std::size_t>(i)] = i;
  while (true) {
    out.push_back(one);
    int i = k - 1;
    while (i >= 0 && one[static_cast<std::size_t>(i)] == n - k + i) --i;
    if (i < 0) return out;
    ++one[static_cast<std::size_t>(i)];
    for (int j = i + 1; j < k; ++j) one[static_cast<std::size_t>(j)] = one[static_cast<std::size_t>(j - 1)] + 1;
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double as_label(double value) { return value == 1.5 || value == 0 ? 0 : std::nearbyint(value); }

/// The best guess of a pair's true preference under the rule, NaN where all its labels are missing; nothing where there are none at all.
std::optional<double> estimate(const Pair& pair, const std::vector<int>& indices, ScoringRule rule) {
  std::vector<double> values;
  bool any = false;
  for (int index : indices) {
    if (static_cast<std::size_t>(index) >= pair.judgements.size()) continue;
    any = true;
    if (const double value = pair.judgements[static_cast<std::size_t>(index)]; !std::isnan(value)) values.push_back(value);
  }
  if (!any) return std::nullopt;
  if (values.empty()) return NAN;
  if (rule == ScoringRule::squared) return pairwise_sum(values) / static_cast<double>(values.size());
  if (rule == ScoringRule::zero_one) {
    for (double& value : values) value = as_label(value);
    return random_mode(values);
  }
  const bool labels = std::all_of(values.begin(), values.end(), [](double v) { return v == 1 || v == 1.5 || v == 2; });
  return labels ? random_mode(values) : median(std::move(values));
}

double mistake(double target, double prediction, ScoringRule rule) {
  if (rule == ScoringRule::zero_one) return target == prediction ? 0 : 1;
  const double difference = std::abs(target - prediction);
  return rule == ScoringRule::squared ? difference * difference : difference;
}

double mean(std::span<const double> values) { return pairwise_sum(values) / static_cast<double>(values.size()); }

std::optional<double> sem(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const double middle = mean(values);
  std::vector<double> squares;
  for (double value : values) squares.push_back((middle - value) * (middle - value));
  const auto n = static_cast<double>(values.size());
  return std::sqrt(pairwise_sum(squares) / (n - 1)) / std::sqrt(n);
}

std::optional<double> mean_of(std::span<const Judgement> rows, std::optional<double> Judgement::*field) {
  std::vector<double> values;
  for (const Judgement& row : rows)
    if (row.*field) values.push_back(*(row.*field));
  if (values.empty()) return std::nullopt;
  return mean(values);
}

/// The first judgement of every pair.
std::vector<const Judgement*> first_of_pairs(std::span<const Judgement> rows) {
  std::vector<const Judgement*> out;
  std::set<std::string> seen;
  for (const Judgement& row : rows)
    if (seen.insert(key_of(row)).second) out.push_back(&row);
  return out;
}

/// Of a tie both are the second output.
std::pair<const std::string*, const std::string*> best_and_worse(const Judgement& row) {
  const double p = row.preference.value_or(NAN);
  return {p >= 1 && p < 1.5 ? &row.output_1 : &row.output_2, p > 1.5 && p <= 2 ? &row.output_1 : &row.output_2};
}

}  // namespace

Result<ScoringRule> scoring_rule(std::string_view name) {
  if (name == "absolute") return ScoringRule::absolute;
  if (name == "squared") return ScoringRule::squared;
  if (name == "zero_one") return ScoringRule::zero_one;
  return fail(ErrorKind::usage, "there is no scoring rule \"" + shorten(name, 40) + "\"", "", "there are: absolute, squared, zero_one");
}

Result<std::vector<Judgement>> judgements_of(const Table& table) {
  std::vector<std::size_t> at;
  for (std::string_view column : {"instruction", "output_1", "output_2", "preference"}) {
    auto found = table.column(column);
    if (!found) return fail(ErrorKind::data, "the annotations have no column \"" + std::string(column) + "\"", {}, "they have: " + shorten(join(table.columns, ", "), 300));
    at.push_back(*found);
  }
  auto datasplit = table.column("datasplit"), generator = table.column("generator"), index = table.column("index"), annotated = table.column("n_annotated"),
       price = table.column("price_per_example"), time = table.column("time_per_example");
  std::vector<Judgement> out;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    Judgement& one = out.emplace_back();
    one.instruction = cell_text(row[at[0]]);
    one.output_1 = cell_text(row[at[1]]);
    one.output_2 = cell_text(row[at[2]]);
    one.preference = as_number(row[at[3]]);
    if (!one.preference && !row[at[3]].is_null()) return fail(ErrorKind::data, "the preference of record " + std::to_string(i) + " is no number");
    if (datasplit && row[*datasplit].is_string()) one.datasplit = row[*datasplit].get_string();
    if (generator && row[*generator].is_string()) one.generator = row[*generator].get_string();
    if (index) one.index = static_cast<int>(std::clamp(as_number(row[*index]).value_or(0), -1.0, 1e6));
    if (annotated) one.n_annotated = static_cast<int>(std::clamp(as_number(row[*annotated]).value_or(1), 0.0, 1e6));
    if (price) one.price = as_number(row[*price]);
    if (time) one.time = as_number(row[*time]);
  }
  return out;
}

Analyzer::Analyzer(std::vector<Judgement> cross, std::vector<Judgement> annotations, int n_annotators, ScoringRule rule) : annotations_(std::move(annotations)), rule_(rule) {
  std::unordered_map<std::string, int> running, known;
  for (Judgement& one : cross) {
    const std::string key = key_of(one);
    one.index = running[key]++;
    if (one.index < n_annotators && one.preference) ++known[key];
  }
  for (Judgement& one : cross) {
    const int n = known[key_of(one)];
    if (one.index >= n_annotators || n < n_annotators) continue;
    one.n_annotated = n;
    gold_.push_back(std::move(one));
  }
  if (annotations_.empty())
    for (const Judgement& one : gold_)
      if (one.index == 0) annotations_.push_back(one);
}

std::optional<Agreement> Analyzer::agreement(std::span<const Judgement> one, std::span<const Judgement> other, bool same, std::optional<int> n_1, std::optional<int> n_2) const {
  const auto pairs_1 = pairs_of(one, n_1.value_or(0));
  const int most_1 = most_known(pairs_1), k1 = n_1.value_or(most_1);
  const int wanted = n_2.value_or(same ? most_1 - k1 : 0);
  const auto pairs_2 = pairs_of(other, wanted);
  const int most_2 = most_known(pairs_2), k2 = wanted > 0 ? wanted : most_2;
  std::vector<double> scores, errors, counts, sems;
  for (const std::vector<int>& first : choices(most_1, k1))
    for (const std::vector<int>& second : choices(most_2, k2)) {
      const bool shared = same && std::any_of(first.begin(), first.end(), [&](int i) { return std::find(second.begin(), second.end(), i) != second.end(); });
      if (shared) continue;
      std::vector<double> mistakes;
      std::size_t joined = 0;
      for (const auto& [key, pair] : pairs_1) {
        auto partner = pairs_2.find(key);
        if (partner == pairs_2.end()) continue;
        auto prediction = estimate(pair, first, rule_), target = estimate(partner->second, second, rule_);
        if (!prediction || !target) continue;
        ++joined;
        if (!std::isnan(*prediction) && !std::isnan(*target)) mistakes.push_back(mistake(*target, *prediction, rule_));
      }
      const double error = mistakes.empty() ? NAN : mean(mistakes);
      errors.push_back(error);
      scores.push_back(1 - error);
      counts.push_back(static_cast<double>(joined));
      sems.push_back(sem(mistakes).value_or(NAN));
    }
  if (scores.empty()) return std::nullopt;
  Agreement out;
  out.score = mean(scores);
  out.error = mean(errors);
  out.counts = mean(counts);
  if (const double spread = mean(sems); !std::isnan(spread)) out.sem_samples = spread;
  std::erase_if(scores, [](double score) { return std::isnan(score); });
  out.sem_annotators = sem(scores);
  return out;
}

std::vector<Analyzer::GeneratorRates> Analyzer::win_rates(std::span<const Judgement> evaluator) const {
  std::unordered_map<std::string, std::vector<std::string>> generators;  // of a pair; several where the rows repeat
  for (const Judgement& one : annotations_)
    if (!one.generator.empty()) generators[key_of(one)].push_back(one.generator);
  // Judgements that name their generators themselves are all taken.
  const bool named = std::any_of(gold_.begin(), gold_.end(), [](const Judgement& row) { return !row.generator.empty(); });
  auto preferences = [&](std::span<const Judgement> rows) {
    std::map<std::string, std::vector<double>> out;
    for (const Judgement& row : rows) {
      if (named && !row.generator.empty()) out[row.generator].push_back(row.preference.value_or(NAN));
      if (named) continue;
      if (row.datasplit != "eval") continue;
      auto it = generators.find(key_of(row));
      if (it == generators.end()) continue;
      for (const std::string& generator : it->second) out[generator].push_back(row.preference.value_or(NAN));
    }
    return out;
  };
  const auto gold = preferences(gold_), mine = preferences(evaluator);
  std::vector<GeneratorRates> out;
  for (const auto& [generator, rows] : gold) {
    if (!named && rows.size() <= kEnoughRows) continue;
    auto it = mine.find(generator);
    if (it == mine.end()) continue;
    auto theirs = win_rate(rows), ours = win_rate(it->second);
    if (!theirs || !ours) continue;
    // The rule of labels sees labels alone.
    const auto rate = rule_ == ScoringRule::zero_one ? &WinRate::discrete_win_rate : &WinRate::win_rate;
    if (!((*theirs).*rate) || !((*ours).*rate)) continue;
    out.push_back({generator, *((*theirs).*rate), *((*ours).*rate)});
  }
  return out;
}

std::pair<std::optional<double>, std::optional<double>> Analyzer::correlations(std::span<const Judgement> evaluator) const {
  std::vector<double> x, y;
  for (const GeneratorRates& one : win_rates(evaluator)) {
    x.push_back(one.people);
    y.push_back(one.evaluator);
  }
  if (x.size() < 2) return {};
  return {spearman(y, x), pearson(y, x)};
}

std::optional<double> Analyzer::prefers_longer(std::span<const Judgement> evaluator) {
  std::size_t longer = 0, n = 0;
  for (const Judgement* row : first_of_pairs(evaluator)) {
    auto [best, worse] = best_and_worse(*row);
    const std::size_t a = count_code_points(*best), b = count_code_points(*worse);
    if ((a > b ? a - b : b - a) <= kMuchLonger) continue;
    ++n;
    longer += a > b;
  }
  if (n == 0) return std::nullopt;
  return static_cast<double>(longer) / static_cast<double>(n);
}

std::optional<double> Analyzer::prefers_lists(std::span<const Judgement> evaluator) {
  std::size_t preferred = 0, n = 0;
  for (const Judgement* row : first_of_pairs(evaluator)) {
    auto [best, worse] = best_and_worse(*row);
    if (best == worse) continue;
    const bool a = contains_list(*best), b = contains_list(*worse);
    if (a == b) continue;
    ++n;
    preferred += a;
  }
  if (n == 0) return std::nullopt;
  return static_cast<double>(preferred) / static_cast<double>(n);
}

EvaluatorMetrics Analyzer::metrics(std::span<const Judgement> evaluator, bool humans) const {
  auto times = [](std::optional<double> value, double factor) { return value ? std::optional(*value * factor) : std::nullopt; };
  auto percent = [](double share) { return std::isnan(share) ? std::nullopt : std::optional(100 * share); };
  const std::span<const Judgement> gold = gold_;
  EvaluatorMetrics out;
  auto agreed = humans ? agreement(gold, gold, true, 1) : agreement(evaluator, gold, false, 1);
  out.emplace_back("Human agreement", agreed ? percent(agreed->score) : std::nullopt);
  out.emplace_back("Price [$/1000 examples]", times(mean_of(evaluator, &Judgement::price), 1000));
  out.emplace_back("Time [seconds/1000 examples]", times(mean_of(evaluator, &Judgement::time), 1000));
  auto [rank, linear] = correlations(evaluator);
  out.emplace_back("Spearman corr.", rank);
  out.emplace_back("Pearson corr.", linear);
  std::optional<double> bias, variance;
  const bool several = std::any_of(evaluator.begin(), evaluator.end(), [&](const Judgement& row) { return row.index != evaluator.front().index; });
  if (humans) {
    bias = 0;
  } else if (several) {
    if (auto all = agreement(evaluator, gold, false, std::nullopt)) bias = percent(all->error);
  }
  if (auto with_itself = humans ? agreement(gold, gold, true, 1) : agreement(evaluator, evaluator, true, 1)) variance = percent(with_itself->error);
  out.emplace_back("Bias", bias);
  out.emplace_back("Variance", variance);
  out.emplace_back("Proba. prefer longer", prefers_longer(evaluator));
  out.emplace_back("Proba. prefer lists", prefers_lists(evaluator));
  auto average = mean_of(evaluator, &Judgement::preference);
  out.emplace_back("Proba. prefer 1", average ? std::optional(2 - *average) : std::nullopt);
  std::size_t parsed = 0;
  for (const Judgement& row : evaluator) parsed += row.preference.has_value();
  out.emplace_back("# parsed", static_cast<double>(parsed));
  return out;
}

std::vector<Judgement> longest_evaluator(std::span<const Judgement> gold) {
  std::vector<Judgement> out(gold.begin(), gold.end());
  for (Judgement& one : out) {
    one.preference = count_code_points(one.output_1) > count_code_points(one.output_2) ? 1 : 2;
    one.price = one.time = 0;
  }
  return out;
}

bool contains_list(std::string_view text) {
  static const std::vector<PythonRegex> patterns = [] {
    std::vector<PythonRegex> out;
    PythonRegex::Flags flags;
    flags.multiline = true;
    for (const char* pattern : {R"(^\s*[\*\•\-]\s*[^\w]*\w+)", R"(^\s*\d+[\.\)]\s*[^\w]*\w+)", R"(^\s*[a-zA-Z][\.\)]\s+[^\w]*\w+)"})
      out.push_back(PythonRegex::compile(pattern, flags).value());
    return out;
  }();
  return std::any_of(patterns.begin(), patterns.end(), [&](const PythonRegex& pattern) {
    auto found = pattern.search(text);
    return found && found->has_value();
  });
}

const std::vector<std::string>& evaluator_columns() {
  static const std::vector<std::string> columns{"Human agreement", "Price [$/1000 examples]", "Time [seconds/1000 examples]", "Spearman corr.", "Pearson corr.",
                                                "Bias", "Variance", "Proba. prefer longer", "Proba. prefer lists", "Proba. prefer 1"};
  return columns;
}

}  // namespace assay::alpaca_eval
