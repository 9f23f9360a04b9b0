// Task files as PyYAML's loader of the harness takes them: YAML 1.1 with `!function`, and files that include others.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
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

/// Reads files, keeps what it read: twelve thousand tasks include a few hundred files. Not thread-safe.
class YamlFiles {
 public:
  using Reader = std::function<Result<std::string>(const std::filesystem::path&)>;
  /// From disk; a file of more than 8 MiB is refused.
  YamlFiles();
  explicit YamlFiles(Reader reader) : reader_(std::move(reader)) {}

  /// The file's own mapping, `include` still in it.
  Result<std::shared_ptr<const PythonValue>> raw(const std::filesystem::path& path);
  /// With its includes: theirs in order (a later one's keys replace), then the file's own; `task_list` is not inherited. Errors:
  /// a file that is not there, a cycle, more than 64 levels. `used`, where given, gets every file that was read.
  Result<PythonValue> merged(const std::filesystem::path& path, std::vector<std::filesystem::path>* used = nullptr);

 private:
  Result<PythonValue> merged(const std::filesystem::path& path, std::vector<std::filesystem::path>& open,
                             std::vector<std::filesystem::path>* used);

  Reader reader_;
  std::map<std::filesystem::path, std::shared_ptr<const PythonValue>> kept_;
};

}  // namespace assay::harness
