// From the items' scores to a Report: the official figure, ours beside it, the table of criteria, and what became of the items.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "benchmark/story_evidence.h"
#include "benchmark/story_rounds.h"
#include "run/report.h"

namespace assay::creative_writing {

using Rows = std::vector<story::Row>;  // of one iteration, in the order that sums are made

/// What the rows are about. `criteria` may be empty (no prompt file at hand): then there is no table of them.
struct Items {
  std::vector<std::string> ids;
  std::vector<std::vector<std::string>> criteria;  // one list for each id
};

/// Fills metrics, counts, parts, status, reason and deviates. `declared`: how many iterations were asked for.
void summarize(const story::Protocol& protocol, const Items& items, std::size_t declared, std::span<const Rows> iterations,
               Report& report);

}  // namespace assay::creative_writing
