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
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  /// Resumes all waiters, present and later. Idempotent.
  void set();
  bool is_set() const { return set_; }
  /// Returns at once when already set; returns early, without error, when the coroutine is cancelled. Those who wait may outlive
  /// the event.
  Task<void> wait();

 private:
  struct Waiters;
  asio::any_io_executor executor_;
  bool set_ = false;
  std::shared_ptr<Waiters> waiters_;  // made by the first to wait: most events are set before anybody does
};

}  // namespace assay
