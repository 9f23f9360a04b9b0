// What happened to a model's limits, for the report: bounded, the first events and the latest ones are kept.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace assay {

class LimitHistory {
 public:
  explicit LimitHistory(Instant begin) : begin_(begin) {}
  /// `what` lives for ever.
  void add(Instant now, const char* what, double allowed, std::size_t in_flight, std::optional<double> per_minute);
  /// [{"seconds", "event", "allowed", "in_flight", "requests_per_minute"?}], and one {"left_out": N} where some were dropped.
  json::array to_json() const;

 private:
  struct Row {
    double seconds, allowed;
    const char* what;
    std::size_t in_flight;
    std::optional<double> per_minute;
  };
  static constexpr std::size_t kFirst = 24, kLatest = 24;
  Instant begin_;
  std::vector<Row> first_, latest_;
  std::size_t added_ = 0;
};

}  // namespace assay
