// HMAC-SHA256 (RFC 2104): signatures that a shared secret makes.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// 32 bytes, not hex. `key` may hold any bytes and have any length.
std::string hmac_sha256(std::string_view key, std::string_view data);

/// Lower-case hex digits of any bytes.
std::string to_hex(std::string_view bytes);

}  // namespace assay
