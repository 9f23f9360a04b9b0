// Equals of Python functions that make one field of one row; yaml_functions.h finds them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "benchmark/harness/yaml_functions.h"

namespace assay::harness::row_functions {

/// By "FOLDER/module.function", or "FOLDER/FOLDER/module.function" where several folders have the same last name.
std::map<std::string, RowFunction> table();
/// Those of yaml_exam_functions.cpp, a part of them.
void add_exams(std::map<std::string, RowFunction>& table);

std::unexpected<Error> lacks(std::string_view key, const char* kind);
/// A member that must be a text; `data` error naming it.
Result<std::string> text_of(const json::object& row, std::string_view key);

/// A text member with its first letter small.
Result<std::string> with_small_first(const json::object& row, std::string_view key);
/// Without its last code point: a sentence without its full stop.
std::string without_last(std::string_view text);

}  // namespace assay::harness::row_functions
