// From documents to the tasks' numbers, and from those to the leaderboard's columns.
#pragma once

#include <vector>

#include "benchmark/harness/aggregate.h"
#include "benchmark/harness/prepared.h"

namespace assay::harness {

/// Why a mean is none: it is NaN in the original, and in its files.
inline constexpr const char* kUnderflows = "not a finite number: for some document every probability underflows";

/// What the documents of one task of harness-v1 scored, in the order in which they were asked.
struct V1Tally {
  std::vector<double> first, second;  // of the scored ones; metrics in the harness's order
  std::vector<Weighted> words, bytes;  // of texts instead
  Counts counts;
  std::size_t truncated = 0;  // documents with a context that was cut to fit
  void add(const TaskInfo& task, const SampleResult& sample);
};

/// Fills metrics, counts, parts, status and reason. `tallies`: one a task.
void summarize(const Prepared& prepared, const std::vector<V1Tally>& tallies, Report& report);

}  // namespace assay::harness
