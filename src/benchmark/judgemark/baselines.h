// Judgements for `baseline:` models.
#pragma once

#include <memory>

#include "benchmark/judgemark/evaluation.h"
#include "model/baseline.h"

namespace assay::judgemark {

/// random and constant: those numbers for each criterion. reference: a judge that knows the table of other benchmarks and rates every
/// story by its writer's place in it (5 of 10 for a writer that is not in it).
std::shared_ptr<BaselineAnswers> make_baselines(const Prepared& prepared);

}  // namespace assay::judgemark
