// What the transport must know of a URL before it is asked for.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

struct Url {
  std::string shown;  // without user, password, query and fragment: fit for messages
  std::string host;
  bool tls = false;
  bool loopback = false;  // localhost, 127.0.0.0/8, ::1 - as written, without asking a name server
};

/// `url` as it may be shown, or "(not a URL)".
std::string shown_url(std::string_view url);

/// Errors: usage (not a URL, or neither http nor https).
Result<Url> parse_url(std::string_view text);

}  // namespace assay
