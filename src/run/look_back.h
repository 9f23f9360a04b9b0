// What the journal's earlier runs of a plan say to a new one: the epoch that each unit is asked under, and which units need no asking.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "journal/journal.h"
#include "run/run_plan.h"

namespace assay {

struct LookBack {
  int base_epoch = 0;          // of units that no run came to
  std::vector<int> epochs;     // of each unit; empty where base_epoch is that of all
  std::vector<bool> finished;  // units that the continued run and those before it have finished; empty where there are none
  std::string continues;       // the newest earlier run, where it ended early

  int epoch_of(std::size_t ordinal) const { return epochs.empty() ? base_epoch : epochs[ordinal]; }
  bool has_finished(std::size_t ordinal) const { return !finished.empty() && finished[ordinal]; }
};

/// Before the new run is created. Runs over other parts of the samples count, too: what the newest one that came to a unit says of it
/// holds. Runs that only scored recorded answers say nothing. Errors: the journal's.
Result<LookBack> look_back(const RunPlan& plan, Journal& journal);

}  // namespace assay
