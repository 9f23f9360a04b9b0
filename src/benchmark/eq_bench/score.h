// The two formulas: emotion scores against a reference give one number. Units: points of a question, 10 is perfect, no lower
// bound.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/eq_bench/parse.h"
#include "benchmark/eq_bench/questions.h"

namespace assay::eq_bench {

/// One emotion in a formula; what `assay show` and report.html print.
struct Term {
  std::string name;   // as the answer wrote it
  double answer = 0;  // v1: after normalising to a sum of 10
  double reference = 0;
  double difference = 0;
  double penalty = 0;  // what was added to the tally
};

struct Score {
  std::optional<double> value;  // null: not parseable
  bool whole = false;           // v1 with no difference counted: upstream's integer 10, written without a point
  bool error = false;           // a captured text is no number: upstream raises, the attempt fails
  std::string why;              // set when value is empty
  double tally = 0;
  std::vector<Term> terms;  // filled on demand
};

enum class Names { exact, fold_case };

/// v2, against the full-scale reference.
Score score_v2(const Answers& answers, const Reference& reference, Names names, bool with_terms = false);
/// v1, against the normalised reference. `strict`: names in other case count too (upstream checks them but forgets their
/// difference).
Score score_v1(const Answers& answers, const Reference& reference, Names names, bool strict, bool with_terms = false);

/// The v2 penalty of a difference d >= 0: S-shaped to 5, then d itself.
double penalty_v2(double d);

}  // namespace assay::eq_bench
