// The sockets of PlainHttp: a pool of connections that each carry one request at a time, on an epoll set of their own that the
// event loop watches, with one timer for all deadlines. Everything here is called on the loop's thread.
//
// Asio's own sockets would cost a system call more a request (the set is told again of each wait) and a coroutine's way through
// the loop for each step; here the loop hears of a whole exchange once, when it is over.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/event.h"
#include "model/http/http_answer.h"
#include "model/http/plain_route.h"

namespace assay {

class PlainConnections : public std::enable_shared_from_this<PlainConnections> {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Server;

  /// What became of an exchange.
  enum class Ending { none, answered, not_http, too_large, cut, unconnected, late };

  struct Connection {
    ~Connection();
    Server* server = nullptr;
    int socket = -1;
    enum class Step { connecting, sending, receiving, over, idle } step = Step::connecting;
    bool reused = false;

    // The exchange it carries.
    const PlainRoute* route = nullptr;
    std::string head;
    std::string_view body;
    std::size_t sent = 0, got = 0;  // bytes
    HttpAnswer answer;
    Event* done = nullptr;
    Ending ending = Ending::none;
    int error = 0;                   // errno, 0 = none or closed in order
    Time deadline, answer_deadline;  // of this step, of the exchange
    std::size_t address = 0;         // the one that is tried
    std::size_t tries = 0;           // addresses tried so far

    std::size_t place = 0;  // among the busy ones
    Time idle_since;
  };
  struct Server {
    std::vector<std::unique_ptr<Connection>> idle;  // the last used last
    std::size_t address = 0;                        // that a connection was made to last
    bool odd = false;                               // its answers are libcurl's to read
  };
  struct Request {
    const PlainRoute& route;
    std::string_view body;
    std::size_t max_body;
    Time connect_deadline, deadline;
  };

  PlainConnections(const asio::any_io_executor& executor, std::size_t max_idle);
  ~PlainConnections();

  const asio::any_io_executor& executor() const { return executor_; }
  Server& server(const std::string& name) { return servers_[name]; }
  const Server* find_server(const std::string& name) const;

  /// A connection on which `request` is under way; `done` is set when it is over. `fresh`: not one that was used before.
  std::unique_ptr<Connection> start(const Request& request, bool fresh, Event& done);
  /// Ends what is under way and takes the connection back, to be used again if the exchange left it fit for that.
  void finish(std::unique_ptr<Connection> connection);

 private:
  std::unique_ptr<Connection> take_idle(Server& server);
  void begin(Connection& connection, const Request& request, Event& done);
  void connect(Connection& connection);
  void connected(Connection& connection);
  void push(Connection& connection);
  void pull(Connection& connection);
  static void end(Connection& connection, Ending ending, int error = 0);
  bool watch_socket(Connection& connection, std::uint32_t events, bool anew);
  void drop_idle(Connection& connection);
  void handle(Connection& connection, std::uint32_t events);
  void drain();
  void watch();
  void wake_at(Time due);
  void time_passed();

  asio::any_io_executor executor_;
  const std::size_t max_idle_;
  asio::posix::stream_descriptor set_;
  asio::steady_timer timer_;
  Time armed_ = Time::max();  // when timer_ fires
  bool watching_ = false;
  std::vector<Connection*> busy_;
  std::size_t idle_ = 0;
  std::map<std::string, Server> servers_;
  std::array<char, 64 << 10> buffer_;  // reads never wait, so that one serves all
};

}  // namespace assay
