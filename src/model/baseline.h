// `baseline:random?seed=1`, `baseline:constant?value=5`, `baseline:reference`: answers that show what a score is worth. What such an
// answer looks like is the benchmark's knowledge, so the benchmark supplies the texts and this Model only asks for them by origin.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "model/model.h"
#include "model/model_spec.h"

namespace assay {

/// Supplied by a benchmark when a run is set up.
class BaselineAnswers {
 public:
  enum class Kind { random, constant, reference };
  virtual ~BaselineAnswers() = default;
  /// The answer to one request. `random` is seeded by (seed, sample, iteration, ask) alone, so answers do not depend on order;
  /// `value` is the constant's. Errors: unsupported (this benchmark has no such baseline), data (unknown sample).
  virtual Result<std::string> answer(Kind kind, const Origin& origin, const Request& request, Random& random, double value) = 0;
  /// The same for a group of log-likelihoods: one an item. `unsupported` unless a benchmark has some.
  virtual Result<std::vector<Loglikelihood>> loglikelihoods(Kind kind, const Origin& origin, const LoglikelihoodGroup& group, Random& random,
                                                            double value);
};

/// usage error for an unknown name (the nearest is named), for settings that are no numbers, and when `answers` is null.
Result<std::unique_ptr<Model>> make_baseline(const ModelSpec& spec, std::shared_ptr<BaselineAnswers> answers);

}  // namespace assay
