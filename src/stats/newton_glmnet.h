// L1-regularised logistic regression by "newGLMNET" (Yuan, Ho, Lin 2012), step for step as LIBLINEAR does it: its stopping rule
// is so loose that published digits depend on the path, not only on the optimum. Minimises |w|_1 + C * sum of weighted log
// losses.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stats/logistic_rows.h"

namespace assay {

struct GlmnetFit {
  LogisticRows::Vector weights{};
  int iterations = 0;
  bool converged = false;  // within 100 iterations
};

/// `start`: rows.sums() of zero weights, where every fit of the same rows begins; `seed`: of the order in which coordinates are
/// visited. All C > 0.
GlmnetFit fit_glmnet(const LogisticRows& rows, const LogisticRows::Sums& start, double c, std::uint32_t seed);
GlmnetFit fit_glmnet(const LogisticRows& rows, double c, std::uint32_t seed);

}  // namespace assay
