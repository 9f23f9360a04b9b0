// Rows of data sets that lie on this machine: Parquet, JSON, JSON lines, CSV, TSV and text, where a task file says or in a folder
// laid out as the hub's.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/yaml_plan.h"

namespace assay::harness {

/// How a table without names for its columns is read; of dataset_kwargs.
struct TableOptions {
  char delimiter = ',';
  std::vector<std::string> columns{};  // given: the file's first row is data unless header_row
  bool header_row = true;
  std::string field{};     // of JSON: the member that holds the rows
  bool text_only = false;  // no column becomes numbers
};

/// The rows of one file by its name's ending: .jsonl and .json (lines or an array), .csv, .tsv, .txt (one row a line, {"text":
/// ...}). In a table a column of whole numbers gives integers, one of numbers floats; everything else stays text, "NA" and the
/// empty field included. `data` errors name line and column; `unsupported` for other endings.
Result<std::vector<json::value>> read_rows(std::string_view content, const std::string& file, const TableOptions& options);

/// The row as the hub's data set has it, where the authors' own file is laid out otherwise (ARC, OpenBookQA, TruthfulQA, MMLU's
/// CSV, HellaSwag's lines). Any other row comes back as it is. `data_set` is dataset_path, `configuration` dataset_name.
json::value hub_row(std::string_view data_set, std::string_view configuration, json::value row);

/// Looks, in this order: dataset_kwargs.data_files (of dataset_path json, csv, text: relative to the working directory, else to
/// the task file), dataset_path as a folder, then FOLDER/dataset_path of every folder given; in a folder
/// [dataset_name/]SPLIT.EXT, [dataset_name/]SPLIT-*.EXT and [dataset_name/]SPLIT/*.EXT (parts, in order of their names) and the
/// same below data/. A folder may be a hub's cache (datasets--ORG--NAME/snapshots/COMMIT). Keeps nothing. Not thread-safe.
class LocalRows final : public RowSource {
 public:
  explicit LocalRows(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}
  Result<std::vector<json::value>> rows(const TaskConfig& task, const std::string& split) override;
  /// Whether there is a file to read.
  bool has(const TaskConfig& task, const std::string& split) const { return find(task, split).has_value(); }
  /// Where the last rows() read, and the files' SHA-256.
  const std::map<std::string, std::string>& files() const { return read_; }

 private:
  Result<std::vector<std::filesystem::path>> find(const TaskConfig& task, const std::string& split) const;

  std::vector<std::filesystem::path> folders_;
  std::map<std::string, std::string> read_;
};

}  // namespace assay::harness
