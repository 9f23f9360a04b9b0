// assay list tasks DIR...
#pragma once

#include "cli/context.h"

namespace assay::cli {

/// Where the index of task files is kept, a file a set of folders: DATA/index/tasks-HASH.json.
std::filesystem::path task_index_file(const std::filesystem::path& data_home, const std::vector<std::string>& folders);

int list_tasks(Invocation& invocation);

}  // namespace assay::cli
