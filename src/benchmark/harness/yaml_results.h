// The files of today's harness: results_TIME.json, samples_TASK_TIME.jsonl, and the tables it prints. Layout: spec of the Open
// LLM Leaderboard, B6.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "benchmark/harness/yaml_summary.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// A task of a run, when it is over.
struct TaskOutcome {
  const TaskConfig* config = nullptr;  // outlives this
  std::int64_t shots = 0;
  std::size_t original = 0, effective = 0;  // documents in the split, and evaluated
  std::vector<PlannedMetric> metrics;
  TaskAggregate aggregate;
  std::string samples_hash{};  // task_hashes; "" where no samples were kept
};

/// What the command line and the machine add. Values as they were typed; absent ones are null.
struct RunFacts {
  json::value model, model_args;  // model_args: a text, or an object
  json::value batch_size, device, use_cache, limit, gen_kwargs, git_hash;
  json::array batch_sizes;
  std::size_t bootstrap_iterations = 100000;
  std::int64_t random_seed = 0, numpy_seed = 1234, torch_seed = 1234, fewshot_seed = 1234;
  double date = 0;        // seconds since 1970
  std::string program{};  // stands where the harness names its own version
  std::string model_source{}, model_name{};
  std::optional<std::string> system_instruction{}, chat_template{};
  bool fewshot_as_multiturn = false;
  double seconds = 0;  // of the evaluation
};

/// The whole document; python_dumps(.., {2, not ASCII}) of it is the file. `outcomes` are of selection.tasks, in any order.
json::object yaml_results_document(const TaskSelection& selection, std::span<const TaskOutcome> outcomes, const RunFacts& facts);
/// `column`: "results" or "groups" of such a document. "" when there is none. Ends with a line end.
std::string yaml_results_table(const json::object& document, const TaskSelection& selection, std::string_view column = "results");

/// The folder below --output_path: runs of <>:/\|?*[] and quotes become "__".
std::string sanitized_model_name(std::string_view name);
/// "results_2026-08-21T10-11-12.123456.json"; `time`: local, ISO 8601. samples_TASK_TIME.jsonl likewise.
std::string results_file_name(std::string_view time);
std::string samples_file_name(std::string_view task, std::string_view time);

/// The three sums of a document: of the row as JSON, of the first request's context (the text of a rolling one), of the target.
struct SampleHashes {
  std::string doc, prompt, target;
};
SampleHashes sample_hashes(const TaskConfig& task, const TaskDocument& document);
/// Adds up to task_hashes: SHA-256 of all three sums of every line, in the file's order (document after document for one chain,
/// then for the next).
class SamplesHash {
 public:
  void add(const SampleHashes& hashes) { all_ += hashes.doc + hashes.prompt + hashes.target; }
  std::string hex() const;

 private:
  std::string all_;
};

/// One line of the samples file, with its line end: a document under one chain. `texts` are the answers of generate_until,
/// `numbers` those of the others.
std::string sample_line(const TaskConfig& task, const TaskDocument& document, const DocumentScores& scores,
                        std::span<const std::string> texts, std::span<const Loglikelihood> numbers);

}  // namespace assay::harness
