#include "base/secret.h"

#include <openssl/crypto.h>

namespace assay {

Secret::~Secret() {
  if (!value_.empty()) OPENSSL_cleanse(value_.data(), value_.size());
}

std::string Secret::redact(std::string text) const {
  if (value_.size() < 4) return text;
  for (std::size_t at = 0; (at = text.find(value_, at)) != std::string::npos; at += 8) text.replace(at, value_.size(), "[secret]");
  return text;
}

}  // namespace assay
