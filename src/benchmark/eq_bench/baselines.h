// Answers in EQ-Bench's form for `baseline:` models: what random numbers, a constant, or the reference itself would score.
#pragma once

#include <memory>
#include <vector>

#include "benchmark/eq_bench/protocol.h"
#include "benchmark/eq_bench/questions.h"
#include "model/baseline.h"

namespace assay::eq_bench {

/// Integers from 0 to 10 for random; `value` for constant; the scores the official formula wants for reference. With revision the
/// same scores stand under both headings.
std::string baseline_answer(BaselineAnswers::Kind kind, const Question& question, const Protocol& protocol, Random& random,
                            double value);

/// `questions` outlives the result through the shared pointer.
std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const std::vector<Question>> questions, Protocol protocol);

}  // namespace assay::eq_bench
