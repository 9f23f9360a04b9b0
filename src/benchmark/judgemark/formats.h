// The original tool's files for Judgemark, in and out: runs of raw_results.json and the documents it uploads.
// docs/formats/judgemark.md describes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/story_formats.h"

namespace assay::judgemark {

using story::StoredItem;

/// `run_metadata`. The judge is what is measured.
struct RunMetadata {
  std::string run_id;
  int total_iterations = 1;
  std::string inference_engine;
  std::string ooba_params;
  std::vector<std::string> include_patterns, exclude_patterns;
  std::string judge_model;
};
/// The key of a run: RUN--judgemark--JUDGE.
std::string run_index(const RunMetadata& run);

/// The stories of one test model, judged.
struct StoredModel {
  std::string name;
  std::vector<StoredItem> items;
};
struct StoredIteration {
  std::string name;  // "1" is the one that counts
  std::vector<StoredModel> models;
};
/// `judgemark_results` of a run.
struct StoredResults {
  double mean_score = 0, std_dev = 0;
  std::vector<std::pair<std::string, double>> model_scores;
  std::vector<std::pair<std::string, std::optional<double>>> extended_metrics;
};
struct StoredRun {
  std::string index;
  RunMetadata metadata;
  std::vector<StoredIteration> iterations;
  std::optional<StoredResults> results;
  bool document = false;
  std::optional<std::int64_t> completed;  // unix seconds
};

json::object to_json(const StoredIteration& iteration);
json::object to_json(const StoredResults& results);
json::object to_json(const StoredRun& run);
Result<StoredIteration> iteration_from_json(std::string_view name, const json::value& value, std::string_view where);
Result<StoredRun> run_from_json(std::string_view index, const json::value& value, std::string_view where);
/// As creative_writing's: one line, as Python's json.dump writes it; `others` stay in front.
std::string write_raw_results(std::span<const StoredRun> runs, const json::object& others = {});
/// Every Judgemark run in a raw_results.json or an uploaded document; runs of other benchmarks are passed over.
Result<std::vector<StoredRun>> read_results(std::string_view text, std::string_view where);

}  // namespace assay::judgemark
