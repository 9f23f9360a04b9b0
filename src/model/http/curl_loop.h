// libcurl's multi interface on an event loop: transfers are added, and a function is called when each has ended.
//
// One multi handle walks a list of all its connections to find a free one for a transfer, and once more when a transfer leaves it:
// with a thousand in flight that walk costs more than everything else libcurl does. Therefore transfers are spread over several
// multi handles of a few dozen each, the first of them with room first, so that few transfers still share few connections. Name
// look-ups and TLS sessions are shared between them.
//
// Not thread-safe: use it on the executor's thread. Must be held by a shared_ptr; what it posts to the loop holds it weakly.
#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace assay {

namespace asio = boost::asio;

class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  /// Called with the easy handle's CURLOPT_PRIVATE when its transfer is over and the handle was taken off again.
  using Ended = void (*)(void* transfer, CURLcode code);

  CurlLoop(const asio::any_io_executor& executor, Ended ended);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// A transfer that was added; nothing until then and after remove().
  class Place {
    friend class CurlLoop;
    std::size_t group = 0;
    bool added = false;
  };
  /// `easy` must have been prepared with share_with(). It begins in a later turn of the loop. `place` stays where it is.
  void add(CURL* easy, Place& place);
  /// Ends the transfer if it is under way. Not to be called by what libcurl calls.
  void remove(CURL* easy, Place& place);

  /// What an easy handle needs once to be used here: the shared caches.
  void share_with(CURL* easy);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Group {
    CurlLoop* loop = nullptr;
    std::size_t index = 0;
    CURLM* multi = nullptr;
    std::size_t active = 0;
    Time due = Time::max();  // when libcurl wants to be called
    bool kicked = false;     // ... at once
    bool touched = false;    // something may have ended
  };
  /// What the epoll set knows of a descriptor.
  struct Socket {
    Group* group = nullptr;
    std::uint32_t registered = 0;  // events; 0 = it is not in the set
  };

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long milliseconds, void* self);

  Group& group_with_room();
  Socket& socket_of(curl_socket_t socket);
  void forget(curl_socket_t socket);
  void kick(Group& group);
  void start_kicked();
  void wake_at(Time due);
  void time_passed();
  void act(Group& group, curl_socket_t socket, int events);
  void collect(Group& group);
  void watch();
  void drain_sockets();

  asio::any_io_executor executor_;
  Ended ended_;
  asio::posix::stream_descriptor set_;  // the epoll set of libcurl's sockets
  asio::steady_timer timer_;
  Time armed_ = Time::max();  // when timer_ fires
  CURLSH* share_ = nullptr;
  std::vector<std::unique_ptr<Group>> groups_;
  std::size_t first_with_room_ = 0;  // no group before it has any
  std::vector<Socket> sockets_;      // by descriptor
  std::vector<Group*> kicked_, touched_;
  std::size_t active_ = 0;
  bool kick_posted_ = false, watching_ = false;
};

}  // namespace assay
