// What the transport must know of a URL before it is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

struct Url {
  std::string shown;  // without user, password, query and fragment: fit for messages
  std::string host;
  std::string target;      // path and query, as a request line has them
  std::uint16_t port = 0;  // the scheme's own where none is written
  bool tls = false;
  bool credentials = false;  // it names a user
  bool loopback = false;  // localhost, 127.0.0.0/8, ::1 - as written, without asking a name server
};

/// `url` as it may be shown, or "(not a URL)".
std::string shown_url(std::string_view url);

/// Percent-encoded, to stand in a path or a query; `keep`: bytes that stay as they are beside letters, digits and "-._~".
std::string path_segment(std::string_view text, std::string_view keep = {});

/// Errors: usage (not a URL, or neither http nor https).
Result<Url> parse_url(std::string_view text);

}  // namespace assay
