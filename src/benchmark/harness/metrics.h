// What one document's log-likelihoods are worth, as harness-v1 counts it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "benchmark/harness/document.h"

namespace assay::harness {

/// numpy's argmax: the first of the greatest; a NaN is greater than everything, the first one counts. `values` is not empty.
std::size_t argmax(std::span<const double> values);

struct ChoiceScore {
  bool acc = false;
  bool acc_norm = false;  // by log-likelihood a code point of the choice, without the blank that was put before it
};
ChoiceScore score_choices(std::span<const double> loglikelihoods, std::span<const std::string> choices, std::size_t gold);

struct TruthScore {
  bool mc1 = false;
  double mc2 = 0;  // NaN when every probability underflows
};
/// `loglikelihoods`: of MC1's choices, then of MC2's; `truths` of the latter come first and are true.
TruthScore score_truth(std::span<const double> loglikelihoods, std::size_t mc1, std::size_t truths);

/// The metrics of the document's task in the harness's order (acc and acc_norm, or mc1 and mc2); booleans are 0 and 1.
struct DocumentScore {
  double first = 0, second = 0;
};
DocumentScore score_document(const Document& document, std::span<const double> loglikelihoods);

}  // namespace assay::harness
