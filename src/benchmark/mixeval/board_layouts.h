// The two tables of MixEval's leaderboard: chat models, sorted by MixEval-Hard, and base models, sorted by MixEval.
#pragma once

#include <vector>

#include "run/board_layout.h"

namespace assay::mixeval {

/// "mixeval-chat" and "mixeval-base", with the published column names.
const std::vector<BoardLayout>& board_layouts();

}  // namespace assay::mixeval
