// Names by shell-like patterns, as Python's fnmatch.fnmatchcase has them.
#pragma once

#include <string_view>

namespace assay {

/// Whether the whole of `name` matches: `*` takes anything, slashes and line breaks included, `?` one character, `[a-z]` one of a set, `[!a-z]`
/// one outside it; case counts. Characters are code points. Linear in pattern times name; any bytes are fine.
bool matches_pattern(std::string_view name, std::string_view pattern);

}  // namespace assay
