// HTTP/1.1 without TLS, for the requests that plain_route.h lets through: a model served on this machine or in the next rack,
// where a thousand requests in flight are nothing unusual and libcurl's share of a request is what limits a run
// (docs/decisions/0013-many-small-multi-handles.md). curl_transport.h chooses between the two.
//
// The rules are the same as there: connections are kept and reused; one that the server closed while nobody used it is replaced
// by a fresh one without the caller's notice, once, as long as no byte of an answer came; anything later is an error. Not
// thread-safe: use it on the executor's thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>

#include "model/http/plain_route.h"
#include "model/transport.h"

namespace assay {

class PlainConnections;

class PlainHttp {
 public:
  /// Keeps at most `max_idle` connections that nobody uses.
  PlainHttp(const asio::any_io_executor& executor, std::size_t max_idle);
  ~PlainHttp();
  PlainHttp(const PlainHttp&) = delete;
  PlainHttp& operator=(const PlainHttp&) = delete;

  /// False for a server that has answered with what we do not take for HTTP. libcurl knows more odd servers.
  bool takes(const PlainRoute& route) const;

  /// Errors as Transport::send(). `request`, `route` and `url` outlive the coroutine; whoever awaits it keeps this object alive.
  Async<HttpResponse> exchange(const HttpRequest& request, const PlainRoute& route, const Url& url);

 private:
  std::shared_ptr<PlainConnections> connections_;
};

}  // namespace assay
