#include "benchmark/eq_bench/score.h"

#include <array>
#include <cmath>
#include <numbers>

#include "base/number.h"
#include "base/text.h"

namespace assay::eq_bench {
namespace {

constexpr double kAdjust = 0.7477;  // random answers score zero

/// The answers checked: which reference each one matches, and its value.
struct Matched {
  std::array<int, 4> reference{};  // index of the last matching reference name, -1 for none
  std::array<double, 4> value{};
};

/// Parseability as upstream checks it; sets `why` (and `error`) when it fails.
std::optional<Matched> match(const Answers& answers, const Reference& reference, Names names, bool distinct_as_written,
                             Score& out) {
  if (answers.size() != 4) {
    out.why = std::to_string(answers.size()) + " emotions found instead of 4";
    return std::nullopt;
  }
  Matched matched;
  std::array<std::string, 4> lowered;
  std::size_t found = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (names == Names::fold_case) lowered[i] = lower(answers[i].name);
    matched.reference[i] = -1;
    for (std::size_t k = 0; k < 4; ++k)
      if (names == Names::fold_case ? lowered[i] == reference.lowered[k] : answers[i].name == reference.names[k])
        matched.reference[i] = static_cast<int>(k);
    if (matched.reference[i] < 0) continue;
    bool seen = false;
    if (!distinct_as_written && names == Names::fold_case)
      for (std::size_t j = 0; j < i; ++j) seen = seen || (matched.reference[j] >= 0 && lowered[j] == lowered[i]);
    if (!seen) ++found;
  }
  if (found != 4) {
    out.why = "the emotions found are not those asked for";
    return std::nullopt;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    std::optional<double> value = python_float(answers[i].digits);
    // Hundreds of digits overflow to infinity, which no result file can hold: not a number either.
    if (!value || !std::isfinite(*value)) {
      out.error = true;
      out.why = "\"" + shorten(answers[i].digits, 20) + "\" is not a number";
      return std::nullopt;
    }
    matched.value[i] = *value;
  }
  return matched;
}

void settle(Score& score, double value) {
  if (std::isfinite(value)) {
    score.value = value;
  } else {
    score.error = true;
    score.why = "the scores are too large to count with";
  }
}

}  // namespace

double penalty_v2(double d) {
  if (d == 0) return 0;
  if (d <= 5) return 6.5 * (1 / (1 + std::pow(std::numbers::e, -1.2 * (d - 4))));
  return d;
}

Score score_v2(const Answers& answers, const Reference& reference, Names names, bool with_terms) {
  Score score;
  auto matched = match(answers, reference, names, false, score);
  if (!matched) return score;
  for (std::size_t i = 0; i < 4; ++i) {
    double wanted = reference.scores[static_cast<std::size_t>(matched->reference[i])];
    double d = std::fabs(matched->value[i] - wanted);
    double s = penalty_v2(d);
    score.tally += s;
    if (with_terms) score.terms.push_back({answers[i].name, matched->value[i], wanted, d, s});
  }
  settle(score, 10 - score.tally * kAdjust);
  return score;
}

Score score_v1(const Answers& answers, const Reference& reference, Names names, bool strict, bool with_terms) {
  Score score;
  auto matched = match(answers, reference, names, true, score);
  if (!matched) return score;
  double total = 0;
  for (double value : matched->value) total += value;
  if (total <= 0) {
    score.why = "all scores are zero";
    return score;
  }
  score.whole = true;
  for (std::size_t i = 0; i < 4; ++i) {
    double share = matched->value[i] / total * 10;
    bool counted = false;
    double d = 0, wanted = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      bool same = strict ? static_cast<int>(k) == matched->reference[i] : answers[i].name == reference.names[k];
      if (!same) continue;
      counted = true;
      wanted = reference.scores[k];
      d = std::fabs(share - wanted);
    }
    if (counted) {
      score.tally += d;
      score.whole = false;
    } else {
      wanted = reference.scores[static_cast<std::size_t>(matched->reference[i])];
    }
    if (with_terms) score.terms.push_back({answers[i].name, share, wanted, std::fabs(share - wanted), counted ? d : 0});
  }
  settle(score, 10 - score.tally);
  return score;
}

}  // namespace assay::eq_bench
