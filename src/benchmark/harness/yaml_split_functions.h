// Equals of the Python functions that task files name as process_docs: from the rows of a split to others. yaml_functions.h finds them.
#pragma once

#include <map>
#include <string>

#include "benchmark/harness/yaml_functions.h"

namespace assay::harness::split_functions {

/// By "FOLDER/module.function", or "FOLDER/FOLDER/module.function" where several folders have the same last name.
std::map<std::string, RowsFunction> table();

}  // namespace assay::harness::split_functions
