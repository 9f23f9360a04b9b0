// From what was asked for to tasks: names, tags, groups with their overrides, patterns, files.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_index.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// Resolves against one index. Not thread-safe.
class TaskSelector {
 public:
  /// `metadata` is merged into every task's and group's metadata (--metadata). Both outlive the selector.
  TaskSelector(const TaskIndex& index, YamlFiles& files, PythonValue metadata = {});

  /// `wanted`: names of tasks, groups and tags, patterns (* ? [..]) over all of them, and paths of YAML files or of folders of
  /// such. Errors: usage (a name that does not exist, with the nearest; a task that occurs in two of what is wanted), unsupported
  /// (a Python task), data (a file). A task that cannot be run here is no error: its `refusals` say so.
  Result<TaskSelection> select(const std::vector<std::string>& wanted);

 private:
  struct Parent {
    std::string name, file;
    PythonValue overrides;  // a dict
  };
  Result<void> add_wanted(const std::string& wanted);
  Result<void> add_name(const std::string& name);
  Result<void> add_file(const std::string& path);
  Result<void> add_top(Result<std::string> name);
  Result<std::string> task(PythonValue mapping, const std::string& file, const PythonValue& overrides);
  Result<std::string> task_of(const IndexedFile& file, const PythonValue& overrides);
  Result<std::string> group(const PythonValue& mapping, const std::string& file, const PythonValue& overrides, const std::string& name,
                            int level);
  Result<void> member(const PythonValue& one, const Parent& parent, std::vector<std::string>& members, int level);
  Result<void> named_member(const std::string& name, const PythonValue& overrides, const Parent& parent,
                            std::vector<std::string>& members, int level);
  PythonValue with_metadata(PythonValue mapping) const;

  const TaskIndex& index_;
  YamlFiles& files_;
  PythonValue metadata_;
  TaskSelection out_;
  std::map<std::string, std::string> owner_;  // task to the wanted item that brought it
  std::string wanted_;                        // being resolved
};

}  // namespace assay::harness
