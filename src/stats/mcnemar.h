// McNemar's exact test for two models on the same right-or-wrong questions.
#pragma once

#include <cstddef>

namespace assay {

/// `b` questions only the first got right, `c` only the second: min(1, 2 * sum over i <= min(b, c) of C(b + c, i) / 2^(b + c)).
double mcnemar_exact(std::size_t b, std::size_t c);

}  // namespace assay
