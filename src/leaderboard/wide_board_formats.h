// Boards of several columns written down: for the terminal, csv, json, markdown, and as a page.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "leaderboard/wide_board.h"
#include "run/text_table.h"

namespace assay {

std::string wide_boards_text(std::span<const WideBoard> boards, const TextStyle& style);
/// One line a row; numbers unrounded.
std::string wide_boards_csv(std::span<const WideBoard> boards);
json::object wide_boards_json(std::span<const WideBoard> boards);
std::string wide_boards_markdown(std::span<const WideBoard> boards);
std::string wide_boards_page(std::span<const WideBoard> boards, std::string_view version);

/// A cell as people see it, "-" for none; and the difference to the published row in the column that the board is sorted by, "" for none.
std::string cell_text(const WideBoard& board, const WideRow& row, std::size_t column);
std::string difference_text(const WideBoard& board, const WideRow& row);

/// "MixEval, chat models, 2024-06-01, sample data, judge gpt": what tells the boards apart.
std::string board_title(const WideBoard& board);

}  // namespace assay
