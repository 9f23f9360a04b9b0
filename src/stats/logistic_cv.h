// The strength of an L1 penalty chosen by cross validation, as scikit-learn's LogisticRegressionCV does it with groups: each row,
// that is both of its examples, is one group.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/newton_glmnet.h"

namespace assay {

/// logspace(-4, 4, 10) as numpy computes it.
extern const std::array<double, 10> kLogisticStrengths;

struct LogisticCvSettings {
  std::span<const double> strengths = kLogisticStrengths;
  std::size_t folds = 5;
  std::uint32_t seed = 123;  // of the RandomState that gives each strength its solver's seed
};

struct LogisticCv {
  std::size_t chosen = 0;  // the first of the best strengths
  double strength = 0;     // C
  GlmnetFit fit;           // on all rows
  std::vector<std::vector<double>>
      scores;  // [fold][strength]: mean log likelihood of the rows left out; weights count, but not in the mean's count
  std::vector<std::vector<GlmnetFit>> paths;  // [fold][strength]
};

/// Columns, labels and weights as LogisticRows wants them, at least `folds` rows. Pure; about a millisecond for 2,400 rows of
/// three columns.
LogisticCv cross_validate(std::span<const std::span<const double>> columns, std::span<const double> labels,
                          std::span<const double> weights, const LogisticCvSettings& settings = {});

/// The fit on all rows with a strength given by its number, with the seed that the refit uses.
GlmnetFit refit(const LogisticRows& rows, double strength, std::uint32_t seed = 123);

}  // namespace assay
