#include "benchmark/harness/metrics.h"

#include <cmath>
#include <vector>

#include "base/text.h"

namespace assay::harness {

std::size_t argmax(std::span<const double> values) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) return i;
    if (values[i] > values[best]) best = i;
  }
  return best;
}

ChoiceScore score_choices(std::span<const double> loglikelihoods, std::span<const std::string> choices, std::size_t gold) {
  std::vector<double> normed;
  normed.reserve(loglikelihoods.size());
  // An empty choice divides by zero: minus infinity, or NaN for zero by zero, as in the original.
  for (std::size_t i = 0; i < loglikelihoods.size(); ++i)
    normed.push_back(loglikelihoods[i] / static_cast<double>(count_code_points(choices[i])));
  return {argmax(loglikelihoods) == gold, argmax(normed) == gold};
}

TruthScore score_truth(std::span<const double> loglikelihoods, std::size_t mc1, std::size_t truths) {
  std::span<const double> second = loglikelihoods.subspan(mc1);
  double right = 0, wrong = 0;
  for (std::size_t i = 0; i < second.size(); ++i) (i < truths ? right : wrong) += std::exp(second[i]);
  const double all = right + wrong;
  double mass = 0;
  for (std::size_t i = 0; i < truths; ++i) mass += std::exp(second[i]) / all;
  return {argmax(loglikelihoods.first(mc1)) == 0, mass};
}

DocumentScore score_document(const Document& document, std::span<const double> loglikelihoods) {
  if (document.mc1 > 0) {
    TruthScore truth = score_truth(loglikelihoods, document.mc1, document.truths);
    return {truth.mc1 ? 1.0 : 0.0, truth.mc2};
  }
  ChoiceScore choice = score_choices(loglikelihoods, document.choices, document.gold);
  return {choice.acc ? 1.0 : 0.0, choice.acc_norm ? 1.0 : 0.0};
}

}  // namespace assay::harness
