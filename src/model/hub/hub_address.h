// How a repository of a hub, or a file in it, is written: `NAME`, `ORG/NAME`, `ORG/NAME@REVISION`, `ORG/NAME@REVISION:FILE`; data sets as the hub's own
// pages have them, `datasets/NAME` and `datasets/ORG/NAME`.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

struct HubAddress {
  std::string repository;         // "ORG/NAME", or "NAME" for the hub's own old models; "datasets/..." for data sets
  std::string revision = "main";  // a branch, a tag, "refs/pr/1", or a commit
  std::string file{};             // path in the repository, "" = not one file
};

/// Errors: usage (not such an address; names that would leave a folder).
Result<HubAddress> parse_hub_address(std::string_view text);
/// "ORG/NAME", with "@REVISION" unless it is main, with ":FILE" when there is one.
std::string to_string(const HubAddress& address);

/// Whether `repository` names a data set rather than a model.
bool is_data_set(std::string_view repository);

/// A path that a repository may name: relative, '/' between non-empty parts, none of them "." or "..", no control characters, no
/// backslash, valid UTF-8, at most 1,024 bytes.
bool is_safe_hub_path(std::string_view path);
/// 40 lower-case hex digits.
bool is_commit(std::string_view revision);

/// "ORG%2FNAME": every byte but letters, digits and -._~ as %XX; `keep_slashes` leaves '/'.
std::string url_part(std::string_view text, bool keep_slashes = false);

}  // namespace assay
