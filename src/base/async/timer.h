// Waiting is a parameter, as time is: tests pass a timer whose sleeps end at once and move the clock.
#pragma once

#include <memory>

#include "base/async/async.h"
#include "base/clock.h"

namespace assay {

class Timer {
 public:
  virtual ~Timer() = default;
  virtual Clock& clock() = 0;
  /// Resumes after `duration` on the caller's executor. Returns early, without error, when the coroutine is cancelled.
  virtual Task<void> sleep(Duration duration) = 0;
};

/// Real time.
std::unique_ptr<Timer> make_timer();

/// A clock of its own that stands still except when somebody sleeps: sleep() advances it and yields once. Single-threaded.
/// Sleepers wake in the order of their due times.
class VirtualTimer final : public Timer {
 public:
  VirtualTimer();
  ~VirtualTimer() override;
  Clock& clock() override;
  Task<void> sleep(Duration duration) override;
  void advance(Duration duration);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the coroutines that sleep
};

}  // namespace assay
