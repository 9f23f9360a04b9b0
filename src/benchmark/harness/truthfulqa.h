// TruthfulQA's multiple-choice form: common misbeliefs beside what is true.
#pragma once

#include <string_view>

#include "base/error.h"
#include "benchmark/harness/document.h"

namespace assay::harness {

/// mc_task.json (an array; mc1_targets and mc2_targets are objects choice -> 0 or 1) or the data set's export (targets are {"choices":
/// [], "labels": []}). Of MC2 everything before the first 0 counts as true, and nothing after it. Queries are "Q: ...\nA:" without
/// the six examples, which are the task's. `data` errors name the row.
Result<Documents> read_truthfulqa(std::string_view text, std::string_view where);

}  // namespace assay::harness
