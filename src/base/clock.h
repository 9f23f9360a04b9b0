// Time is a parameter. Waiting is model/timer.h's business; this header only tells the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace assay {

using Duration = std::chrono::nanoseconds;
/// Monotonic time since an arbitrary start.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  /// Never goes back; for durations and deadlines.
  virtual Instant now() const = 0;
  /// Microseconds since 1970-01-01T00:00:00Z; for the record only, never for control flow.
  virtual std::int64_t unix_micros() const = 0;
};

/// The machine's clocks. Thread-safe.
Clock& system_clock();

/// "2026-11-21T19:38:00Z" from unix microseconds.
std::string utc_text(std::int64_t unix_micros);

}  // namespace assay
