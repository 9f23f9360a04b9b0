// The texts of `baseline:` models in AlpacaEval: outputs, and judgements that the evaluator's parser can read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/run_settings.h"
#include "model/baseline.h"

namespace assay::alpaca_eval {

/// As a model: `reference` repeats the reference's output, `constant` and `random` say something that answers nothing. As a judge: `constant` prefers
/// the first output shown for values below 2, `random` either; refused where the judge's answer is read from log probabilities.
std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const std::vector<Reference>> references, std::shared_ptr<const EvaluatorConfig> evaluator);

/// A text that the annotator's parser reads as these preferences - of the first output shown, or of the second - one an example of the prompt. Nothing
/// where it reads no text that is known here (log probabilities, a language of its own).
std::optional<std::string> judgement_text(const AnnotatorConfig& annotator, const std::vector<bool>& second);

}  // namespace assay::alpaca_eval
