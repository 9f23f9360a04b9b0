// How the original asks well-known models for their outputs: decoder, model and parameters of its models_configs, for machines without them. Facts of
// tatsu-lab/alpaca_eval at the pack's commit. Prompts of more than notation are not among them: those models need the imported configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/python_value.h"

namespace assay::alpaca_eval {

struct ModelFacts {
  std::string name, prompt_template, function;
  PythonValue arguments;
};

/// Nothing for a name that is not among them.
std::optional<ModelFacts> model_facts(std::string_view name);
std::vector<std::string> models_with_facts();

}  // namespace assay::alpaca_eval
