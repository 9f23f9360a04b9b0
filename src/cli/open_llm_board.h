// `assay leaderboard --layout open-llm|open-llm-2023-11`: the Open LLM Leaderboard's table of published result files, our runs among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "leaderboard/wide_board.h"
#include "run/board_layout.h"

namespace assay::cli {

/// "open-llm" (August 2023) and "open-llm-2023-11".
bool is_open_llm_layout(std::string_view name);
/// What the table is filtered with.
std::vector<OptionSpec> open_llm_board_options();

struct OpenLlmBoard {
  BoardLayout layout;
  std::vector<WideRow> rows;  // of the result files, best first
};
/// `folders`: of result files. Errors: usage (filters), not_found, io, data.
Result<OpenLlmBoard> open_llm_board(const Invocation& invocation, std::string_view layout, const std::vector<std::string>& folders);
/// `reports` and the board's rows together, one board for each kind of run; `board` must outlive the result.
std::vector<WideBoard> with_own_runs(const OpenLlmBoard& board, const std::vector<Report>& reports);

}  // namespace assay::cli
