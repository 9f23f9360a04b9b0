#include "support/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace assay::test {

struct RawServer::State {
  int listener = -1, port = 0;
  int wake[2] = {-1, -1};
  std::function<RawReply(std::size_t, const std::string&)> handler;
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> connections = 0, requests = 0, to_close = 0, closed = 0;
  std::thread thread;

  static std::size_t whole(const std::string& bytes) {
    std::size_t head = bytes.find("\r\n\r\n");
    if (head == std::string::npos) return 0;
    std::size_t length = 0;
    if (bytes.find("X-Answer: early") < head) return head + 4;
    if (std::size_t at = bytes.find("Content-Length: "); at != std::string::npos && at < head)
      length = std::stoul(bytes.substr(at + 16));
    return bytes.size() >= head + 4 + length ? head + 4 + length : 0;
  }

  /// False when the connection is over.
  bool serve(int socket, std::string& bytes) {
    char buffer[65536];
    ssize_t n = recv(socket, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    bytes.append(buffer, static_cast<std::size_t>(n));
    while (std::size_t size = whole(bytes)) {
      RawReply reply = handler(requests++, bytes.substr(0, size));
      bytes.erase(0, size);
      for (std::size_t i = 0; i < reply.pieces.size(); ++i) {
        const std::string& piece = reply.pieces[i];
        if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // so that they come as pieces
        for (std::size_t sent = 0; sent < piece.size();) {
          ssize_t wrote = send(socket, piece.data() + sent, piece.size() - sent, MSG_NOSIGNAL);
          if (wrote <= 0) return false;
          sent += static_cast<std::size_t>(wrote);
        }
      }
      if (reply.then == RawReply::Then::reset) {
        linger hard{1, 0};
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      }
      if (reply.then != RawReply::Then::keep) return false;
    }
    return true;
  }

  void run() {
    std::map<int, std::string> open;
    while (!stop) {
      std::vector<pollfd> polled{{listener, POLLIN, 0}, {wake[0], POLLIN, 0}};
      for (const auto& [socket, bytes] : open) polled.push_back({socket, POLLIN, 0});
      poll(polled.data(), polled.size(), -1);
      if (polled[1].revents) {
        char byte;
        if (read(wake[0], &byte, 1) == 1 && to_close != closed) {
          for (const auto& [socket, bytes] : open) close(socket);
          open.clear();
          ++closed;
          continue;
        }
      }
      for (std::size_t i = 2; i < polled.size(); ++i) {
        int socket = polled[i].fd;
        if (polled[i].revents && !serve(socket, open[socket])) {
          close(socket);
          open.erase(socket);
        }
      }
      if (polled[0].revents) {
        int socket = accept(listener, nullptr, nullptr);
        int one = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (socket >= 0) open[socket], ++connections;
      }
    }
    for (const auto& [socket, bytes] : open) close(socket);
  }
};

RawServer::RawServer(std::function<RawReply(std::size_t, const std::string&)> handler, int family)
    : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  state_->listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_loopback;
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* address = family == AF_INET6 ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  socklen_t size = family == AF_INET6 ? sizeof six : sizeof four;
  if (state_->listener < 0 || bind(state_->listener, address, size) != 0 || listen(state_->listener, 64) != 0 ||
      pipe(state_->wake) != 0)
    throw std::runtime_error(std::string("cannot listen: ") + std::strerror(errno));
  getsockname(state_->listener, address, &size);
  state_->port = ntohs(family == AF_INET6 ? six.sin6_port : four.sin_port);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

RawServer::~RawServer() {
  state_->stop = true;
  if (write(state_->wake[1], "x", 1) == 1) state_->thread.join();
  for (int descriptor : {state_->listener, state_->wake[0], state_->wake[1]}) close(descriptor);
}

int RawServer::port() const {
  return state_->port;
}
std::size_t RawServer::connections() const {
  return state_->connections;
}
std::size_t RawServer::requests() const {
  return state_->requests;
}

void RawServer::close_idle() {
  std::size_t wanted = ++state_->to_close;
  if (write(state_->wake[1], "c", 1) != 1) return;
  while (state_->closed < wanted) std::this_thread::yield();
}

}  // namespace assay::test
