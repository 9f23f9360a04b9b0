// The original tool's files, in and out: raw_results.json, benchmark_results.csv, and the published result documents (one run
// each). docs/formats/eq-bench.md describes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/eq_bench/aggregate.h"
#include "benchmark/eq_bench/attempts.h"

namespace assay::eq_bench {

/// `run_metadata`: what a row of config.cfg said.
struct RunMetadata {
  std::string run_id;
  int total_iterations = 1;
  std::string inference_engine;
  std::string ooba_params;  // not trimmed: blanks are part of the run index
  std::vector<std::string> include_patterns, exclude_patterns;
  std::string version = "v2";
  std::string language = "en";
  std::string instruction_template;
  std::string model_path;
  std::string lora_path;
  std::string quantization;
};
/// The key of a run: RUN--v2--en--MODEL--LORA--TEMPLATE--QUANT--ENGINE--PARAMS--FILTERS.
std::string run_index(const RunMetadata& run);
/// `--include ["a", "b"] --exclude ["c"]`, each part only where there are patterns.
std::string download_filters(const RunMetadata& run);

/// A score as a file holds it. `whole`: upstream's integer, written without a point.
struct StoredNumber {
  std::optional<double> value;
  bool whole = false;
};
struct StoredQuestion {
  std::string id;
  std::optional<ParsedAnswer> answers;  // respondent_answers; no spans
  std::optional<std::string> raw;       // raw_inference
  StoredNumber first_v1, revised_v1;    // individual_scores
  StoredNumber first_v2, revised_v2;    // individual_scores_fullscale
};
StoredQuestion stored_question(std::string id, const Attempt& attempt);

struct StoredIteration {
  std::string name;  // "1", "2", ...
  std::vector<StoredQuestion> questions;
  std::optional<IterationScore> v1, v2;  // benchmark_results, benchmark_results_fullscale: written when set
  bool finished = false;                 // read: the file holds a result for it
  bool scored = false;                   // read: it has a place for scores; the original passes over one that has none
};
struct StoredRun {
  std::string index;
  RunMetadata metadata;
  std::vector<StoredIteration> iterations;
  bool document = false;  // a published document, not a run of raw_results.json
  std::optional<double> published_score, published_parseable;
  std::optional<std::int64_t> completed;  // unix seconds
};

/// One member of raw_results.json.
json::object to_json(const StoredRun& run);
json::object to_json(const RunMetadata& m);
/// `benchmark_results` or `benchmark_results_fullscale`: six numbers.
json::object to_json(const IterationScore& score);
/// An iteration before its first answer: four empty maps.
json::object empty_iteration();
/// Puts one question into the four maps of an iteration; maps that are not there are made.
void put_question(json::object& iteration, const StoredQuestion& question);
/// What one of the two score maps holds, in file order. Empty where it is absent or no object.
std::vector<QuestionScore> question_scores(const json::object& iteration, std::string_view map);
/// The whole file: one line, as Python's json.dump writes it, no newline at the end. `others`: members of an existing file that
/// stay in front (a member of the same index is replaced in its place).
std::string write_raw_results(std::span<const StoredRun> runs, const json::object& others = {});

/// write_raw_results() of one run, iteration by iteration, so that none of them has to be kept.
class RawResultsWriter {
 public:
  explicit RawResultsWriter(const RunMetadata& run);
  void add(const StoredIteration& iteration);
  /// The file. Nothing may be added afterwards.
  std::string finish();

 private:
  std::string text_;
  bool first_ = true;
};

/// Every EQ-Bench run in a raw_results.json or published document, in file order; runs of other benchmarks are passed over.
/// `data` error naming the member when the text is neither.
Result<std::vector<StoredRun>> read_results(std::string_view text, std::string_view where);
/// A raw_results.json run written before 2.0 keeps its iterations without the `iterations` level; it is read all the same.
Result<StoredRun> run_from_json(std::string_view index, const json::value& value, std::string_view where);

std::string csv_header();
/// `completed`: "YYYY-MM-DD HH:MM:SS". Rows end with '\n' and quote nothing, as upstream's.
std::string csv_row(const RunMetadata& run, std::string_view completed, const RunScore& score);
std::string csv_failed_row(const RunMetadata& run, std::string_view completed, std::string_view error);

}  // namespace assay::eq_bench
