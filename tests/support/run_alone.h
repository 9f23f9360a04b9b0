// Runs one coroutine to its end on a loop of its own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "base/async/async.h"

namespace assay::test {

namespace detail {
template <class T>
Task<void> keep(Task<T> work, std::optional<T>& out) {
  out = co_await std::move(work);
}
}  // namespace detail

/// The coroutine's result. `loop` is run until nothing is left to do.
template <class T>
T run_on(asio::io_context& loop, Task<T> work) {
  std::optional<T> out;
  std::exception_ptr thrown;
  asio::co_spawn(loop, detail::keep(std::move(work), out), [&](std::exception_ptr error) { thrown = error; });
  loop.restart();
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*out);
}

template <class T>
T run_alone(Task<T> work) {
  asio::io_context loop;
  return run_on(loop, std::move(work));
}

}  // namespace assay::test
