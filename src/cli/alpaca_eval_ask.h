// How `assay alpaca-eval` asks: prompts become a run of their own, journaled and resumable like any other.
#pragma once

#include <string>
#include <vector>

#include "benchmark/alpaca_eval/annotation_plan.h"
#include "benchmark/alpaca_eval/judge_completion.h"
#include "cli/session.h"

namespace assay::compat {

/// Completions in the order of the plan's prompts. `--judge` replaces configured models. Errors end the command; what was answered is journaled.
Result<std::vector<alpaca_eval::JudgeCompletion>> ask_judges(cli::Session& session, const std::string& benchmark, const alpaca_eval::EvaluatorConfig& config,
                                                             const alpaca_eval::AnnotationPlan& plan, const std::string& date);

/// What a model configuration's decoder answers. `--model` replaces it in the role "model".
Result<std::vector<alpaca_eval::JudgeCompletion>> ask_model(cli::Session& session, const std::string& benchmark, const std::string& role, std::string_view function,
                                                            const PythonValue& kwargs, const std::vector<std::string>& prompts, const std::string& date);

}  // namespace assay::compat
