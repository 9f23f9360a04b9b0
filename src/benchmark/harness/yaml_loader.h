// From a task file's mapping to a TaskConfig or TaskGroup: every field checked, defaults filled in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// What a mapping describes: `class` is a Python task, then `group`, then `task`.
enum class YamlKind { python_task, group, task, none };
YamlKind kind_of(const PythonValue& mapping);
/// `tag: name` or `tag: [names]`.
std::vector<std::string> tags_of(const PythonValue& mapping);

/// `data` errors name the file and the field: a value of another kind than the field takes, an output_type that does not exist,
/// a filter or metric without name. Keys that nobody knows are errors as well, with the nearest names: a misspelt field would
/// change numbers unseen. What needs Python is no error but stands in `refusals`.
Result<TaskConfig> read_task_config(const PythonValue& mapping, const std::string& file);

/// Its members are not resolved here. `data` errors as above.
Result<TaskGroup> read_task_group(const PythonValue& mapping, const std::string& file);
/// Keys that belong to the group itself; every other key of a group's file overrides its members.
bool is_group_key(std::string_view key);

/// Python's str() of a configuration value.
std::string python_str(const PythonValue& value);

}  // namespace assay::harness
