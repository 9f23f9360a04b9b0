#include "base/async/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace assay {

struct Event::Waiters {
  explicit Waiters(const asio::any_io_executor& executor) : timer(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;  // never fires; cancelling it wakes them
};

Event::Event(asio::any_io_executor executor) : executor_(std::move(executor)) {}
Event::~Event() = default;

void Event::set() {
  set_ = true;
  if (waiters_) waiters_->timer.cancel();
}

Task<void> Event::wait() {
  if (set_) co_return;
  if (!waiters_) waiters_ = std::make_shared<Waiters>(executor_);
  std::shared_ptr<Waiters> kept = waiters_;  // the event may end first
  co_await kept->timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace assay
