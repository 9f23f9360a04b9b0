// AlpacaEval's tables, boards, weights, gamed rows and prompts: any bytes end in a value or an error; boards, weights and records
// that were read are written and read back, but for the last digits of floats.
#include "base/text.h"
#include "benchmark/alpaca_eval/gamed_rows.h"
#include "benchmark/alpaca_eval/judge_prompt.h"
#include "benchmark/alpaca_eval/leaderboard_table.h"
#include "benchmark/alpaca_eval/pandas_json.h"
#include "benchmark/alpaca_eval/table.h"
#include "benchmark/alpaca_eval/weights_file.h"
#include "fuzz.h"

namespace assay::fuzz {
namespace {

using namespace alpaca_eval;

void table(std::string_view input, std::string_view suffix) {
  auto table = read_table(input, suffix, "input");
  if (!table) {
    REQUIRE(table.error().kind == ErrorKind::data);
    return;
  }
  for (const auto& row : table->rows) REQUIRE(row.size() == table->columns.size());
  for (std::size_t c = 0; c < table->columns.size(); ++c) REQUIRE(table->column(table->columns[c]) == c);  // names are told apart
  std::string written = table->pandas_json();
  REQUIRE(written == write_pandas_records(table->records()));
  auto again = read_table(written, ".json", "written");
  REQUIRE(again.has_value() && again->rows.size() == table->rows.size());
  if (!table->column("instruction") || table->rows.empty() || table->rows.size() > 50) return;
  std::vector<std::string> keys{"instruction"};
  auto merged = merge_tables(*table, *again, keys);
  REQUIRE(merged.has_value() && merged->notes.only_1 <= table->rows.size());
}

void board(std::string_view input) {
  auto board = read_board(input, "input");
  if (!board) return;
  std::string written = board->write();
  auto again = read_board(written, "written");
  REQUIRE(again.has_value() && again->rows.size() == board->rows.size() && again->columns() == board->columns());  // last digits may differ
  REQUIRE(is_valid_utf8(print_board(*board, {"win_rate", std::nullopt, std::nullopt, ""})));
}

void weights(std::string_view input) {
  auto file = read_weights_file(input, "input");
  if (!file) return;
  auto again = read_weights_file(file->write(), "written");
  REQUIRE(again.has_value() && again->models.size() == file->models.size());
}

void prompts(std::string_view input) {
  std::string text = valid_utf8(input);
  std::string_view rest = text, prompt_template = take_line(rest);
  std::vector<PromptRow> rows{{{"a", rest}, {"b", "{a}"}}, {{"a", "x"}, {"b", prompt_template}}};
  for (Filling filling : {Filling::original, Filling::safe}) {
    for (std::size_t batch : {1, 2}) {
      if (auto made = make_prompts(prompt_template, rows, batch, filling)) REQUIRE(made->size() == 2 / batch);
    }
  }
  if (auto messages = read_chat_ml(text)) REQUIRE(!messages->empty());
}

}  // namespace

void fuzz_one(std::string_view input) {
  std::uint8_t which = take_byte(input) % 7;
  switch (which) {
    case 0:
      return table(input, ".json");
    case 1:
      return table(input, ".csv");
    case 2:
      return table(input, ".tsv");
    case 3:
      return board(input);
    case 4:
      return weights(input);
    case 5:
      return prompts(input);
    default: {
      auto rows = read_gamed_rows(input, "input");
      if (rows)
        REQUIRE(rows->preference.size() == rows->tanh_length.size() && rows->difficulty_at.size() <= rows->difficulty.size());
      if (auto difficulties = read_difficulties(input, "input")) REQUIRE(difficulties->size() <= input.size());
    }
  }
}

}  // namespace assay::fuzz
