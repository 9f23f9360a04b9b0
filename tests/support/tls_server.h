// An HTTPS server on loopback with a certificate made for one test run: answers each request with the bytes that a test names for its path, and closes.
#pragma once

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace assay::test {

class TlsServer {
 public:
  /// The certificate is written to `ca_file`, for CurlOptions::ca_file. `answer` runs on the server's thread.
  TlsServer(const std::filesystem::path& ca_file, std::function<std::string(const std::string& path)> answer)
      : answer_(std::move(answer)), context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    certify(ca_file);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&place), size) != 0 || listen(listener_, 16) != 0) throw std::runtime_error("cannot listen");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&place), &size);
    port_ = ntohs(place.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }

 private:
  void certify(const std::filesystem::path& ca_file) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_set_pubkey(certificate.get(), key.get());
    for (auto [id, value] : {std::pair{NID_subject_alt_name, "IP:127.0.0.1"}, std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
      X509_add_ext(certificate.get(), extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    std::unique_ptr<FILE, decltype(&fclose)> file(fopen(ca_file.c_str(), "w"), &fclose);
    if (!file || PEM_write_X509(file.get(), certificate.get()) != 1 || SSL_CTX_use_certificate(context_.get(), certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1)
      throw std::runtime_error("cannot make a certificate");
  }

  void serve() {
    for (int client; (client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; close(client)) {
      std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), &SSL_free);
      SSL_set_fd(tls.get(), client);
      if (SSL_accept(tls.get()) != 1) continue;
      std::string request;
      char buffer[4096];
      for (int got; request.find("\r\n\r\n") == std::string::npos && (got = SSL_read(tls.get(), buffer, sizeof buffer)) > 0;)
        request.append(buffer, static_cast<std::size_t>(got));
      const std::size_t from = request.find(' ') + 1;
      const std::string reply = answer_(request.substr(from, request.find(' ', from) - from));
      SSL_write(tls.get(), reply.data(), static_cast<int>(reply.size()));
      SSL_shutdown(tls.get());
    }
  }

  std::function<std::string(const std::string&)> answer_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  int listener_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace assay::test
