// The original's `evaluate_from_model`: outputs are generated first - those that a file holds already are kept - and then evaluated.
#pragma once

#include "cli/compat/alpaca_evaluate.h"

namespace assay::compat {

struct FromModelFlags {
  std::string model_configs;
  std::optional<std::string> reference_model_configs;
  PythonValue evaluation_dataset;              // None: the version's reference
  std::optional<std::string> output_path = "auto";
  std::optional<std::size_t> max_instances;
  bool strip_output = true, load_outputs = true;
  std::size_t chunk_size = 64;                 // 0 = all at once
  EvaluateFlags evaluate;
};
Result<FromModelFlags> read_from_model_flags(const FireValues& values, const AlpacaVersion& version);

Result<EvaluateResult> evaluate_from_model(const FromModelFlags& flags, const AlpacaSurroundings& surroundings);

/// A model configuration: `models_configs/NAME/configs.yaml`, or a path.
struct ModelConfig {
  std::string name, prompt_template, fn_completions;
  PythonValue completions_kwargs;
};
Result<ModelConfig> find_model(const AlpacaSurroundings& surroundings, const std::string& name, const std::optional<std::string>& base_dir);

}  // namespace assay::compat
