// `.env` files: KEY=VALUE lines, `export ` before them allowed, '#' lines are comments, one pair of quotes around a value goes.
// Nothing is expanded.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace assay::cli {

/// The first of several lines for one name counts. Lines that are none of this are passed over: the file belongs to other programs, too.
std::map<std::string, std::string, std::less<>> read_dot_env(std::string_view text);

}  // namespace assay::cli
