// A leaderboard for the terminal: ranks, scores, and the intervals drawn on one scale.
#pragma once

#include <string>

#include "leaderboard/ranking.h"
#include "run/text_table.h"

namespace assay {

/// Every board with a title line; below it why rows have no rank and how they deviate. "No runs yet" text when empty. Ends with
/// '\n'.
std::string ranking_text(const Leaderboard& leaderboard, const TextStyle& style);

}  // namespace assay
