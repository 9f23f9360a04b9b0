// From the questions' scores to a Report: the official figures, ours beside them, and what became of the samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "benchmark/eq_bench/protocol.h"
#include "run/report.h"

namespace assay::eq_bench {

/// An optional number in the space of a number: a run may have a million of them. A value is never NaN.
class SmallOptional {
 public:
  SmallOptional() = default;
  SmallOptional(std::optional<double> value) : value_(value.value_or(std::numeric_limits<double>::quiet_NaN())) {}
  explicit operator bool() const { return value_ == value_; }
  operator std::optional<double>() const { return value_ == value_ ? std::optional(value_) : std::nullopt; }

 private:
  double value_ = std::numeric_limits<double>::quiet_NaN();
};

/// One question of one iteration, kept small. The numbers are those of the stored answer; all empty where nothing was stored.
struct SampleRow {
  std::uint32_t question = 0;  // in the order of the set: the cluster of its standard error
  Outcome outcome : 8 = Outcome::missing;
  bool cut : 1 = false;
  bool silent : 1 = false;  // failed although every request was answered: the model gave no text. Asking again would change nothing
  SmallOptional first_v1, revised_v1;
  /// Of version 2 its own formula's; of version 1 those of the v1 formula read strictly. No protocol needs all three.
  SmallOptional first_other, revised_other;
};
using IterationRows = std::vector<SampleRow>;  // in the order that sums are made

/// Fills metrics, counts, parts, status, reason and deviates. `questions`: how many an iteration has; `declared`: how many
/// iterations were asked for (there may be fewer).
void summarize(const Protocol& protocol, std::size_t questions, std::size_t declared, std::span<const IterationRows> iterations,
               Report& report);

}  // namespace assay::eq_bench
