#include "stats/logistic_cv.h"

#include "base/numpy_random.h"
#include "stats/group_folds.h"

namespace assay {
namespace {

std::vector<std::uint32_t> solver_seeds(std::uint32_t seed, std::size_t count) {
  NumpyRandom random(seed);
  std::vector<std::uint32_t> seeds;
  while (seeds.size() < count) seeds.push_back(static_cast<std::uint32_t>(random.randint(0, 2147483647)));
  return seeds;
}

}  // namespace

const std::array<double, 10> kLogisticStrengths{
    9.999999999999999e-05, 0.000774263682681127, 0.005994842503189409, 0.046415888336127774, 0.3593813663804626,
    2.782559402207126,     21.54434690031882,    166.81005372000556,   1291.5496650148827,   10000.0};

LogisticCv cross_validate(std::span<const std::span<const double>> columns, std::span<const double> labels,
                          std::span<const double> weights, const LogisticCvSettings& settings) {
  LogisticCv cv;
  std::size_t n = labels.size();
  std::vector<std::uint32_t> seeds = solver_seeds(settings.seed, settings.strengths.size());
  std::vector<std::size_t> fold_of = equal_group_folds(n, settings.folds), train, test;
  std::vector<double> totals(settings.strengths.size());
  for (std::size_t fold = 0; fold < settings.folds; ++fold) {
    train.clear();
    test.clear();
    for (std::size_t i = 0; i < n; ++i) (fold_of[i] == fold ? test : train).push_back(i);
    LogisticRows train_rows(columns, labels, weights, train), test_rows(columns, labels, weights, test);
    LogisticRows::Sums start = train_rows.sums({});
    std::vector<double>& scores = cv.scores.emplace_back();
    std::vector<GlmnetFit>& path = cv.paths.emplace_back();
    for (std::size_t k = 0; k < settings.strengths.size(); ++k) {
      path.push_back(fit_glmnet(train_rows, start, settings.strengths[k], seeds[k]));
      scores.push_back(test_rows.log_likelihood(path.back().weights) / static_cast<double>(test.size()));
      totals[k] += scores.back();
    }
  }
  for (std::size_t k = 1; k < totals.size(); ++k) {
    if (totals[k] > totals[cv.chosen]) cv.chosen = k;
  }
  cv.strength = settings.strengths[cv.chosen];
  cv.fit = fit_glmnet(LogisticRows(columns, labels, weights), cv.strength, seeds[0]);
  return cv;
}

GlmnetFit refit(const LogisticRows& rows, double strength, std::uint32_t seed) {
  return fit_glmnet(rows, strength, solver_seeds(seed, 1)[0]);
}

}  // namespace assay
