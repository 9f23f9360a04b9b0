// A small HTTP/1.1 server on loopback whose answers a test computes: for what is neither a model provider nor worth a simulator of its own
// (a model hub, the places results are uploaded to). A thread a connection; the handler runs under one lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::test {

struct StandInRequest {
  std::string method, target;  // the target as it came, query included
  std::vector<std::pair<std::string, std::string>> headers;  // names lower-cased
  std::string body;
  std::string header(std::string_view name) const;  // "" without one
};

struct StandInReply {
  static constexpr std::size_t kAll = ~std::size_t{0};
  int status = 200;
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};  // Content-Length is added
  std::size_t cut_after = kAll;   // of the body: then the connection ends, whatever Content-Length promised
  std::size_t hang_after = kAll;  // of the body: then nothing comes any more, and the connection stays open (0: not even the head)
};

class HttpStandIn {
 public:
  using Handler = std::function<StandInReply(const StandInRequest&)>;
  explicit HttpStandIn(Handler handler);
  ~HttpStandIn();
  HttpStandIn(const HttpStandIn&) = delete;
  HttpStandIn& operator=(const HttpStandIn&) = delete;

  std::string root() const;  // "http://127.0.0.1:PORT"
  std::uint16_t port() const;
  std::vector<StandInRequest> seen() const;
  /// Returns once `count` requests have come in all, or false after ten seconds.
  bool wait_for(std::size_t count) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::test
