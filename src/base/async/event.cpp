#include "base/async/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace assay {

struct Event::State {
  explicit State(asio::any_io_executor executor) : executor(std::move(executor)) {}
  asio::any_io_executor executor;
  std::optional<asio::steady_timer> timer;  // made by the first to wait; never fires; cancelling it wakes the waiters
  bool set = false;
};

Event::Event(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
Event::~Event() = default;

void Event::set() {
  state_->set = true;
  if (state_->timer) state_->timer->cancel();
}

bool Event::is_set() const { return state_->set; }

Task<void> Event::wait() {
  auto state = state_;
  if (state->set) co_return;
  if (!state->timer) state->timer.emplace(state->executor, asio::steady_timer::time_point::max());
  co_await state->timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace assay
