#include "model/http/curl_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

namespace assay {
namespace {

// With 1,024 in flight, one handle for all took 29 us of libcurl's own time for a transfer, handles of 32 take 15 (one handle with 64
// in flight: 13). With HTTP/2 it is the number of streams on one connection, where servers often allow 100.
constexpr std::size_t kGroup = 32;

}  // namespace

CurlLoop::CurlLoop(const asio::any_io_executor& executor, Ended ended)
    : executor_(executor), ended_(ended), set_(executor), timer_(executor) {
  set_.assign(epoll_create1(EPOLL_CLOEXEC));
}

CurlLoop::~CurlLoop() {
  for (auto& group : groups_) curl_multi_cleanup(group->multi);
  if (share_) curl_share_cleanup(share_);
}

void CurlLoop::share_with(CURL* easy) {
  if (!share_) {
    share_ = curl_share_init();
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  curl_easy_setopt(easy, CURLOPT_SHARE, share_);
}

// ---- what libcurl calls --------------------------------------------------------------------------------------------

/// What libcurl no longer wants leaves the set at once: some of it libcurl closes itself without a further word, such as the socket that
/// tells of a name's look-up, and the next connection has the same number.
int CurlLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& group = *static_cast<Group*>(self);
  CurlLoop& loop = *group.loop;
  if (what == CURL_POLL_REMOVE) {
    loop.forget(socket);
    return 0;
  }
  Socket& known = loop.socket_of(socket);
  known.group = &group;
  std::uint32_t events = ((what & CURL_POLL_IN) ? std::uint32_t{EPOLLIN} : 0u) | ((what & CURL_POLL_OUT) ? std::uint32_t{EPOLLOUT} : 0u);
  if (known.registered == events) return 0;
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  epoll_ctl(loop.set_.native_handle(), known.registered != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  known.registered = events;
  return 0;
}

int CurlLoop::on_timer(CURLM*, long milliseconds, void* self) {
  auto& group = *static_cast<Group*>(self);
  if (milliseconds < 0) {
    group.due = Time::max();
  } else if (milliseconds == 0) {
    group.loop->kick(group);
  } else {
    group.due = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    group.loop->wake_at(group.due);
  }
  return 0;
}

// ---- sockets -------------------------------------------------------------------------------------------------------

CurlLoop::Socket& CurlLoop::socket_of(curl_socket_t socket) {
  auto place = static_cast<std::size_t>(socket);
  if (place >= sockets_.size()) sockets_.resize(std::max(place + 1, sockets_.size() * 2));
  return sockets_[place];
}

void CurlLoop::forget(curl_socket_t socket) {
  Socket& known = socket_of(socket);
  if (known.registered != 0) {
    epoll_event event{};
    epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, &event);
  }
  known = {};
}

/// The loop may end only when nothing is under way, so the set is watched exactly as long as something is.
void CurlLoop::watch() {
  if (watching_ || active_ == 0) return;
  watching_ = true;
  set_.async_wait(asio::posix::descriptor_base::wait_read, [weak = weak_from_this()](const boost::system::error_code& code) {
    auto self = weak.lock();
    if (!self) return;
    self->watching_ = false;
    if (!code) self->drain_sockets();
    self->watch();
  });
}

void CurlLoop::drain_sockets() {
  std::array<epoll_event, 256> events;
  int n = epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  int running = 0;
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    Socket& known = socket_of(event.data.fd);
    if (known.registered == 0) continue;  // what an earlier event of these ended
    int what = 0;
    if (event.events & EPOLLIN) what |= CURL_CSELECT_IN;
    if (event.events & EPOLLOUT) what |= CURL_CSELECT_OUT;
    if (event.events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
    Group& group = *known.group;
    curl_multi_socket_action(group.multi, event.data.fd, what, &running);
    if (group.touched) continue;
    group.touched = true;
    touched_.push_back(&group);
  }
  for (Group* group : touched_) {
    group->touched = false;
    collect(*group);
  }
  touched_.clear();
}

// ---- time ----------------------------------------------------------------------------------------------------------

/// Lets libcurl start what was added, once a turn of the loop however many transfers were. It must not be called from what it
/// calls.
void CurlLoop::kick(Group& group) {
  if (group.kicked) return;
  group.kicked = true;
  kicked_.push_back(&group);
  if (kick_posted_) return;
  kick_posted_ = true;
  asio::post(executor_, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->start_kicked();
  });
}

void CurlLoop::start_kicked() {
  kick_posted_ = false;
  std::vector<Group*> now;
  now.swap(kicked_);
  for (Group* group : now) group->kicked = false;
  for (Group* group : now) act(*group, CURL_SOCKET_TIMEOUT, 0);
  now.clear();
  if (kicked_.empty()) kicked_.swap(now);  // keeps its capacity
}

/// The timer is set anew only when it would fire too late. Most times libcurl names are time-outs that never come, each later than
/// the one before.
void CurlLoop::wake_at(Time due) {
  if (due >= armed_) return;
  armed_ = due;
  timer_.expires_at(due);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& code) {
    auto self = weak.lock();
    if (!code && self) self->time_passed();
  });
}

void CurlLoop::time_passed() {
  armed_ = Time::max();
  Time now = std::chrono::steady_clock::now(), next = Time::max();
  for (std::size_t i = 0; i < groups_.size(); ++i) {  // NOLINT(modernize-loop-convert): what ends may start others, and add a group
    Group& group = *groups_[i];
    if (group.due <= now) {
      group.due = Time::max();  // unless libcurl names another
      act(group, CURL_SOCKET_TIMEOUT, 0);
    }
    next = std::min(next, group.due);
  }
  if (active_ > 0 && next != Time::max()) wake_at(next);
}

// ---- transfers -----------------------------------------------------------------------------------------------------

CurlLoop::Group& CurlLoop::group_with_room() {
  while (first_with_room_ < groups_.size() && groups_[first_with_room_]->active >= kGroup) ++first_with_room_;
  if (first_with_room_ == groups_.size()) {
    auto group = std::make_unique<Group>();
    group->loop = this;
    group->index = groups_.size();
    group->multi = curl_multi_init();
    curl_multi_setopt(group->multi, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
    curl_multi_setopt(group->multi, CURLMOPT_SOCKETDATA, group.get());
    curl_multi_setopt(group->multi, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
    curl_multi_setopt(group->multi, CURLMOPT_TIMERDATA, group.get());
    curl_multi_setopt(group->multi, CURLMOPT_MAXCONNECTS, static_cast<long>(2 * kGroup));  // as many idle as busy: two hosts
    groups_.push_back(std::move(group));
  }
  return *groups_[first_with_room_];
}

void CurlLoop::add(CURL* easy, Place& place) {
  Group& group = group_with_room();
  place.group = group.index;
  place.added = true;
  ++group.active;
  ++active_;
  curl_multi_add_handle(group.multi, easy);
  watch();
  if (group.due != Time::max()) wake_at(group.due);
}

void CurlLoop::remove(CURL* easy, Place& place) {
  if (!place.added) return;
  place.added = false;
  Group& group = *groups_[place.group];
  curl_multi_remove_handle(group.multi, easy);
  --group.active;
  first_with_room_ = std::min(first_with_room_, group.index);
  if (--active_ > 0) return;
  set_.cancel();
  timer_.cancel();
  armed_ = Time::max();
}

void CurlLoop::act(Group& group, curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(group.multi, socket, events, &running);
  collect(group);
}

void CurlLoop::collect(Group& group) {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(group.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode code = message->data.result;
    void* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    ended_(transfer, code);
  }
}

}  // namespace assay
