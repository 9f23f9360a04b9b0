// A token bucket: so much a second, with a small store. Pure arithmetic on given times. Numbers may be a provider's, and absurd:
// no debt is longer than ten minutes, and every wait is one that the clock can hold.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace assay {

class RateBudget {
 public:
  /// `per_second` > 0; `burst` is the most that can be taken at once after a rest.
  RateBudget(double per_second, double burst, Instant now)
      : rate_(per_second), burst_(std::max(burst, 1e-9)), level_(burst_), at_(now) {}

  /// Time until `amount` can be taken; an amount over the burst waits for a full store. Zero = now.
  Duration wait_for(double amount, Instant now) {
    refill(now);
    double missing = std::min(amount, burst_) - level_;
    if (missing <= 1e-9) return Duration::zero();
    return std::chrono::ceil<std::chrono::microseconds>(std::chrono::duration<double>(std::min(missing / rate_, kLongestWait)));
  }
  /// May go below zero: what is owed is waited for by the next, up to ten minutes.
  void take(double amount, Instant now) {
    refill(now);
    level_ = std::min(level_ - amount, burst_);
  }
  /// What the provider says is left; never more than we think ourselves.
  void at_most(double level, Instant now) {
    refill(now);
    level_ = std::min(level_, level);
  }
  void set_rate(double per_second, double burst, Instant now) {
    refill(now);
    rate_ = per_second;
    burst_ = std::max(burst, 1e-9);
    level_ = std::min(level_, burst_);
  }
  /// The level between what is known to be there at least and at most.
  void between(double least, double most, Instant now) {
    refill(now);
    level_ = std::min(std::clamp(level_, std::min(least, most), most), burst_);
  }
  double level(Instant now) {
    refill(now);
    return level_;
  }
  double per_second() const { return rate_; }

 private:
  static constexpr double kLongestDebt = 600, kLongestWait = 86400;  // seconds

  void refill(Instant now) {
    level_ = std::max(level_, -kLongestDebt * rate_);
    if (now <= at_) return;
    level_ = std::min(burst_, level_ + std::chrono::duration<double>(now - at_).count() * rate_);
    at_ = now;
  }
  double rate_, burst_, level_;
  Instant at_;
};

}  // namespace assay
