// From MixEval's names of models and judges to model specs. Pure: what it must know of the machine is a parameter.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/mixeval/model_registry.h"
#include "cli/compat/mixeval_flags.h"

namespace assay::compat {

/// A variable of the environment, null where there is none. Where it is an address, `key` is the variable of the key that is sent there.
using EnvironmentVariable = std::function<Result<std::optional<std::string>>(const std::string& name, const std::string& key)>;

struct MixevalModel {
  std::string spec;
  std::map<std::string, std::string> options;  // of the benchmark: kind, system, max_tokens
  std::vector<std::string> notes;
};

/// The tested model: `--model SPEC`, else a GGUF file behind --model_path, else how the registry says it is asked. `usage` error with
/// what to do for checkpoints that only Python could load. OpenAI's own models are asked at OPENAI_BASE_URL where that is set.
Result<MixevalModel> tested_model(const MixevalFlags& flags, const mixeval::RegisteredModel& model, const EnvironmentVariable& variable = {});

/// The judge: `--judge SPEC`, else a local one behind --judge_model_id, else the endpoint that the environment names, as the original
/// chooses it: MODEL_PARSER_API (at --api_base_url, else OPENAI_BASE_URL, else OpenAI), or Azure.
Result<std::string> judge_spec(const MixevalFlags& flags, const std::string& name, const EnvironmentVariable& variable);

}  // namespace assay::compat
