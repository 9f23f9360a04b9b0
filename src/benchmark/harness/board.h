// The Open LLM Leaderboard's table, made from folders of result files as its web application made it.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "benchmark/harness/result_reader.h"

namespace assay::harness {

/// The state of the application: it changed what counts as the same model, and what becomes of old MMLU and of NaN.
enum class BoardEra { august_2023, november_2023 };
std::span<const Column> board_columns(BoardEra era);

struct BoardFile {
  std::string path;     // its folder and name decide the order
  std::string content;
};

struct BoardRow {
  std::string key;    // org_model_sha_precision (August), org_model_precision (November)
  std::string model, sha, precision;
  std::vector<std::optional<double>> columns;  // board_columns()
  double average = 0;  // sum of what is there, by the number of columns
  bool complete() const;
};

/// One row a model and precision, in the order of the paths: newer values of a benchmark replace older ones. Files that are no result
/// file are errors; an old MMLU leaves the whole file out (August) or the column (November).
Result<std::vector<BoardRow>> board_rows(std::vector<BoardFile> files, BoardEra era);
/// What is shown: complete rows, best average first, rounded to two decimals.
std::vector<BoardRow> board_table(std::vector<BoardRow> rows);

/// What guessing gives, as the application had it among the models.
BoardRow board_baseline(BoardEra era);

/// Every *.json below `folder` whose folder holds nothing but *.json files. Errors: not_found, io.
Result<std::vector<BoardFile>> board_files(const std::filesystem::path& folder);

}  // namespace assay::harness
