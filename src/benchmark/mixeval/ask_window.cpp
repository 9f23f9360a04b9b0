#include "benchmark/mixeval/ask_window.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "base/async/event.h"

namespace assay::mixeval {
namespace {

struct Shared {
  explicit Shared(asio::any_io_executor executor) : done(std::move(executor)) {}
  std::size_t next = 0, working = 0;
  bool stopped = false;
  Event done;
  std::exception_ptr bug;
};

Task<void> work(Model& model, std::size_t count, const AskWindow& options, const std::function<Query(std::size_t)>& make,
                const std::function<bool(std::size_t, Result<Response>)>& take, std::shared_ptr<Shared> shared) {
  while (!shared->stopped && shared->next < count) {
    if (options.stopping && options.stopping()) break;
    const std::size_t i = shared->next++;
    Result<Response> answer = co_await model.answer(make(i));
    if (!take(i, std::move(answer))) shared->stopped = true;
  }
}

}  // namespace

Task<std::size_t> ask_window(Model& model, std::size_t count, const AskWindow& options, const std::function<Query(std::size_t)>& make,
                             const std::function<bool(std::size_t, Result<Response>)>& take) {
  auto executor = co_await asio::this_coro::executor;
  auto shared = std::make_shared<Shared>(executor);
  shared->working = std::min(std::max<std::size_t>(options.window, 1), count);
  for (std::size_t i = 0, workers = shared->working; i < workers; ++i)
    asio::co_spawn(executor, work(model, count, options, make, take, shared), [shared](const std::exception_ptr& bug) {
      if (bug && !shared->bug) {
        shared->bug = bug;
        shared->stopped = true;
      }
      if (--shared->working == 0) shared->done.set();
    });
  while (shared->working > 0) co_await shared->done.wait();
  if (shared->bug) std::rethrow_exception(shared->bug);
  co_return shared->next;
}

}  // namespace assay::mixeval
