// An event loop for tests: runs coroutines to their end, or lets some hang and cancels them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/async/async.h"
#include "model/model.h"
#include "model/transport.h"

namespace assay::test {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  asio::any_io_executor executor();

  /// Starts the coroutine; it runs during run(), finish() or poll(). The number is for cancel().
  std::size_t start(Task<void> task);
  void cancel(std::size_t number);
  /// Runs until nothing is left to do; rethrows what a coroutine threw.
  void finish();
  /// Runs what is ready now.
  void poll();
  /// The result of `work`, which runs to its end together with everything started before.
  template <class T>
  T run(Task<T> work) {
    std::optional<T> out;
    start(keep(std::move(work), out));
    finish();
    return std::move(*out);
  }

 private:
  template <class T>
  static Task<void> keep(Task<T> work, std::optional<T>& out) {
    out = co_await std::move(work);
  }
  struct State;
  std::unique_ptr<State> state_;
};

Task<void> answer_into(Model& model, Query query, std::optional<Result<Response>>& out);
Task<void> send_into(Transport& transport, HttpRequest request, std::optional<Result<HttpResponse>>& out);

/// A chat request with one user message.
Query question(std::string text);

}  // namespace assay::test
