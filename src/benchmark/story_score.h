// From a judge's numbers to scores: an item, an iteration, a run. Creative Writing and Judgemark share these formulas (as the
// original's releases 2.3 and 2.4 have them). Units: a judge gives 0 to 10 (unbounded, as nothing is clamped); a run has 0 to 100.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::story {

/// Metric -> value as a judge gave them, in the order of the text. Names are unique.
using Scores = std::vector<std::pair<std::string, double>>;

/// Which names count reversed (10 - value): those that contain one of 19 (release 2.3) or 24 strings (2.4).
enum class Negatives { v2_3, v2_4 };
/// Compares as the original: the name in lower case, any place in it.
bool is_negative(std::string_view metric, Negatives negatives);

/// What a value counts as: itself, or 10 - value.
double counted_value(std::string_view metric, double value, Negatives negatives);
/// The mean over the metrics that are there, whatever was asked for; null where there is none. 0 to 10.
std::optional<double> item_score(const Scores& scores, Negatives negatives);

/// An iteration counts with more than ten scored items.
inline constexpr std::size_t kFewItems = 10;

struct IterationScore {
  double mean = 0;  // of the items, 0 to 10; 0 without items
  std::size_t items = 0;
  bool counted() const { return items > kFewItems; }
};
/// Sums in the order given.
IterationScore score_iteration(std::span<const double> items);

struct RunScore {
  double raw = 0;      // 10 * mean of the counted iterations; 0 where none counts
  double score = 0;    // round2(raw): the official figure
  std::size_t counted = 0;
};
RunScore score_run(std::span<const IterationScore> iterations);

}  // namespace assay::story
