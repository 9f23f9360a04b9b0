// From a row's engine to a model spec: what the original's `openai`, `llama.cpp`, `ooba`, `transformers`, ... rows mean here. Pure: what
// it must know of the machine is a parameter. Keys of config.cfg never stand in a spec: key_env= names them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/compat/benchmark_row.h"

namespace assay::compat {

struct EngineSurroundings {
  /// --server ENGINE=URL: where an engine's server is, in place of the address that the original has written into it.
  std::map<std::string, std::string> servers;
  std::string ooba_launch_script;  // absolute
  std::function<bool(const std::string& variable)> has_variable;             // of the environment
  std::function<std::string(const std::string& name)> template_file;         // NAME.yaml, or the name itself where it is found otherwise
  std::function<bool(const std::string& path)> is_folder;
  std::function<std::string(const std::string& repository)> snapshot;        // its folder in the Hugging Face cache; "" = not there
  std::function<std::vector<std::string>(const std::string& folder)> files;  // all below it, as paths from it on, sorted
  /// Whether --include and --exclude leave a file of a repository.
  std::function<bool(const std::string& path, const std::vector<std::string>& include, const std::vector<std::string>& exclude)> wanted;
};

/// What key_env= says for the keys of config.cfg.
inline constexpr std::string_view kApiKeyName = "config.cfg:api_key", kJudgeKeyName = "config.cfg:judge_model_api_key";

struct EngineModel {
  std::string spec;
  std::vector<std::string> notes;  // what a person should know of the choice
};

/// The model of a row. Errors: usage, with what to do.
Result<EngineModel> model_of_row(const BenchmarkRow& row, const EqBenchConfig& config, const EngineSurroundings& surroundings);
/// The judge of [Creative Writing Benchmark].
Result<EngineModel> judge_of_config(const EqBenchConfig& config, const EngineSurroundings& surroundings);

/// A GGUF file that a model can be run from: no later part of a split one, no projector for pictures.
bool is_model_file(const std::string& path);

}  // namespace assay::compat
