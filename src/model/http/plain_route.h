// Which requests need no libcurl, and the bytes that all requests of one shape begin with.
//
// A request goes the plain way (plain_http.h) when nothing of it needs more than HTTP/1.1 over a TCP connection to an address
// that is written as numbers, or localhost. TLS, names that must be looked up, proxies, redirects, downloads, a user in the URL
// and headers that change how a message is framed are libcurl's.
#pragma once

#include <netinet/in.h>

#include <memory>
#include <string>
#include <vector>

#include "model/http/curl_transport.h"
#include "model/http/url.h"

namespace assay {

struct PlainAddress {
  int family = AF_INET;
  union {
    sockaddr any;
    sockaddr_in four;
    sockaddr_in6 six;
  };
  socklen_t size() const { return family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6); }
};

struct PlainRoute {
  PlainRoute() = default;
  ~PlainRoute();  // overwrites `head`, which may hold a Secret
  PlainRoute(const PlainRoute&) = delete;
  PlainRoute& operator=(const PlainRoute&) = delete;

  std::string server;                   // "127.0.0.1:8080"
  std::vector<PlainAddress> addresses;  // tried in this order
  std::string head;                     // request line and header lines, but for the body's length
  bool with_length = false;             // which has to follow, a body of none included
  bool to_head = false;
  bool secret = false;
};

/// Null when the request is libcurl's. Looks at what a CurlShape is made of; a request with a sink is libcurl's whatever this
/// says.
std::unique_ptr<const PlainRoute> plain_route(const HttpRequest& request, const Url& url, const CurlOptions& options);

}  // namespace assay
