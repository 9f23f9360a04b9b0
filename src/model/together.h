// Several coroutines run at once and waited for; and a switch that ends them from outside.
#pragma once

#include <functional>
#include <vector>

#include "base/async/async.h"

namespace assay {

/// Turned once, by whoever wants work to end (Ctrl-C). On the loop's thread.
class StopSwitch {
 public:
  void request();
  bool requested() const { return requested_; }

 private:
  friend Task<void> run_together(std::vector<Task<void>> tasks, StopSwitch* stop);
  bool requested_ = false;
  std::vector<std::function<void()>*> listeners_;
};

/// Runs all `tasks` on the caller's executor and returns when the last one has ended. When `stop` (may be null; outlives this) is turned,
/// or the caller is cancelled, they are cancelled: their awaits end early and without an exception, so a task looks at what it got.
/// Rethrows the first exception of a task, after all have ended.
Task<void> run_together(std::vector<Task<void>> tasks, StopSwitch* stop = nullptr);

}  // namespace assay
