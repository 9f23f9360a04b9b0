// Up to three attempts at one question, each a little warmer, until the answer is accepted. A state machine without any asking in
// it: the coroutine of a run and the golden vectors drive the same one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/eq_bench/protocol.h"
#include "benchmark/eq_bench/questions.h"
#include "benchmark/eq_bench/score.h"

namespace assay::eq_bench {

/// All scores of one parsed answer. What the protocol does not ask for stays empty.
struct Scores {
  Score first_v1, revised_v1;                // acceptance looks at these, in v2 runs too
  Score first_v2, revised_v2;                // when the question has a full-scale reference
  Score first_v1_strict, revised_v1_strict;  // v1 runs: names in other case count
  bool error() const { return first_v1.error || revised_v1.error || first_v2.error || revised_v2.error; }
};
Scores score_answer(const ParsedAnswer& answer, const Question& question, const Protocol& protocol);

struct Attempt {
  double temperature = 0;
  bool has_text = false;
  std::string text;  // stripped
  ParsedAnswer parsed;
  Scores scores;
  bool accepted = false;
  bool partial = false;  // one of the two passes is good
  std::string why;       // why it was not accepted
};

class Attempts {
 public:
  /// Both outlive this object.
  Attempts(const Question& question, const Protocol& protocol) : question_(question), protocol_(protocol) {}

  bool done() const { return accepted_ || all_.size() >= static_cast<std::size_t>(protocol_.attempts); }
  /// Of the next attempt: 0.01, 0.16, 0.31 as the floating-point sums upstream makes.
  double temperature() const { return temperature_; }
  /// The answer to the attempt, or nullopt when none came. An answer that is blank counts as none.
  const Attempt& give(std::optional<std::string_view> text);

  const std::vector<Attempt>& all() const { return all_; }
  /// The attempt whose answer is stored: the accepted one, or with revision the first partial one after all failed.
  std::optional<std::size_t> stored() const;
  bool accepted() const { return accepted_; }

 private:
  const Question& question_;
  const Protocol& protocol_;
  double temperature_ = 0.01;
  bool accepted_ = false;
  std::vector<Attempt> all_;
};

}  // namespace assay::eq_bench
