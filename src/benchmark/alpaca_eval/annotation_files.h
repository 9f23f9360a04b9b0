// Many annotation files at once: a leaderboard's worth of them is read as fast as the machine's processors and memory allow.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "benchmark/alpaca_eval/annotation_scores.h"

namespace assay::alpaca_eval {

/// What each file holds, in the files' order. `threads` (0: as many as there are processors) share them, each with one file in memory, which it
/// keeps for the next. Errors: the first in the files' order, as read_file() and read_annotation_scores() have them.
Result<std::vector<AnnotationScores>> read_annotation_files(std::span<const std::filesystem::path> files, unsigned threads = 0, bool with_instructions = false);

}  // namespace assay::alpaca_eval
