#include "model/http/curl_transport.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <deque>
#include <mutex>

#include "base/async/event.h"
#include "model/http/url.h"

namespace assay {
namespace {

struct Multi;

/// One request on its way. Lives on the frame of send().
struct Transfer {
  explicit Transfer(asio::any_io_executor executor) : done(executor) {}
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  std::shared_ptr<Multi> multi;
  const HttpRequest* request = nullptr;
  HttpResponse response;
  Event done;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  CURLcode code = CURLE_OK;
  bool added = false;  // to the multi handle
  bool too_large = false;
  bool sink_stopped = false;
  bool not_loopback = false;
  char reason[CURL_ERROR_SIZE] = {};
};

/// The multi handle and what moves it: one epoll set that holds curl's sockets and is itself watched by the loop, and one timer.
/// Watching the set instead of each socket costs the loop one registration however many transfers there are, and leaves nothing
/// to release when curl closes a socket.
struct Multi : std::enable_shared_from_this<Multi> {
  Multi(asio::any_io_executor executor, CurlOptions options)
      : executor(executor), options(std::move(options)), sockets(executor), timer(executor) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    sockets.assign(epoll_create1(EPOLL_CLOEXEC));
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(this->options.max_in_flight));
  }
  ~Multi() {
    for (CURL* easy : idle) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
    auto& m = *static_cast<Multi*>(self);
    epoll_event event{};
    event.data.fd = socket;
    if (what == CURL_POLL_REMOVE) {
      epoll_ctl(m.sockets.native_handle(), EPOLL_CTL_DEL, socket, &event);
      return 0;
    }
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    epoll_ctl(m.sockets.native_handle(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    if (!known) curl_multi_assign(m.multi, socket, self);  // any non-null value says "known"
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* self) {
    auto& m = *static_cast<Multi*>(self);
    if (milliseconds < 0) {
      m.timer.cancel();
    } else if (milliseconds == 0) {
      m.kick();
    } else {
      m.timer.expires_after(std::chrono::milliseconds(milliseconds));
      m.timer.async_wait([weak = m.weak_from_this()](const boost::system::error_code& code) {
        auto self = weak.lock();
        if (!code && self) self->act(CURL_SOCKET_TIMEOUT, 0);
      });
    }
    return 0;
  }

  /// Lets curl start what was added, once a turn of the loop however many transfers were. curl must not be called from its own
  /// callback.
  void kick() {
    if (kicked) return;
    kicked = true;
    asio::post(executor, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self) return;
      self->kicked = false;
      self->act(CURL_SOCKET_TIMEOUT, 0);
    });
  }

  void act(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi, socket, events, &running);
    collect();
  }

  void collect() {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      CURLcode code = message->data.result;  // `message` dies with the removal
      Transfer* transfer = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      transfer->code = code;
      remove(*transfer);
      transfer->done.set();
    }
  }

  /// The loop may end only when nothing is under way, so the set is watched exactly as long as something is.
  void watch() {
    if (watching || active == 0) return;
    watching = true;
    sockets.async_wait(asio::posix::descriptor_base::wait_read, [weak = weak_from_this()](const boost::system::error_code& code) {
      auto self = weak.lock();
      if (!self) return;
      self->watching = false;
      if (!code) self->drain_sockets();
      self->watch();
    });
  }

  void drain_sockets() {
    std::array<epoll_event, 256> events;
    int n = epoll_wait(sockets.native_handle(), events.data(), static_cast<int>(events.size()), 0);
    int running = 0;
    for (int i = 0; i < n; ++i) {
      int what = 0;
      std::uint32_t got = events[static_cast<std::size_t>(i)].events;
      if (got & EPOLLIN) what |= CURL_CSELECT_IN;
      if (got & EPOLLOUT) what |= CURL_CSELECT_OUT;
      if (got & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
      curl_multi_socket_action(multi, events[static_cast<std::size_t>(i)].data.fd, what, &running);
    }
    if (n > 0) collect();
  }

  void add(Transfer& transfer) {
    ++active;
    transfer.added = true;
    curl_multi_add_handle(multi, transfer.easy);
    watch();
  }
  void remove(Transfer& transfer) {
    if (!transfer.added) return;
    transfer.added = false;
    curl_multi_remove_handle(multi, transfer.easy);
    if (--active == 0) {
      sockets.cancel();
      timer.cancel();
    }
  }

  /// Models ask the same address again and again: the last one is remembered. Null when it is no URL.
  std::shared_ptr<const Url> known_url(const std::string& text) {
    if (!last_url || text != last_text) {
      Result<Url> url = parse_url(text);
      if (!url) return nullptr;
      last_url = std::make_shared<const Url>(std::move(*url));
      last_text = text;
    }
    return last_url;
  }

  CURL* take_easy() {
    if (idle.empty()) return curl_easy_init();
    CURL* easy = idle.back();
    idle.pop_back();
    return easy;
  }
  void give_back(CURL* easy) {
    if (idle.size() >= options.max_in_flight) return curl_easy_cleanup(easy);
    curl_easy_reset(easy);
    idle.push_back(easy);
  }

  asio::any_io_executor executor;
  CurlOptions options;
  asio::posix::stream_descriptor sockets;  // the epoll set
  asio::steady_timer timer;
  CURLM* multi = nullptr;
  std::vector<CURL*> idle;
  std::size_t active = 0;
  std::size_t started = 0;  // transfers that have passed the gate
  std::deque<Event*> line;  // those that wait before it
  bool kicked = false, watching = false;
  std::string last_text;
  std::shared_ptr<const Url> last_url;
};

Transfer::~Transfer() {
  if (easy) {
    multi->remove(*this);
    multi->give_back(easy);
  }
  for (curl_slist* at = headers; at; at = at->next) explicit_bzero(at->data, std::strlen(at->data));
  curl_slist_free_all(headers);
}

/// A place among `max_in_flight`, given back however the coroutine ends. First come, first served.
class Place {
 public:
  explicit Place(std::shared_ptr<Multi> multi) : multi_(std::move(multi)) {}
  ~Place() {
    if (turn_) std::erase(multi_->line, &*turn_);
    if (!taken_ && !(turn_ && turn_->is_set())) return;
    --multi_->started;
    if (multi_->line.empty()) return;
    Event* next = multi_->line.front();
    multi_->line.pop_front();
    ++multi_->started;
    next->set();
  }
  /// False when the caller has to wait for its turn.
  bool take(asio::any_io_executor executor) {
    if (multi_->started < multi_->options.max_in_flight && multi_->line.empty()) {
      ++multi_->started;
      taken_ = true;
    } else {
      multi_->line.push_back(&turn_.emplace(executor));
    }
    return taken_;
  }
  Event& turn() { return *turn_; }

 private:
  std::shared_ptr<Multi> multi_;
  std::optional<Event> turn_;
  bool taken_ = false;
};

std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self) {
  auto& t = *static_cast<Transfer*>(self);
  size *= one;
  if (t.request->sink) {
    if (t.request->sink({data, size})) return size;
    t.sink_stopped = true;
    return 0;
  }
  if (t.response.body.size() + size > t.request->max_body) {
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

void configure(Transfer& t, const Url& url) {
  const HttpRequest& request = *t.request;
  const CurlOptions& options = t.multi->options;
  CURL* easy = t.easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &t);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t.reason);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, options.proxy.c_str());  // "" also keeps curl from reading the environment
  curl_easy_setopt(easy, CURLOPT_NOPROXY, options.no_proxy.c_str());
  if (url.tls) {
    if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);  // learn whether the host multiplexes before opening a connection a request
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  }
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);  // answers may take minutes; keep middle boxes from forgetting us
  auto milliseconds = [](Duration d) {
    return static_cast<long>(std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(d).count()));
  };
  if (request.timeout > Duration::zero()) curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
  if (request.connect_timeout > Duration::zero())
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &t);
  if (!options.user_agent.empty()) curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (options.offline) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_loopback);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &t);
  }

  if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH" || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    if (request.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  bool secret = false;
  std::string line;
  for (const HttpHeader& header : request.headers) {
    line.reserve(header.name.size() + header.value.size() + header.secret.reveal().size() + 3);  // so that no copy is left behind
    line.assign(header.name)
        .append(header.value.empty() && header.secret.empty() ? ";" : ": ")
        .append(header.value)
        .append(header.secret.reveal());
    secret = secret || !header.secret.empty();
    t.headers = curl_slist_append(t.headers, line.c_str());
    if (!header.secret.empty()) explicit_bzero(line.data(), line.size());
  }
  if (!request.body.empty()) t.headers = curl_slist_append(t.headers, "Expect:");  // no pause of a second before long prompts
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t.headers);
  if (request.follow_redirects && !secret) {
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
  }
}

/// Headers are lines on the wire: a line break in one would let a value write further headers, or a second request.
bool clean(const HttpHeader& header) {
  auto bad = [](std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos; };
  return !header.name.empty() && !bad(header.name) && !bad(header.value) && !bad(header.secret.reveal());
}

Error failure(const Transfer& t, const Url& url) {
  std::string what = t.request->method + " " + url.shown;
  std::string reason = t.reason[0] ? t.reason : curl_easy_strerror(t.code);
  Error error{ErrorKind::network, {}, what};
  long os_error = 0;
  curl_easy_getinfo(t.easy, CURLINFO_OS_ERRNO, &os_error);
  switch (t.code) {
    case CURLE_OPERATION_TIMEDOUT:
      error.kind = ErrorKind::timeout;
      break;
    case CURLE_WRITE_ERROR:
      if (t.too_large) {
        error.kind = ErrorKind::bad_response;
        reason = "the answer is longer than " + std::to_string(t.request->max_body) + " bytes";
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

/// A member function's frame would hold a bare `this`; this one holds the Multi itself, so that a frame may outlive the
/// Transport.
Async<HttpResponse> transfer(std::shared_ptr<Multi> multi, HttpRequest request) {
  std::shared_ptr<const Url> url = multi->known_url(request.url);
  if (!url) co_return std::unexpected(parse_url(request.url).error());
  if (multi->options.offline && !url->loopback)
    co_return fail(ErrorKind::usage, request.method + " " + url->shown + " refused: --offline allows loopback addresses only");
  for (const HttpHeader& header : request.headers)
    if (!clean(header))
      co_return fail(ErrorKind::usage, "the header " + header.name + " for " + url->shown + " has a line break or a NUL");

  auto executor = co_await asio::this_coro::executor;
  Place place(multi);
  if (!place.take(executor)) {
    co_await place.turn().wait();
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "interrupted");
  }

  Transfer t(executor);
  t.multi = multi;
  t.request = &request;
  t.easy = multi->take_easy();
  if (!t.easy) co_return fail(ErrorKind::unsupported, "libcurl cannot be used", {}, "install libcurl (libcurl.so.4), e.g. the package libcurl4");
  configure(t, *url);
  multi->add(t);
  co_await t.done.wait();
  if (!t.done.is_set()) co_return fail(ErrorKind::cancelled, "interrupted");  // ~Transfer takes it off the multi handle

  if (t.code != CURLE_OK) co_return fail(failure(t, *url));
  long status = 0;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(t.easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(t.easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  t.response.status = static_cast<int>(status);
  t.response.seconds = static_cast<double>(microseconds) / 1e6;
  co_return std::move(t.response);
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(asio::any_io_executor executor, CurlOptions options)
      : multi_(std::make_shared<Multi>(executor, std::move(options))) {}
  Async<HttpResponse> send(HttpRequest request) override { return transfer(multi_, std::move(request)); }

 private:
  std::shared_ptr<Multi> multi_;
};

}  // namespace

std::unique_ptr<Transport> make_curl_transport(asio::any_io_executor executor, CurlOptions options) {
  options.max_in_flight = std::max<std::size_t>(1, options.max_in_flight);
  return std::make_unique<CurlTransport>(std::move(executor), std::move(options));
}

}  // namespace assay
