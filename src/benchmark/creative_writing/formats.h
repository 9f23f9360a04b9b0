// The original tool's files for Creative Writing, in and out: runs of raw_results.json and the documents it uploads.
// docs/formats/creative-writing.md describes them.
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

namespace assay::creative_writing {

using story::StoredItem;

/// `run_metadata`: what a row of config.cfg said, and who judged.
struct RunMetadata {
  std::string run_id;
  int total_iterations = 1;
  std::string inference_engine;
  std::string ooba_params;  // not trimmed: blanks are part of the run index
  std::vector<std::string> include_patterns, exclude_patterns;
  std::string instruction_template;  // part of the run index only; the file does not keep it
  std::string model_path;
  std::string lora_path;
  std::string judge_model;
  std::string quantization;
};
/// The key of a run: RUN--creative-writing--MODEL--LORA--TEMPLATE--QUANT--ENGINE--PARAMS--FILTERS.
std::string run_index(const RunMetadata& run);

struct StoredIteration {
  std::string name;  // "1", "2", ...
  std::vector<StoredItem> items;
};
struct StoredRun {
  std::string index;
  RunMetadata metadata;
  std::vector<StoredIteration> iterations;
  bool document = false;  // an uploaded document, not a run of raw_results.json
  std::optional<double> published_score;
  std::optional<std::int64_t> completed;  // unix seconds
};

/// The official figure of a stored run: every stored iteration counts that has more than ten scored items, however many were
/// asked for.
story::RunScore score_run(const StoredRun& run, story::Negatives negatives = story::Negatives::v2_4);

/// One iteration, and one member of raw_results.json.
json::object to_json(const StoredIteration& iteration);
json::object to_json(const StoredRun& run);
Result<StoredIteration> iteration_from_json(std::string_view name, const json::value& value, std::string_view where);
Result<StoredRun> run_from_json(std::string_view index, const json::value& value, std::string_view where);
/// The whole file: one line, as Python's json.dump writes it. `others`: members of an existing file that stay in front (a member
/// of the same index is replaced in its place).
std::string write_raw_results(std::span<const StoredRun> runs, const json::object& others = {});

/// Every Creative Writing run in a raw_results.json or an uploaded document, in file order; runs of other benchmarks are passed
/// over. `data` error naming the member when the text is neither.
Result<std::vector<StoredRun>> read_results(std::string_view text, std::string_view where);

}  // namespace assay::creative_writing
