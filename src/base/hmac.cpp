#include "base/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace assay {

std::string hmac_sha256(std::string_view key, std::string_view data) {
  unsigned char out[32];
  unsigned size = sizeof out;
  // OpenSSL takes a null key for "the key of the last call".
  HMAC(EVP_sha256(), key.empty() ? "" : key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
       data.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

}  // namespace assay
