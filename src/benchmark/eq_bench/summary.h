// From the questions' scores to a Report: the official figures, ours beside them, and what became of the samples.
#pragma once

#include <cstddef>
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

/// One question of one iteration. The numbers are those of the stored answer; all empty where nothing was stored.
struct SampleRow {
  std::size_t question = 0;  // in the order of the set: the cluster of its standard error
  Outcome outcome = Outcome::missing;
  bool cut = false;
  bool silent = false;  // failed although every request was answered: the model gave no text. Asking again would change nothing
  SmallOptional first_v1, revised_v1, first_v2, revised_v2, first_strict, revised_strict;
};
using IterationRows = std::vector<SampleRow>;  // in the order that sums are made

/// Fills metrics, counts, parts, status, reason and deviates. `questions`: how many an iteration has; `declared`: how many
/// iterations were asked for (there may be fewer).
void summarize(const Protocol& protocol, std::size_t questions, std::size_t declared, std::span<const IterationRows> iterations,
               Report& report);

}  // namespace assay::eq_bench
