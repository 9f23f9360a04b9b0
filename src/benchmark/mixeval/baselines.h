// Answers and verdicts for `baseline:` models, in any role.
#pragma once

#include <memory>

#include "model/baseline.h"

namespace assay::mixeval {

struct Prepared;

/// As "model": a random option or other entry's answer, one answer for all, the right one. As a judge: a random verdict, one verdict for
/// all (a score of the constant; the first option), and what the rule parsers make of the answer.
std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const Prepared> prepared);

}  // namespace assay::mixeval
