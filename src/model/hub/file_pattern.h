// Patterns for files of a repository (--include, --exclude), as huggingface_hub applies Python's fnmatch on POSIX: `*` takes anything,
// slashes included, `?` one character, `[a-z]` and `[!a-z]` sets; case counts; a pattern that ends with '/' means everything below it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// Whether the whole of `path` matches. Linear in pattern times path; any bytes are fine.
bool matches_pattern(std::string_view path, std::string_view pattern);

/// No `include` at all means all files; then whatever an `exclude` matches is left out.
bool wanted_file(std::string_view path, const std::vector<std::string>& include, const std::vector<std::string>& exclude);

}  // namespace assay
