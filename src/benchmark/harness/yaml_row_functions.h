// Equals of Python functions that make one field of one row; yaml_functions.h finds them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "benchmark/harness/yaml_functions.h"

namespace assay::harness::row_functions {

/// By "FOLDER/module.function", or "FOLDER/FOLDER/module.function" where several folders have the same last name.
std::map<std::string, RowFunction> table();

std::unexpected<Error> lacks(std::string_view key, const char* kind);
/// A member that must be a text; `data` error naming it.
Result<std::string> text_of(const json::object& row, std::string_view key);

}  // namespace assay::harness::row_functions
