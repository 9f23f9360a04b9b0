#include "base/stream_hash.h"

#include <openssl/evp.h>

namespace assay {

struct StreamHash::Context {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(digest); }
};

StreamHash::StreamHash(HashKind kind) : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->digest, kind == HashKind::sha256 ? EVP_sha256() : EVP_sha1(), nullptr);
}
StreamHash::~StreamHash() = default;
StreamHash::StreamHash(StreamHash&&) noexcept = default;
StreamHash& StreamHash::operator=(StreamHash&&) noexcept = default;

void StreamHash::update(std::string_view bytes) { EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()); }

std::string StreamHash::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(context_->digest, digest, &size);
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

StreamHash git_blob_hash(std::uint64_t size) {
  StreamHash out(HashKind::sha1);
  std::string head = "blob " + std::to_string(size);
  head += '\0';
  out.update(head);
  return out;
}

}  // namespace assay
