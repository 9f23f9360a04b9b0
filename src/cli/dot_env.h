// `.env` files as python-dotenv reads them: KEY=VALUE, `export ` before it allowed, '#' comments on lines of their own and behind values, values in
// quotes with escapes and over several lines. Nothing is expanded.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace assay::cli {

/// The last of several values for one name counts. A bare value ends at its line or at a '#' behind a blank; "..." knows \n and its like, '...' only
/// \' and \\. Lines that are none of this are passed over: the file belongs to other programs, too. A byte order mark at the beginning is skipped.
std::map<std::string, std::string, std::less<>> read_dot_env(std::string_view text);

}  // namespace assay::cli
