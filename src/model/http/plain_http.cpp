#include "model/http/plain_http.h"

#include <cerrno>
#include <system_error>

#include "base/number.h"
#include "model/http/plain_connections.h"

namespace assay {
namespace {

using Time = PlainConnections::Time;
using Ending = PlainConnections::Ending;

double seconds_since(Time begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// No limit when `wait` is none, or longer than any run.
Time after(Time begin, Duration wait) {
  return wait > Duration::zero() && wait < std::chrono::hours(24 * 365) ? begin + wait : Time::max();
}

/// A connection in use: however the coroutine ends, it goes back.
class Lease {
 public:
  Lease(PlainConnections& connections, std::unique_ptr<PlainConnections::Connection> connection)
      : connections_(connections), connection_(std::move(connection)) {}
  ~Lease() { connections_.finish(std::move(connection_)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  PlainConnections::Connection& operator*() { return *connection_; }

 private:
  PlainConnections& connections_;
  std::unique_ptr<PlainConnections::Connection> connection_;
};

Error failure(PlainConnections::Connection& connection, const HttpRequest& request, const Url& url, Time started) {
  Error error{ErrorKind::network, {}, {}};
  std::string reason;
  const std::string said = connection.error != 0 ? std::generic_category().message(connection.error) : "closed by the server";
  switch (connection.ending) {
    case Ending::late:
      error.kind = ErrorKind::timeout;
      reason = "timed out after " + fixed(seconds_since(started), 3) + " s, ";
      reason += connection.sent == 0  ? "not connected"
                : connection.got == 0 ? "without an answer"
                                      : "with " + std::to_string(connection.got) + " bytes of the answer";
      break;
    case Ending::unconnected:
      reason = "could not connect: " + said;
      if (connection.error == EMFILE || connection.error == ENFILE) {
        reason += " (too many open files: lower the concurrency or raise `ulimit -n`)";
      } else if (url.loopback) {
        error.hint = "Nothing listens there: is the server running, and is the port right?";
      }
      break;
    case Ending::too_large:
      error.kind = ErrorKind::bad_response;
      reason = "the answer is longer than " + std::to_string(request.max_body) + " bytes";
      break;
    case Ending::not_http:
      error.kind = ErrorKind::bad_response;
      reason = "the answer is not HTTP: " + connection.answer.why();
      break;
    default:
      reason = !connection.answer.why().empty() ? "the answer is broken: " + connection.answer.why()
               : connection.answer.begun()
                   ? "the connection ended in mid-answer, after " + std::to_string(connection.got) + " bytes: " + said
                   : "no answer, the connection ended: " + said;
      break;
  }
  error.message = request.method + " " + url.shown + " failed: " + reason;
  return error;
}

}  // namespace

PlainHttp::PlainHttp(const asio::any_io_executor& executor, std::size_t max_idle)
    : connections_(std::make_shared<PlainConnections>(executor, max_idle)) {}
PlainHttp::~PlainHttp() = default;

bool PlainHttp::takes(const PlainRoute& route) const {
  const PlainConnections::Server* server = connections_->find_server(route.server);
  return !server || !server->odd;
}

Async<HttpResponse> PlainHttp::exchange(const HttpRequest& request, const PlainRoute& route, const Url& url) {
  std::shared_ptr<PlainConnections> connections = connections_;
  const Time started = std::chrono::steady_clock::now();
  const Time deadline = after(started, request.timeout);
  for (bool fresh = false;; fresh = true) {
    Event done(connections->executor());
    PlainConnections::Request what{route, request.body, request.max_body,
                                   std::min(deadline, after(started, request.connect_timeout)), deadline};
    Lease lease(*connections, connections->start(what, fresh, done));
    co_await done.wait();
    if (!done.is_set()) co_return fail(ErrorKind::cancelled, "interrupted");
    PlainConnections::Connection& connection = *lease;
    if (connection.ending == Ending::answered) {
      HttpResponse response = std::move(connection.answer.response());
      response.seconds = seconds_since(started);
      co_return response;
    }
    // It was closed while nobody used it.
    if (connection.ending == Ending::cut && connection.reused && !connection.answer.begun()) continue;
    co_return fail(failure(connection, request, url, started));
  }
}

}  // namespace assay
