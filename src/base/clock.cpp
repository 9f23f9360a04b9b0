#include "base/clock.h"

#include <ctime>

namespace assay {
namespace {
class SystemClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }
  std::int64_t unix_micros() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
};
}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string utc_text(std::int64_t unix_micros) {
  std::time_t seconds = unix_micros / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[32];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return buffer;
}

}  // namespace assay
