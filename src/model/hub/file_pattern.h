// Patterns for files of a repository (--include, --exclude), as huggingface_hub applies them: base/name_pattern, and a pattern that ends
// with '/' means everything below it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// No `include` at all means all files; then whatever an `exclude` matches is left out.
bool wanted_file(std::string_view path, const std::vector<std::string>& include, const std::vector<std::string>& exclude);

}  // namespace assay
