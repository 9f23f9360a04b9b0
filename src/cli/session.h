// What a command that asks models holds: the event loop, time, randomness, the journal, the transport, and Ctrl-C.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "base/async/timer.h"
#include "base/random.h"
#include "cli/context.h"
#include "model/budget.h"
#include "model/transport.h"
#include "run/runner.h"

namespace assay::cli {

class Session {
 public:
  /// Opens the journal read-write and makes the loop. Errors as Journal::open.
  static Result<std::unique_ptr<Session>> open(const Invocation& invocation);
  /// Without a journal (data pull, doctor).
  static std::unique_ptr<Session> without_journal(const Invocation& invocation);
  ~Session();

  const Invocation& invocation() const { return invocation_; }
  asio::io_context& loop() { return loop_; }
  Timer& timer() { return *timer_; }
  Random& random() { return random_; }
  Journal& journal() { return *journal_; }
  Transport& transport();  // made when it is first wanted: most commands speak to nobody
  StopSignal& stop() { return stop_; }
  /// What --max-cost allows this command, all its models together; null without it.
  Budget* budget() { return budget_.get(); }

  /// Runs the loop until the coroutine has ended. Ctrl-C and SIGTERM reach stop(); a third one ends the process.
  template <class T>
  Result<T> complete(Async<T> work) {
    std::optional<Result<T>> result;
    spawn(store(std::move(work), result));
    return std::move(*result);
  }

 private:
  explicit Session(const Invocation& invocation);
  template <class T>
  static Task<void> store(Async<T> work, std::optional<Result<T>>& result) {
    result = co_await std::move(work);
  }
  void spawn(Task<void> work);  // runs the loop to the end of `work`

  const Invocation& invocation_;
  asio::io_context loop_;
  std::unique_ptr<Timer> timer_;
  Random random_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Journal> journal_;
  StopSignal stop_;
  std::unique_ptr<Budget> budget_;
};

}  // namespace assay::cli
