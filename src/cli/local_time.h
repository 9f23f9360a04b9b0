// The time on the user's wall, which original tools write into their files. Reads the time zone ($TZ, else the system's): cli/ alone may.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay::cli {

/// "2024-01-02 03:04:05" from unix seconds.
std::string local_text(std::int64_t unix_seconds);
/// The same from a Report's `created` ("2024-01-02T03:04:05Z"); the text itself with a blank where it is none.
std::string local_text(std::string_view utc);

}  // namespace assay::cli
