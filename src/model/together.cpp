#include "model/together.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <list>

#include "base/async/event.h"

namespace assay {
namespace {

Task<void> quiet(Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

}  // namespace

void StopSwitch::request() {
  if (std::exchange(requested_, true)) return;
  auto listeners = listeners_;
  for (auto* listener : listeners) (*listener)();
}

Task<void> run_together(std::vector<Task<void>> tasks, StopSwitch* stop) {
  if (tasks.empty()) co_return;
  co_await asio::this_coro::throw_if_cancelled(false);
  auto executor = co_await asio::this_coro::executor;
  Event over(executor);
  std::list<asio::cancellation_signal> signals;
  std::exception_ptr bug;
  std::size_t left = tasks.size();
  std::function<void()> cancel = [&signals] {
    for (auto& signal : signals) signal.emit(asio::cancellation_type::terminal);
  };
  if (stop) stop->listeners_.push_back(&cancel);
  for (Task<void>& task : tasks) {
    signals.emplace_back();
    asio::co_spawn(executor, quiet(std::move(task)), asio::bind_cancellation_slot(signals.back().slot(), [&](const std::exception_ptr& error) {
                     if (error && !bug) bug = error;
                     if (--left == 0) over.set();
                   }));
  }
  if (stop && stop->requested()) cancel();
  while (!over.is_set()) {
    co_await over.wait();
    if (!over.is_set()) cancel();  // the caller is cancelled: so are they, and they are waited for all the same
  }
  if (stop) std::erase(stop->listeners_, &cancel);
  if (bug) std::rethrow_exception(bug);
}

}  // namespace assay
