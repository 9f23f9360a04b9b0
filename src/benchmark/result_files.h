// Where recorded results lie: one file, or those of a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace assay {

/// A file stands for itself; a folder for its raw_results.json, else for all its *.json files in the order of their names.
/// Errors: not_found (a folder without any), data (a .csv: a table of results holds no answers).
Result<std::vector<std::filesystem::path>> result_files(const std::string& path);

}  // namespace assay
