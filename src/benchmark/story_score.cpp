#include "benchmark/story_score.h"

#include <array>

#include "base/number.h"
#include "base/text.h"

namespace assay::story {
namespace {

/// Release 2.3 knew all but the last five.
constexpr std::array<std::string_view, 24> kNegative{"melodramatic",
                                                     "shallow resolution",
                                                     "unearned resolution",
                                                     "simplistic moralizing",
                                                     "shallow optimism",
                                                     "forced optimism",
                                                     "trite",
                                                     "overwrought",
                                                     "amateurish",
                                                     "contrived",
                                                     "uninspiring",
                                                     "characters are too good",
                                                     "incongruent ending positivity",
                                                     "unearned transformations",
                                                     "profundity over-reach",
                                                     "amateurish descriptives",
                                                     "clunky asides and interruptive sentence structures",
                                                     "stilted dialogue",
                                                     "tit-for-tat dialogue",
                                                     "purple prose",
                                                     "unsurprising or uncreative",
                                                     "tell-don't-show",
                                                     "weak dialogue",
                                                     "meandering"};
constexpr std::size_t kNegative23 = 19;

}  // namespace

bool is_negative(std::string_view metric, Negatives negatives) {
  const std::string lowered = lower(metric);
  const std::size_t known = negatives == Negatives::v2_3 ? kNegative23 : kNegative.size();
  for (std::size_t i = 0; i < known; ++i)
    if (contains(lowered, kNegative[i])) return true;
  return false;
}

double counted_value(std::string_view metric, double value, Negatives negatives) {
  return is_negative(metric, negatives) ? 10 - value : value;
}

std::optional<double> item_score(const Scores& scores, Negatives negatives) {
  if (scores.empty()) return std::nullopt;
  double sum = 0;
  for (const auto& [metric, value] : scores) sum += counted_value(metric, value, negatives);
  return sum / static_cast<double>(scores.size());
}

IterationScore score_iteration(std::span<const double> items) {
  IterationScore out;
  out.items = items.size();
  double sum = 0;
  for (double item : items) sum += item;
  if (!items.empty()) out.mean = sum / static_cast<double>(items.size());
  return out;
}

RunScore score_run(std::span<const IterationScore> iterations) {
  RunScore out;
  double sum = 0;
  for (const IterationScore& iteration : iterations) {
    if (!iteration.counted()) continue;
    sum += iteration.mean;
    ++out.counted;
  }
  if (out.counted) out.raw = 10 * (sum / static_cast<double>(out.counted));
  out.score = round2(out.raw);
  return out;
}

}  // namespace assay::story
