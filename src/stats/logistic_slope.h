// A logistic regression of one variable with an intercept and soft labels: how steeply a probability rises with something.
#pragma once

#include <optional>
#include <span>

namespace assay {

struct LogisticLine {
  double intercept = 0, slope = 0;  // of the log odds
};

/// Maximum likelihood of P(y) = 1 / (1 + exp(-(intercept + slope x))). Labels in [0, 1]; `weights` >= 0, empty = all 1; all spans of one length.
/// Nothing where there is no finite maximum: no two different x, one sort of label only, or labels that x separates without an error.
std::optional<LogisticLine> logistic_line(std::span<const double> x, std::span<const double> labels, std::span<const double> weights = {});

}  // namespace assay
