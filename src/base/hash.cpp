#include "base/hash.h"

#include <openssl/evp.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

namespace assay {
namespace {
using Digest = std::array<std::uint8_t, 32>;

// Looked up once: the look-up behind EVP_sha256() costs more than hashing a short request.
const EVP_MD* algorithm() {
  static const EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return sha256;
}

Digest sha256(std::string_view data) {
  // One a thread: making and freeing it takes as long as a kilobyte's sum.
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Digest out{};
  unsigned size = out.size();
  EVP_DigestInit_ex(context.get(), algorithm(), nullptr);
  EVP_DigestUpdate(context.get(), data.data(), data.size());
  EVP_DigestFinal_ex(context.get(), out.data(), &size);
  return out;
}

template <class Bytes>
std::string to_hex(const Bytes& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t b : bytes) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

std::string Key::hex() const { return to_hex(bytes); }

Result<Key> Key::from_hex(std::string_view text) {
  Key key;
  if (text.size() != 32) return fail(ErrorKind::data, "a key has 32 hex digits, not " + std::to_string(text.size()));
  for (std::size_t i = 0; i < 16; ++i) {
    int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return fail(ErrorKind::data, "a key has hex digits only");
    key.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return key;
}

std::size_t KeyHash::operator()(const Key& key) const noexcept {
  std::size_t out;
  std::memcpy(&out, key.bytes.data(), sizeof out);
  return out;
}

std::string sha256_hex(std::string_view data) { return to_hex(sha256(data)); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, algorithm(), nullptr); }

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

Sha256& Sha256::add(std::string_view part) {
  EVP_DigestUpdate(context_, part.data(), part.size());
  return *this;
}

std::string Sha256::hex() {
  Digest out{};
  unsigned size = out.size();
  EVP_DigestFinal_ex(context_, out.data(), &size);
  return to_hex(out);
}

Result<std::string> sha256_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::not_found, "cannot open the file", path.string());
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), algorithm(), nullptr);
  std::vector<char> buffer(1 << 20);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return fail(ErrorKind::io, "cannot read the file", path.string());
  Digest out{};
  unsigned size = out.size();
  EVP_DigestFinal_ex(context.get(), out.data(), &size);
  return to_hex(out);
}

Key key_of(std::string_view data) {
  Digest digest = sha256(data);
  Key key;
  std::memcpy(key.bytes.data(), digest.data(), key.bytes.size());
  return key;
}

}  // namespace assay
