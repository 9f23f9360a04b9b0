// What a provider does to requests besides answering them: limits, latency, accidents. All of it is drawn from a seed and
// computed on given times, so that the same class serves the simulator over sockets and tests in virtual time. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "model/rate_budget.h"

namespace assay::test {

/// True token buckets. A limit of 0 is none; `..._at_once` is the bucket's size (0 = six seconds' worth, at least 1).
struct ProviderLimits {
  double requests_per_minute = 0, requests_at_once = 0;
  double tokens_per_minute = 0, tokens_at_once = 0;
  std::size_t most_in_flight = 0;  // more at once are refused too; 0 = any number
  enum class Headers { none, openai, anthropic } headers = Headers::none;
  enum class RetryAfter { none, seconds, date, milliseconds } retry_after = RetryAfter::none;
};

struct ProviderLatency {
  enum class Shape { constant, uniform, lognormal } shape = Shape::constant;
  double low = 0;                     // milliseconds: the constant, the least, the median
  double high = 0;                    // milliseconds: the most, also of lognormal (0 = ten times the median)
  double sigma = 0.5;                 // of lognormal
  double draw(Random& random) const;  // milliseconds
};

class ProviderWeather {
 public:
  using HeaderList = std::vector<std::pair<std::string, std::string>>;
  ProviderWeather(ProviderLimits limits, Instant begin);

  /// Takes the request's share out of the buckets when it fits. False: it is refused, and nothing was taken.
  bool admit(double tokens, std::size_t in_flight, Instant now);
  /// For an answer, or with `refused` for the refusal. `unix_seconds` is the present, for dates.
  HeaderList headers(bool refused, double tokens, Instant now, double unix_seconds);

 private:
  ProviderLimits limits_;
  double requests_full_ = 0, tokens_full_ = 0;
  std::optional<RateBudget> requests_, tokens_;
};

/// Words without sense, the same for the same seed and prompt; between `least` and `most` bytes.
std::string nonsense(std::uint64_t seed, std::string_view prompt, std::size_t least, std::size_t most);

}  // namespace assay::test
