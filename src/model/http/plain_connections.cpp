#include "model/http/plain_connections.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace assay {
namespace {

constexpr auto kIdleFor = std::chrono::seconds(118);  // libcurl's; servers and boxes in between forget connections, too

void close_socket(int& socket) {
  if (socket >= 0) close(socket);  // which takes it out of the epoll set
  socket = -1;
}

void set_option(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof value);
}

}  // namespace

PlainConnections::Connection::~Connection() {
  close_socket(socket);
}

PlainConnections::PlainConnections(const asio::any_io_executor& executor, std::size_t max_idle)
    : executor_(executor), max_idle_(max_idle), set_(executor), timer_(executor) {
  set_.assign(epoll_create1(EPOLL_CLOEXEC));
}

PlainConnections::~PlainConnections() = default;

const PlainConnections::Server* PlainConnections::find_server(const std::string& name) const {
  auto known = servers_.find(name);
  return known == servers_.end() ? nullptr : &known->second;
}

// ---- exchanges -----------------------------------------------------------------------------------------------------

std::unique_ptr<PlainConnections::Connection> PlainConnections::start(const Request& request, bool fresh, Event& done) {
  if (!watching_ && idle_ > 0) drain();  // what was closed while the loop did not look
  Server& server = servers_[request.route.server];
  std::unique_ptr<Connection> out = fresh ? nullptr : take_idle(server);
  const bool reused = out != nullptr;
  if (!reused) {
    out = std::make_unique<Connection>();
    out->server = &server;
  }
  out->reused = reused;
  begin(*out, request, done);
  if (reused) {
    out->deadline = out->answer_deadline;
    push(*out);
  } else {
    out->address = server.address < request.route.addresses.size() ? server.address : 0;
    connect(*out);
  }
  watch();
  wake_at(out->deadline);
  return out;
}

void PlainConnections::begin(Connection& connection, const Request& request, Event& done) {
  connection.route = &request.route;
  connection.body = request.body;
  connection.head = request.route.head;
  if (request.route.with_length)
    connection.head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  connection.head.append("\r\n");
  connection.sent = connection.got = 0;
  connection.answer.begin(request.max_body, request.route.to_head);
  connection.done = &done;
  connection.ending = Ending::none;
  connection.error = 0;
  connection.deadline = request.connect_deadline;
  connection.answer_deadline = request.deadline;
  connection.tries = 0;
  connection.place = busy_.size();
  busy_.push_back(&connection);
}

void PlainConnections::finish(std::unique_ptr<Connection> connection) {
  busy_.back()->place = connection->place;
  busy_[connection->place] = busy_.back();
  busy_.pop_back();
  if (busy_.empty()) {  // or the loop could not end
    set_.cancel();
    timer_.cancel();
    armed_ = Time::max();
  }
  if (connection->route->secret) explicit_bzero(connection->head.data(), connection->head.size());
  bool whole = connection->sent == connection->head.size() + connection->body.size();
  connection->done = nullptr;
  connection->route = nullptr;
  connection->body = {};
  if (connection->ending != Ending::answered || connection->socket < 0 || !whole || !connection->answer.keep_alive() ||
      idle_ >= max_idle_)
    return;
  connection->step = Connection::Step::idle;
  connection->idle_since = std::chrono::steady_clock::now();
  ++idle_;
  Server& server = *connection->server;
  server.idle.push_back(std::move(connection));
}

std::unique_ptr<PlainConnections::Connection> PlainConnections::take_idle(Server& server) {
  if (server.idle.empty()) return nullptr;
  std::unique_ptr<Connection> out = std::move(server.idle.back());
  server.idle.pop_back();
  --idle_;
  if (std::chrono::steady_clock::now() - out->idle_since < kIdleFor) return out;
  idle_ -= server.idle.size();  // they have waited longer still
  server.idle.clear();
  return nullptr;
}

/// The connection is gone afterwards.
void PlainConnections::drop_idle(Connection& connection) {
  auto& idle = connection.server->idle;
  auto at = std::find_if(idle.begin(), idle.end(), [&](const auto& one) { return one.get() == &connection; });
  if (at == idle.end()) return;
  --idle_;
  idle.erase(at);
}

void PlainConnections::end(Connection& connection, Ending ending, int error) {
  connection.step = Connection::Step::over;
  connection.ending = ending;
  connection.error = error;
  if (ending != Ending::answered) close_socket(connection.socket);
  connection.done->set();
}

// ---- one exchange's steps ------------------------------------------------------------------------------------------

bool PlainConnections::watch_socket(Connection& connection, std::uint32_t events, bool anew) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &connection;
  return epoll_ctl(set_.native_handle(), anew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, connection.socket, &event) == 0;
}

/// Tries the addresses in turn, each once.
void PlainConnections::connect(Connection& connection) {
  const auto& addresses = connection.route->addresses;
  connection.step = Connection::Step::connecting;
  int error = connection.error;
  while (connection.tries < addresses.size()) {
    close_socket(connection.socket);
    const PlainAddress& address = addresses[(connection.address + connection.tries) % addresses.size()];
    ++connection.tries;
    connection.socket = socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (connection.socket >= 0) {
      int code;
      do code = ::connect(connection.socket, &address.any, address.size());
      while (code != 0 && errno == EINTR);
      if (code == 0 || errno == EINPROGRESS) {
        if (!watch_socket(connection, code == 0 ? EPOLLIN : EPOLLOUT, true)) return end(connection, Ending::unconnected, errno);
        if (code == 0) connected(connection);
        return;
      }
    }
    error = errno;
  }
  end(connection, Ending::unconnected, error);
}

void PlainConnections::connected(Connection& connection) {
  connection.server->address = (connection.address + connection.tries - 1) % connection.route->addresses.size();
  set_option(connection.socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(connection.socket, SOL_SOCKET, SO_KEEPALIVE, 1);  // answers may take minutes; keep middle boxes from forgetting us
  set_option(connection.socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(connection.socket, IPPROTO_TCP, TCP_KEEPINTVL, 60);
  connection.deadline = connection.answer_deadline;  // the timer may fire for the earlier one and finds nothing to do
  wake_at(connection.deadline);
  push(connection);
}

void PlainConnections::push(Connection& connection) {
  connection.step = Connection::Step::sending;
  const std::size_t head = connection.head.size(), all = head + connection.body.size();
  while (connection.sent < all) {
    std::size_t of_head = std::min(connection.sent, head), of_body = connection.sent - of_head;
    iovec parts[2] = {{connection.head.data() + of_head, head - of_head},
                      {const_cast<char*>(connection.body.data()) + of_body, connection.body.size() - of_body}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    ssize_t n = sendmsg(connection.socket, &message, MSG_NOSIGNAL);
    if (n >= 0) {
      connection.sent += static_cast<std::size_t>(n);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      watch_socket(connection, EPOLLIN | EPOLLOUT, false);
      return;
    }
    int error = errno;  // what the server said before it stopped listening may be its answer
    connection.step = Connection::Step::receiving;
    pull(connection);
    if (connection.step == Connection::Step::receiving) end(connection, Ending::cut, error);
    return;
  }
  connection.step = Connection::Step::receiving;
}

void PlainConnections::pull(Connection& connection) {
  ssize_t n;
  do n = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) end(connection, Ending::cut, errno);
    return;
  }
  connection.got += static_cast<std::size_t>(n);
  switch (n > 0 ? connection.answer.read({buffer_.data(), static_cast<std::size_t>(n)}) : connection.answer.end()) {
    case HttpAnswer::State::reading:
      return;
    case HttpAnswer::State::done:
      return end(connection, Ending::answered);
    case HttpAnswer::State::cut:
      return end(connection, Ending::cut);
    case HttpAnswer::State::too_large:
      return end(connection, Ending::too_large);
    case HttpAnswer::State::wrong:
      connection.server->odd = true;
      return end(connection, Ending::not_http);
  }
}

void PlainConnections::handle(Connection& connection, std::uint32_t events) {
  switch (connection.step) {
    case Connection::Step::connecting: {
      socklen_t size = sizeof connection.error;
      if (getsockopt(connection.socket, SOL_SOCKET, SO_ERROR, &connection.error, &size) != 0) connection.error = errno;
      if (connection.error != 0) return connect(connection);
      watch_socket(connection, EPOLLIN, false);
      return connected(connection);
    }
    case Connection::Step::sending:
      if (events & ~std::uint32_t{EPOLLOUT}) pull(connection);
      if (connection.step == Connection::Step::sending && (events & EPOLLOUT)) {
        push(connection);
        if (connection.step == Connection::Step::receiving) watch_socket(connection, EPOLLIN, false);
      }
      return;
    case Connection::Step::receiving:
      return pull(connection);
    case Connection::Step::over:  // the answer is here, its coroutine has not run yet: closed, or unasked bytes
      return close_socket(connection.socket);
    case Connection::Step::idle:
      return drop_idle(connection);
  }
}

// ---- the loop ------------------------------------------------------------------------------------------------------

/// The loop may end only when nothing is under way, so the set is watched exactly as long as something is.
void PlainConnections::watch() {
  if (watching_ || busy_.empty()) return;
  watching_ = true;
  set_.async_wait(asio::posix::descriptor_base::wait_read, [weak = weak_from_this()](const boost::system::error_code& code) {
    auto self = weak.lock();
    if (!self) return;
    self->watching_ = false;
    if (!code) self->drain();
    self->watch();
  });
}

/// Runs no coroutine, so a connection ends here by its own event alone.
void PlainConnections::drain() {
  std::array<epoll_event, 256> events;
  int n = epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    handle(*static_cast<Connection*>(event.data.ptr), event.events);
  }
}

/// The timer is set anew only when it would fire too late: most deadlines never come.
void PlainConnections::wake_at(Time due) {
  if (due >= armed_ || busy_.empty()) return;
  armed_ = due;
  timer_.expires_at(due);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& code) {
    auto self = weak.lock();
    if (!code && self) self->time_passed();
  });
}

void PlainConnections::time_passed() {
  armed_ = Time::max();
  Time now = std::chrono::steady_clock::now(), next = Time::max();
  for (Connection* connection : busy_) {
    if (connection->step == Connection::Step::over) continue;
    if (connection->deadline > now) {
      next = std::min(next, connection->deadline);
    } else {
      end(*connection, Ending::late);
    }
  }
  wake_at(next);
}

}  // namespace assay
