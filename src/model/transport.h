// HTTP as a seam: dialects build requests, a Transport carries them. The real one is model/http/curl_transport.h.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/async/async.h"
#include "base/clock.h"
#include "base/secret.h"

namespace assay {

struct HttpHeader {
  std::string name;
  std::string value;
  Secret secret{};        // appended to `value` on the wire; never shown
};

struct HttpResponse;

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<HttpHeader> headers;
  std::string body;
  Duration connect_timeout = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(600);  // the whole attempt
  std::size_t max_body = std::size_t{64} << 20;  // a longer answer is a bad_response
  /// When set, the body of a 2xx answer goes here instead of HttpResponse::body (downloads); false stops the transfer. Other bodies
  /// (an error's page, a redirect's) go to HttpResponse::body, of which a mebibyte is kept then.
  std::function<bool(std::string_view)> sink{};
  /// Called with status and headers before the first byte goes to `sink`; false stops the transfer.
  std::function<bool(const HttpResponse& head)> begin{};
  Duration stall_timeout{};  // no byte for so long is a time-out; whole seconds; 0 = only `timeout` counts (0 there: no limit)
  bool follow_redirects = false;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names lower-cased
  std::string body;
  double seconds = 0;
  /// First header of that (lower-case) name, or "".
  std::string header(std::string_view name) const;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// An HTTP answer of any status is a value; network, timeout, cancelled, bad_response (too large, protocol) are errors.
  virtual Async<HttpResponse> send(HttpRequest request) = 0;
};

}  // namespace assay
