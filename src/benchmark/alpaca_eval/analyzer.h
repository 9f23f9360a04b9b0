// How good a judge is: its agreement with people who judged the same outputs, its bias and variance, what it prefers. The columns of the original's
// leaderboard of evaluators.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "benchmark/alpaca_eval/table.h"

namespace assay::alpaca_eval {

enum class ScoringRule { absolute, squared, zero_one };
/// `usage` error that lists the names.
Result<ScoringRule> scoring_rule(std::string_view name);

/// One judgement of one pair of outputs.
struct Judgement {
  std::string instruction, output_1, output_2;
  std::optional<double> preference;  // 1 to 2; 0 is read as 1.5
  int index = 0;                     // the how-many-th judgement of this pair
  int n_annotated = 1;               // of how many
  std::string datasplit, generator;
  std::optional<double> price, time;  // USD and seconds of one example
};

/// Rows of a table with the columns instruction, output_1, output_2, preference and, where they are there, datasplit, generator, index,
/// n_annotated, price_per_example and time_per_example. `data` errors name what is wrong.
Result<std::vector<Judgement>> judgements_of(const Table& table);

struct Agreement {
  double score = 0, error = 0;
  std::optional<double> sem_samples;     // over the pairs, mean over the choices of annotators
  double counts = 0;                     // pairs
  std::optional<double> sem_annotators;  // over the choices of annotators
};

/// A column of the leaderboard; nothing = cannot be computed.
using EvaluatorMetrics = std::vector<std::pair<std::string, std::optional<double>>>;

class Analyzer {
 public:
  /// `cross`: several judgements of each pair, in order; pairs with fewer than `n_annotators` of them are left out. `annotations`: one judgement
  /// of each, with the generators; empty: the first of `cross`, without generators.
  Analyzer(std::vector<Judgement> cross, std::vector<Judgement> annotations, int n_annotators = 4, ScoringRule rule = ScoringRule::absolute);

  /// What is kept of `cross`, with its indices.
  const std::vector<Judgement>& gold() const { return gold_; }

  /// Every choice of n_1 judgements of the one against every choice of n_2 of the other; of the same data the choices share none. Nothing = all (of the
  /// same data: all others). Judgements of a pair count in the order in which they come; pairs with fewer labels than a choice takes are left out, and a
  /// choice in which no label is there makes the scores NaN. Nothing where there is no such choice.
  std::optional<Agreement> agreement(std::span<const Judgement> one, std::span<const Judgement> other, bool same, std::optional<int> n_1, std::optional<int> n_2 = {}) const;

  /// All columns but `mode`, in the leaderboard's order.
  EvaluatorMetrics metrics(std::span<const Judgement> evaluator, bool humans) const;
  /// The win rates that people and the evaluator give to each generator, where people judged enough of its pairs.
  struct GeneratorRates {
    std::string generator;
    double people = 0, evaluator = 0;
  };
  std::vector<GeneratorRates> win_rates(std::span<const Judgement> evaluator) const;
  /// Spearman's and Pearson's correlation of those win rates.
  std::pair<std::optional<double>, std::optional<double>> correlations(std::span<const Judgement> evaluator) const;

  static std::optional<double> prefers_longer(std::span<const Judgement> evaluator);
  static std::optional<double> prefers_lists(std::span<const Judgement> evaluator);

 private:
  std::vector<Judgement> gold_, annotations_;
  ScoringRule rule_;
};

/// The evaluator "longest", which needs no model: the longer output wins.
std::vector<Judgement> longest_evaluator(std::span<const Judgement> gold);

/// Whether a text holds a list: bullets, numbers or letters at the beginning of a line.
bool contains_list(std::string_view text);

/// The columns that go first, in order.
const std::vector<std::string>& evaluator_columns();

}  // namespace assay::alpaca_eval
