// A digest of bytes that come piece by piece: of files while they are fetched or checked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace assay {

enum class HashKind { sha256, sha1 };

/// One digest; not thread-safe. SHA-1 is for comparing with what others have computed (git names its objects so), never for keys.
class StreamHash {
 public:
  explicit StreamHash(HashKind kind);
  ~StreamHash();
  StreamHash(StreamHash&&) noexcept;
  StreamHash& operator=(StreamHash&&) noexcept;
  void update(std::string_view bytes);
  /// Lower-case hex digits: 64 or 40. Ends the digest.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Begins git's name of a file's content: the SHA-1 of "blob SIZE\0" and the content, which the caller adds.
StreamHash git_blob_hash(std::uint64_t size);

}  // namespace assay
