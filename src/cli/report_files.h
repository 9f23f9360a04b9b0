// Where reports lie: report.json files, and the folders that --out wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::cli {

/// A path rather than a name or a run: it has a '/', or ends in ".json".
bool looks_like_path(std::string_view word);

/// A file is itself. A folder stands for its report.json and those of the folders directly in it, by name: --out of several runs writes one folder a
/// run. Errors: not_found for a folder without any.
Result<std::vector<std::string>> report_files(const std::string& path);

}  // namespace assay::cli
