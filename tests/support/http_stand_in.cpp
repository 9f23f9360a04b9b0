#include "support/http_stand_in.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "support/patience.h"

namespace assay::test {

std::string StandInRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

struct HttpStandIn::State {
  explicit State(Handler h) : handler(std::move(h)) {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 64) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("cannot listen on loopback");
    port = ntohs(address.sin_port);
    acceptor = std::thread([this] { accept(); });
  }
  ~State() {
    {
      std::lock_guard lock(mutex);
      closing = true;
      for (int fd : open) ::shutdown(fd, SHUT_RDWR);
    }
    changed.notify_all();
    ::shutdown(listener, SHUT_RDWR);
    acceptor.join();
    for (std::thread& thread : connections) thread.join();
    ::close(listener);
  }

  void accept() {
    for (;;) {
      int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      std::lock_guard lock(mutex);
      if (fd < 0 || closing) {
        if (fd >= 0) ::close(fd);
        return;
      }
      open.insert(fd);
      connections.emplace_back([this, fd] {
        while (serve(fd)) {
        }
        std::lock_guard inner(mutex);
        open.erase(fd);
        ::close(fd);
      });
    }
  }

  static bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// One request; false ends the connection.
  bool serve(int fd) {
    std::string text;
    std::size_t end = std::string::npos;
    char buffer[16384];
    auto more = [&] {
      ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
      if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
      return n > 0;
    };
    while ((end = text.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return false;
    StandInRequest request;
    std::string_view head(text.data(), end);
    std::size_t line_end = std::min(head.find("\r\n"), head.size());
    std::string_view first = head.substr(0, line_end);
    request.method = first.substr(0, first.find(' '));
    first.remove_prefix(std::min(first.size(), request.method.size() + 1));
    request.target = first.substr(0, first.find(' '));
    for (std::size_t at = line_end; at < head.size();) {
      at += 2;
      std::size_t stop = std::min(head.find("\r\n", at), head.size());
      std::string_view line = head.substr(at, stop - at);
      std::size_t colon = line.find(':');
      if (colon != std::string_view::npos) {
        std::string name(line.substr(0, colon));
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        line.remove_prefix(colon + 1);
        while (line.starts_with(' ')) line.remove_prefix(1);
        request.headers.emplace_back(std::move(name), line);
      }
      at = stop;
    }
    std::string length = request.header("content-length");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    while (text.size() < end + 4 + size)
      if (!more()) return false;
    request.body = text.substr(end + 4, size);

    StandInReply reply;
    {
      std::lock_guard lock(mutex);
      requests.push_back(request);
      changed.notify_all();
      reply = handler(request);
    }
    std::string answer = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
    for (const auto& [name, value] : reply.headers) answer += name + ": " + value + "\r\n";
    answer += "\r\n";
    if (reply.hang_after != 0 && !write_all(fd, answer)) return false;
    if (request.method == "HEAD") return true;
    std::size_t least = std::min({reply.cut_after, reply.hang_after, reply.body.size()});
    if (!write_all(fd, std::string_view(reply.body).substr(0, least))) return false;
    if (reply.hang_after <= reply.body.size() && reply.hang_after != StandInReply::kAll) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return closing; });
      return false;
    }
    return reply.cut_after >= reply.body.size();
  }

  Handler handler;
  int listener = -1;
  std::uint16_t port = 0;
  std::thread acceptor;
  std::vector<std::thread> connections;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::set<int> open;
  std::vector<StandInRequest> requests;
  bool closing = false;
};

HttpStandIn::HttpStandIn(Handler handler) : state_(std::make_unique<State>(std::move(handler))) {}
HttpStandIn::~HttpStandIn() = default;
std::uint16_t HttpStandIn::port() const { return state_->port; }
std::string HttpStandIn::root() const { return "http://127.0.0.1:" + std::to_string(state_->port); }
std::vector<StandInRequest> HttpStandIn::seen() const {
  std::lock_guard lock(state_->mutex);
  return state_->requests;
}
bool HttpStandIn::wait_for(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, patient(std::chrono::seconds(10)), [&] { return state_->requests.size() >= count; });
}

}  // namespace assay::test
