// Log-likelihoods for `baseline:` models: what chance, the first choice, or knowing the answer would score.
#pragma once

#include <memory>

#include "benchmark/harness/prepared.h"
#include "model/baseline.h"

namespace assay::harness {

/// random: uniform from -32 to 0; constant: all alike, so the first choice is taken; reference: the right ones far above the others.
/// `prepared` outlives the result through the shared pointer.
std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const Prepared> prepared);

}  // namespace assay::harness
