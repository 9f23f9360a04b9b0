// Task files as PyYAML's loader of the harness takes them: YAML 1.1 with `!function`, and files that include others.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// A value that names a Python function is a dict {"!function": "utils.f", "!file": YAML FILE}.
inline constexpr std::string_view kFunctionTag = "!function", kFunctionFile = "!file";
std::optional<PythonFunction> function_of(const PythonValue& value);
/// The value without "!file" at any depth: what result files show.
PythonValue shown(const PythonValue& value);

/// `add`'s keys replace or join those of `to`; a key that was there keeps its place. Both are dicts.
void update(PythonValue& to, const PythonValue& add);
void erase_key(PythonValue& dict, std::string_view key);
PythonValue empty_dict();

/// One task file's mapping from its text. `data` errors with line and column; also for what is no mapping.
Result<PythonValue> read_task_yaml(std::string_view text, const std::string& file);

/// Reads files and keeps those that others include: twelve thousand tasks include a few hundred. Not thread-safe.
class YamlFiles {
 public:
  using Reader = std::function<Result<std::string>(const std::filesystem::path&)>;
  /// From disk; a file of more than 8 MiB is refused.
  YamlFiles();
  explicit YamlFiles(Reader reader) : reader_(std::move(reader)) {}

  /// With its includes: theirs in order (a later one's keys replace), then the file's own; `task_list` is not inherited. Errors:
  /// a file that is not there, a cycle, more than 64 levels. `used`, where given, gets every file that was read.
  Result<PythonValue> merged(const std::filesystem::path& path, std::vector<std::filesystem::path>* used = nullptr);

 private:
  Result<PythonValue> merged(const std::filesystem::path& path, std::vector<std::filesystem::path>& open,
                             std::vector<std::filesystem::path>* used);

  Result<PythonValue> read(const std::filesystem::path& path) const;
  Result<std::shared_ptr<const PythonValue>> included(const std::filesystem::path& path);

  Reader reader_;
  std::unordered_map<std::string, std::shared_ptr<const PythonValue>> kept_;  // each file's own mapping, `include` still in it
};

}  // namespace assay::harness
