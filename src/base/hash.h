// Hashes: SHA-256 for files and data, its first 128 bits as journal keys.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

struct evp_md_ctx_st;  // OpenSSL's

namespace assay {

/// 128 bits: the first half of a SHA-256. Value type, totally ordered.
struct Key {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Key&) const = default;
  /// 32 lower-case hex digits.
  std::string hex() const;
  /// Inverse of hex(); an error unless exactly 32 hex digits.
  static Result<Key> from_hex(std::string_view text);
};

struct KeyHash {
  std::size_t operator()(const Key& key) const noexcept;
};

/// 64 lower-case hex digits.
std::string sha256_hex(std::string_view data);

/// The sum of a text that comes in parts.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  Sha256& add(std::string_view part);
  /// As sha256_hex() of all parts; the last call.
  std::string hex();

 private:
  ::evp_md_ctx_st* context_;
};

/// Streams the file; errors: not_found, io.
Result<std::string> sha256_file(const std::filesystem::path& path);
Key key_of(std::string_view data);

}  // namespace assay
