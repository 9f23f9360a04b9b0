// Published result files of the harness, the names and patterns in them, and the leaderboard's table.
#include "base/name_pattern.h"
#include "benchmark/harness/board.h"
#include "benchmark/harness/board_models.h"
#include "benchmark/harness/task.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  auto file = harness::read_result_file(input, "fuzz");
  if (!file) {
    REQUIRE(file.error().kind == ErrorKind::data);
    const std::string_view half = input.substr(0, input.size() / 2);
    matches_pattern(input.substr(half.size()), half);
    harness::parameters_of(half, {});
    harness::model_type(half);
    return;
  }
  REQUIRE(!file->model.empty());
  for (const auto& column : harness::kColumns) harness::column_value(*file, column.part, column.metric);
  for (auto era : {harness::BoardEra::august_2023, harness::BoardEra::november_2023}) {
    auto rows = harness::board_rows({{"a/results_1.json", std::string(input)}, {"a/results_2.json", std::string(input)}}, era);
    REQUIRE(rows.has_value() && rows->size() <= 1);
    REQUIRE(harness::board_table(*rows).size() <= rows->size());
  }
}

}  // namespace assay::fuzz
