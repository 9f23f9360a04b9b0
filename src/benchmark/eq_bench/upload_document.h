// EQ-Bench's own documents for uploads of finished runs (its Firestore collections and its rows of a Google sheet), made from the run's
// entry of raw_results.json. Which runs go where: Firestore takes every run, failed ones too; the sheet takes successful eq-bench runs and
// every failed run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/json.h"

namespace assay::eq_bench {

struct FinishedRun {
  std::string benchmark_type = "eq-bench";  // or "creative-writing", "judgemark"
  std::string index_string;                 // the run's key in raw_results.json
  json::object entry;                       // its value: run_metadata, iterations
  bool success = true;
  std::optional<double> score;              // unrounded or rounded: two decimals are sent; nullopt = null
  std::optional<double> parseable;          // eq-bench
  std::string error;                        // the last error, or ""
  std::int64_t completed = 0;               // unix seconds
  json::array csv_row;                      // the 14 values of benchmark_results.csv
};

/// "benchmark_results", or "creative_writing_benchmark_results" for the other two.
std::string upload_collection(const FinishedRun& run);
/// Errors: data (the entry has no run_metadata or no iterations).
Result<json::object> upload_document(const FinishedRun& run);
/// The row, or nullopt where the sheet does not take this run.
std::optional<json::array> upload_row(const FinishedRun& run);

}  // namespace assay::eq_bench
