// A command line as words, split as Python's shlex.split (POSIX mode) splits it: what people put into configuration files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

/// Blanks (space, tab, CR, LF) separate; '...' keeps everything; "..." knows \" and \\; a backslash outside keeps the next character.
/// Nothing is expanded, '#' starts no comment. usage error for a quotation that is not closed and a backslash at the end.
Result<std::vector<std::string>> split_shell_words(std::string_view text);

/// The words as one line that a shell (and split_shell_words) reads back the same.
std::string join_shell_words(const std::vector<std::string>& words);

}  // namespace assay
