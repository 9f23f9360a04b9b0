// Multiple-choice options in another order than the data have: who knows the letters by heart, and not the answers, loses by it.
#pragma once

#include <cstdint>

#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

/// Shuffles options and right answer, in the fields as well. The order depends on seed and entry alone: copies get the same, and it is the same
/// whichever entries are chosen. Options that speak of each other ("both of the above") may lose their sense. Pure.
void shuffle_options(Entry& entry, std::int64_t seed);

}  // namespace assay::mixeval
