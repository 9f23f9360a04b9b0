// A judgement in the form that judges are asked for, made of one number a criterion.
#pragma once

#include <string>
#include <vector>

#include "benchmark/story_score.h"
#include "model/baseline.h"

namespace assay::story {

/// "name: value" lines. random: 0 to 10 each; constant: `value` each; reference: `quality` (0 to 10), and 10 - quality where lower
/// is better.
std::string baseline_judgement(BaselineAnswers::Kind kind, const std::vector<std::string>& criteria, Negatives negatives, Random& random,
                               double value, double quality);

}  // namespace assay::story
