// HTTP through libcurl's multi interface, driven by the event loop: one thread, any number of transfers, connections kept and
// reused. Plain HTTP to addresses written as numbers goes a shorter way of our own (plain_route.h), with the same errors. HTTP/1.1 on plain connections, HTTP/2 where TLS negotiates it. Certificates are always verified. The environment
// (proxies, netrc) is not read; cookies and credentials are never stored. Not thread-safe: use it on the executor's thread.
//
// A reused connection that the server closes before the first byte of an answer is replaced by a fresh one without the caller's
// notice (libcurl's rule, every browser's too). Anything later is an error here; trying again is `retrying`'s business.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "model/transport.h"

namespace assay {

struct CurlOptions {
  /// Transfers in flight; more wait in line (their time-outs start when they do).
  std::size_t max_in_flight = 1024;
  /// Refuses every address but loopback: by name before a transfer starts, and by address when a socket is opened.
  bool offline = false;
  std::string proxy{};     // URL; "" = none
  std::string no_proxy{};  // hosts that are reached without it, comma-separated
  std::string ca_file{};   // PEM; "" = the system's
  std::string user_agent = "assay";
  bool plain = true;  // false: libcurl carries everything
};

/// Redirects are followed only when the request asks for it and carries no Secret.
std::unique_ptr<Transport> make_curl_transport(const asio::any_io_executor& executor, CurlOptions options = {});

}  // namespace assay
