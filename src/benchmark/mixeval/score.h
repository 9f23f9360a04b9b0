// From judgements to scores: each source benchmark's mean, rounded, and both splits put together as the original does.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::mixeval {

struct Judged {
  std::string benchmark;
  double value = 0;  // a judge's score, or 1 for right and 0 for wrong
};

/// One split of a data set. `keys[0]` is "overall", then source benchmarks in the order of first appearance.
struct SideScores {
  struct Key {
    std::string name;
    std::size_t n = 0;
    double sum = 0;    // added from left to right
    double score = 0;  // sum / n to 3 decimals, half to even on the binary value; 0 for n = 0
    double mean() const { return n ? sum / static_cast<double>(n) : 0; }
  };
  std::vector<Key> keys;
  std::map<std::string, std::size_t, std::less<>> places;  // of the source benchmarks in `keys`
  const Key& overall() const { return keys.front(); }
  const Key* find(std::string_view name) const;  // "overall" is the first key, whatever a source benchmark is called
};
/// `judged` in file order: the third decimal depends on it.
SideScores score_side(std::span<const Judged> judged);

/// How the splits are put together: the original's rule since 2024-09-12; that of 2024-09-03, with which the published leaderboard was
/// made; and the one before, whose multiple-choice scores replace free-form scores of the same name.
enum class ScoreRule { current, legacy, legacy_first };

/// Name -> score, the overall one first. `current`: means of the rounded scores, weighted by counts, not rounded again.
/// What nothing was judged for has no score; the older rules have none at all where one split has none, as the original leaves such a model out.
using Scores = std::vector<std::pair<std::string, double>>;
Scores combine(const SideScores& free_form, const SideScores& multiple_choice, ScoreRule rule = ScoreRule::current);

/// How much each split's mean counts, by numbers of judgements; null where there is no overall score.
std::optional<std::pair<double, double>> overall_weights(std::size_t free_form, std::size_t multiple_choice, ScoreRule rule);
/// The overall score if nothing were rounded in between.
std::optional<double> exact_overall(const SideScores& free_form, const SideScores& multiple_choice, ScoreRule rule);

}  // namespace assay::mixeval
