// The score of a run from the scores of its questions. Units: 0 to 100 (unbounded below).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace assay::eq_bench {

/// Points of one stored question; null where that pass was not parseable.
struct QuestionScore {
  std::optional<double> first_pass, revised;
};

/// The six numbers upstream writes for an iteration.
struct IterationScore {
  double first_pass = 0;
  std::size_t first_pass_parseable = 0;
  double revised = 0;
  std::size_t revised_parseable = 0;
  bool final_is_revised = false;
  double final_score() const { return final_is_revised ? revised : first_pass; }
  std::size_t final_parseable() const { return final_is_revised ? revised_parseable : first_pass_parseable; }
};
/// Sums in the order given: plan order, or the order of a result file.
IterationScore score_iteration(std::span<const QuestionScore> questions);

struct RunScore {
  double raw = 0;        // unrounded
  double score = 0;      // round2(raw): the official figure
  double parseable = 0;  // round2
  double parseable_raw = 0;
};
/// `divisor`: the declared number of iterations, even if fewer are given (since 2.4). Only the first `divisor` are counted.
RunScore score_run(std::span<const IterationScore> iterations, std::size_t divisor);

/// Upstream's failure rule: fewer than 83.33 % of the questions gave a score.
bool too_few_parseable(double parseable, std::size_t questions);
/// "142.0 questions were parseable (min is 83%)"
std::string too_few_text(double parseable);

}  // namespace assay::eq_bench
