// A one-shot signal between coroutines of one loop: everybody who waits resumes when it is set.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "base/async/async.h"

namespace assay {

class Event {
 public:
  explicit Event(asio::any_io_executor executor);
  ~Event();
  /// Resumes all waiters, present and later. Idempotent.
  void set();
  bool is_set() const;
  /// Returns at once when already set; returns early, without error, when the coroutine is cancelled.
  Task<void> wait();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace assay
