// What is looked up in one row of logits. Vocabularies have up to 256,000 tokens: done plainly this costs as much as a tenth of
// the model's own work. The same arithmetic whatever instructions the processor has, so that numbers do not depend on it.
#pragma once

#include <span>

namespace assay {

struct LogitRow {
  double log_sum = 0;  // natural log of the sum of exp(logits); NaN where a logit is NaN or +infinity, or none is finite
  int best = -1;       // index of the largest, the lowest of equals; -1 when there is none. NaN never wins
};

/// Error of log_sum: below 1e-14 of the sum.
LogitRow read_logits(std::span<const float> logits);

/// The sum of exp(logits - top), added in sixteen interleaved parts. `fast` = false: without the wider instructions, for tests.
double sum_of_exponentials(std::span<const float> logits, float top, bool fast = true);

}  // namespace assay
