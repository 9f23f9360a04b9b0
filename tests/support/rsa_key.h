// An RSA key made for one test run, its PEM text, and the check of a signature with the public half.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

namespace assay::test {

class RsaKey {
 public:
  explicit RsaKey(unsigned bits = 2048) : key_(EVP_RSA_gen(bits), &EVP_PKEY_free) {}

  /// PKCS #8, as key files have it; under a pass phrase when one is given.
  std::string pem(std::string_view pass_phrase = {}) const {
    std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), pass_phrase.empty() ? nullptr : EVP_aes_128_cbc(), pass_phrase.data(),
                                  static_cast<int>(pass_phrase.size()), nullptr, nullptr);
    char* data = nullptr;
    long size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  }
  /// RSASSA-PKCS1-v1_5 with SHA-256 (RS256).
  bool verifies(std::string_view text, std::string_view signature) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace assay::test
