// A server on loopback that sends bytes as a test writes them, HTTP or not: for what a well-behaved server never sends. A thread
// for all connections; requests are read to the end of their head and body (Content-Length), then the reply's bytes go out. A
// request with the header "X-Answer: early" is answered at the end of its head, and its body is taken for nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace assay::test {

struct RawReply {
  enum class Then { keep, close, reset };
  std::vector<std::string> pieces;  // each written by itself, and a moment apart
  Then then = Then::keep;
};

class RawServer {
 public:
  /// `family`: AF_INET or AF_INET6; throws std::runtime_error when there is none of it here. `handler` gets the number of the
  /// request (from 0) and its bytes; it runs on the server's thread.
  explicit RawServer(std::function<RawReply(std::size_t number, const std::string& request)> handler, int family = 2);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const;
  std::size_t connections() const;
  std::size_t requests() const;
  /// Closes every connection on which nothing is under way; returns when the other side could know.
  void close_idle();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::test
