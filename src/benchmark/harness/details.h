// The leaderboard's details: every document of a run with its prompt, choices and log-likelihoods, as rows that notebooks read, and such files
// checked and scored again. docs/formats/harness.md lists the columns.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/harness/prepared.h"
#include "benchmark/harness/result_reader.h"
#include "run/evaluation.h"

namespace assay::harness {

struct TaskDetails {
  std::string key;                 // as in the leaderboard's result files: "harness|arc:challenge|25"
  std::vector<json::object> rows;  // the scored documents, in the order asked; every row has the same columns
};

/// The details of a run, one entry a task; perplexities of texts have none. Errors of reading the results.
Result<std::vector<TaskDetails>> details_of(const Prepared& prepared, const UnitResults& results);

/// "details_harness|arc:challenge|25_TIME", without an ending.
std::string details_file_name(std::string_view key, std::string_view time);
/// The task's key in such a name (a path is fine); nullopt for other names.
std::optional<std::string> details_key(std::string_view file);

/// What follows from the predictions of a task's rows.
struct DetailsCheck {
  ResultFile::Task task;                         // key, means and standard errors; recomputed where that is possible
  std::size_t rows = 0, recomputed = 0;
  std::map<std::string, std::size_t> different;  // metric -> rows whose stored value is not what follows
};
/// Takes rows of ours and of the leaderboard (metrics beside the rest or under "metrics"). A row can be recomputed where it has choices,
/// as many predictions, and gold_index; of truthfulqa_mc also mc1_choices and mc2_true; not where a
/// log-likelihood is null, which may have been NaN or infinite.
class DetailsReader {
 public:
  explicit DetailsReader(std::string key) : key_(std::move(key)) {}
  /// `data` error naming `where`: neither predictions nor metrics, a gold_index outside the choices, a value that is no number.
  Result<void> add(const json::object& row, const std::string& where);
  /// `data` error without rows.
  Result<DetailsCheck> finish() const;

 private:
  std::string key_;
  std::size_t rows_ = 0, recomputed_ = 0;
  std::map<std::string, std::vector<double>> values_;
  std::map<std::string, std::size_t> different_;
};

/// A file of details, .parquet or JSON lines. Errors: data; those of read_parquet().
Result<DetailsCheck> read_details(const std::string& file, const std::string& key);

/// A result file from details: of a file, or of all details in a folder and below it (the last by time of each task). nullopt: these are no
/// details. `notes`: what does not agree. The model's name is taken from a folder `details_ORG__MODEL` on the way.
Result<std::optional<ResultFile>> result_from_details(const std::string& path, std::vector<std::string>& notes);

}  // namespace assay::harness
