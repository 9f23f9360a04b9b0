#include "model/http/curl_transport.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <deque>

#include "base/async/event.h"
#include "model/http/curl_easy_pool.h"
#include "model/http/curl_loop.h"
#include "model/http/plain_http.h"

namespace assay {
namespace {

/// What all transfers of a transport share; a coroutine's frame holds it, since the frame may outlive the transport.
struct Shared {
  Shared(const asio::any_io_executor& executor, CurlOptions given);

  CurlOptions options;
  std::shared_ptr<CurlLoop> loop;
  CurlEasyPool easies;
  PlainHttp plain;
  std::size_t started = 0;  // transfers that have passed the gate
  std::deque<Event*> line;  // those that wait before it
};

constexpr std::size_t kMaxPage = std::size_t{1} << 20;  // kept of a body that is not what a download wants

/// One request on its way. Lives on the frame of send().
struct Transfer {
  Transfer(const asio::any_io_executor& executor, std::shared_ptr<Shared> shared, const HttpRequest& request)
      : shared(std::move(shared)), request(request), done(executor) {}
  ~Transfer() {
    if (!easy.handle) return;
    shared->loop->remove(easy.handle, place);
    shared->easies.give_back(std::move(easy), done.is_set() && code == CURLE_OK);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  std::shared_ptr<Shared> shared;
  const HttpRequest& request;
  HttpResponse response;
  Event done;
  CurlEasyPool::Easy easy;
  CurlLoop::Place place;
  CURLcode code = CURLE_OK;
  bool too_large = false;
  bool sink_stopped = false;
  bool begun = false;  // request.begin was called
  bool not_loopback = false;
  char reason[CURL_ERROR_SIZE];  // empty while reason[0] is 0
};

void on_end(void* self, CURLcode code) {
  auto& t = *static_cast<Transfer*>(self);
  t.code = code;
  t.shared->loop->remove(t.easy.handle, t.place);
  t.done.set();
}

Shared::Shared(const asio::any_io_executor& executor, CurlOptions given)
    : options(std::move(given)), loop(std::make_shared<CurlLoop>(executor, &on_end)), easies(options), plain(executor, options.max_in_flight) {}

/// A place among `max_in_flight`, given back however the coroutine ends. First come, first served.
class Turn {
 public:
  explicit Turn(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  ~Turn() {
    if (turn_) std::erase(shared_->line, &*turn_);
    if (!taken_ && !(turn_ && turn_->is_set())) return;
    --shared_->started;
    if (shared_->line.empty()) return;
    Event* next = shared_->line.front();
    shared_->line.pop_front();
    ++shared_->started;
    next->set();
  }
  /// False when the caller has to wait for its turn.
  bool take(const asio::any_io_executor& executor) {
    if (shared_->started < shared_->options.max_in_flight && shared_->line.empty()) {
      ++shared_->started;
      taken_ = true;
    } else {
      shared_->line.push_back(&turn_.emplace(executor));
    }
    return taken_;
  }
  Event& event() { return *turn_; }

 private:
  std::shared_ptr<Shared> shared_;
  std::optional<Event> turn_;
  bool taken_ = false;
};

std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self) {
  auto& t = *static_cast<Transfer*>(self);
  size *= one;
  if (t.request.sink) {
    long status = 0;
    curl_easy_getinfo(t.easy.handle, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 != 2) {
      t.response.body.append(data, std::min(size, kMaxPage - std::min(kMaxPage, t.response.body.size())));
      return size;
    }
    t.response.status = static_cast<int>(status);
    if (!std::exchange(t.begun, true) && t.request.begin) t.sink_stopped = !t.request.begin(t.response);
    if (!t.sink_stopped && t.request.sink({data, size})) return size;
    t.sink_stopped = true;
    return 0;
  }
  if (t.response.body.size() + size > t.request.max_body) {
    t.too_large = true;
    return 0;
  }
  t.response.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t one, std::size_t size, void* self) {
  constexpr std::size_t kMaxHeaders = 512;
  auto& t = *static_cast<Transfer*>(self);
  size *= one;
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // a new answer: after 100-continue or a redirect
    t.response.headers.clear();
    t.response.body.clear();
    return size;
  }
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || t.response.headers.size() >= kMaxHeaders) return size;
  auto& [name, value] = t.response.headers.emplace_back();
  for (char c : line.substr(0, colon)) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  line.remove_prefix(colon + 1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  value = line;
  return size;
}

curl_socket_t open_loopback(void* self, curlsocktype, curl_sockaddr* address) {
  bool loopback = false;
  if (address->family == AF_INET) {
    loopback = (ntohl(reinterpret_cast<sockaddr_in*>(&address->addr)->sin_addr.s_addr) >> 24) == 127;
  } else if (address->family == AF_INET6) {
    loopback = IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<sockaddr_in6*>(&address->addr)->sin6_addr);
  }
  if (!loopback) {
    static_cast<Transfer*>(self)->not_loopback = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// What belongs to this transfer alone; the rest came with the handle.
void set_up(Transfer& t) {
  CURL* easy = t.easy.handle;
  if (t.easy.anew) {
    t.shared->loop->share_with(easy);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
    if (t.shared->options.offline) curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_loopback);
  }
  t.reason[0] = 0;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &t);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t.reason);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &t);
  if (t.shared->options.offline) curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &t);
  long timeout = 0;  // none
  if (t.request.timeout > Duration::zero()) {
    auto ms = std::chrono::ceil<std::chrono::milliseconds>(t.request.timeout).count();
    timeout = static_cast<long>(std::max<std::int64_t>(1, ms));
  }
  if (timeout != t.easy.timeout) curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
  t.easy.timeout = timeout;
  if (!t.easy.shape->may_have_body) return;
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(t.request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t.request.body.c_str());  // libcurl keeps the pointer, no copy
}

/// Headers are lines on the wire: a line break in one would let a value write further headers, or a second request.
bool clean(const HttpHeader& header) {
  auto bad = [](std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos; };
  return !header.name.empty() && !bad(header.name) && !bad(header.value) && !bad(header.secret.reveal());
}

Error failure(const Transfer& t, const Url& url) {
  std::string what = t.request.method + " " + url.shown;
  std::string reason = t.reason[0] ? t.reason : curl_easy_strerror(t.code);
  Error error{ErrorKind::network, {}, what};
  long os_error = 0;
  curl_easy_getinfo(t.easy.handle, CURLINFO_OS_ERRNO, &os_error);
  switch (t.code) {
    case CURLE_OPERATION_TIMEDOUT:
      error.kind = ErrorKind::timeout;
      break;
    case CURLE_WRITE_ERROR:
      if (t.too_large) {
        error.kind = ErrorKind::bad_response;
        reason = "the answer is longer than " + std::to_string(t.request.max_body) + " bytes";
      } else if (t.sink_stopped) {
        error.kind = ErrorKind::io;
        reason = "the receiver stopped the transfer";
      }
      break;
    case CURLE_UNSUPPORTED_PROTOCOL:  // the scheme was checked before: what came was not HTTP/1
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS:
      error.kind = ErrorKind::bad_response;
      break;
    case CURLE_OUT_OF_MEMORY:  // what it says of a head of more than 300 KB
      error.kind = ErrorKind::bad_response;
      reason = "the answer's head is too long";
      break;
    case CURLE_URL_MALFORMAT:
      error.kind = ErrorKind::usage;
      break;
    case CURLE_COULDNT_RESOLVE_HOST:
      error.hint = "Is the host's name right, and is there a network?";
      break;
    case CURLE_COULDNT_CONNECT:
      if (t.not_loopback) {
        error.kind = ErrorKind::usage;
        reason = "--offline allows loopback addresses only";
      } else if (os_error == EMFILE || os_error == ENFILE) {
        reason += " (too many open files: lower the concurrency or raise `ulimit -n`)";
      } else if (url.loopback) {
        error.hint = "Nothing listens there: is the server running, and is the port right?";
      }
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      error.hint = "The server's certificate could not be verified against the system's authorities.";
      break;
    default:
      break;
  }
  error.message = what + " failed: " + reason;
  error.where.clear();  // the message says it
  return error;
}

/// A member function's frame would hold a bare `this`; this one holds what is shared itself, so that a frame may outlive the
/// Transport.
Async<HttpResponse> transfer(std::shared_ptr<Shared> shared, HttpRequest request) {
  for (const HttpHeader& header : request.headers)
    if (!clean(header))
      co_return fail(ErrorKind::usage, "the header " + header.name + " for " + shown_url(request.url) + " has a line break or a NUL");
  Result<std::shared_ptr<const CurlShape>> shape = shared->easies.shape_of(request);
  if (!shape) co_return std::unexpected(shape.error());
  const Url& url = (*shape)->url;
  if (shared->options.offline && !url.loopback)
    co_return fail(ErrorKind::usage, request.method + " " + url.shown + " refused: --offline allows loopback addresses only");

  auto executor = co_await asio::this_coro::executor;
  Turn turn(shared);
  if (!turn.take(executor)) co_await turn.event().wait();
  // A coroutine is told of its cancellation once. What is begun after that would run to its end, and be paid for.
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "interrupted");

  if (const PlainRoute* route = (*shape)->plain.get(); route && !request.sink && shared->plain.takes(*route))
    co_return co_await shared->plain.exchange(request, *route, url);

  Transfer t(executor, shared, request);
  t.easy = shared->easies.take(*shape);
  if (!t.easy.handle)
    co_return fail(ErrorKind::unsupported, "libcurl cannot be used", {}, "install libcurl (libcurl.so.4), e.g. the package libcurl4");
  set_up(t);
  shared->loop->add(t.easy.handle, t.place);
  co_await t.done.wait();
  if (!t.done.is_set()) co_return fail(ErrorKind::cancelled, "interrupted");  // ~Transfer takes it off libcurl's hands

  if (t.code != CURLE_OK) co_return fail(failure(t, url));
  long status = 0;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(t.easy.handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(t.easy.handle, CURLINFO_TOTAL_TIME_T, &microseconds);
  t.response.status = static_cast<int>(status);
  t.response.seconds = static_cast<double>(microseconds) / 1e6;
  co_return std::move(t.response);
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(const asio::any_io_executor& executor, CurlOptions options)
      : shared_(std::make_shared<Shared>(executor, std::move(options))) {}
  Async<HttpResponse> send(HttpRequest request) override { return transfer(shared_, std::move(request)); }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<Transport> make_curl_transport(const asio::any_io_executor& executor, CurlOptions options) {
  options.max_in_flight = std::max<std::size_t>(1, options.max_in_flight);
  return std::make_unique<CurlTransport>(executor, std::move(options));
}

}  // namespace assay
