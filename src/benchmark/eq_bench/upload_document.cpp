#include "benchmark/eq_bench/upload_document.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/number.h"

namespace assay::eq_bench {
namespace {

constexpr double kCreativeWritingVersion = 2.0;  // of the document's layout, as upstream numbers it

bool is_eq_bench(const FinishedRun& run) { return run.benchmark_type == "eq-bench"; }

json::value optional_number(std::optional<double> number) { return number ? json::value(*number) : json::value(nullptr); }

/// Copies what `from` has of `names`, in that order.
void copy(json::object& to, const json::object& from, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (const json::value* value = from.if_contains(name)) to[name] = *value;
}

/// The iterations that the run was to have, by number: a file may hold more of them, from when it was to have more.
json::object raw_results(const json::object& iterations, const FinishedRun& run, bool v1, std::int64_t total) {
  json::object out;
  for (std::int64_t i = 1; i <= total; ++i) {
    const std::string number = std::to_string(i);
    const json::value* value = iterations.if_contains(number);
    if (!value || !value->is_object()) continue;
    const json::object& iteration = value->get_object();
    json::object kept;
    if (is_eq_bench(run)) {
      copy(kept, iteration, {"respondent_answers"});
      if (const json::value* scores = iteration.if_contains(v1 ? "individual_scores" : "individual_scores_fullscale")) kept["individual_scores"] = *scores;
      copy(kept, iteration, {"raw_inference"});
    } else {
      copy(kept, iteration, {"test_model_response", "judge_model_response", "individual_scores"});
    }
    out[number] = std::move(kept);
  }
  return out;
}

}  // namespace

std::string upload_collection(const FinishedRun& run) {
  return is_eq_bench(run) ? "benchmark_results" : "creative_writing_benchmark_results";
}

Result<json::object> upload_document(const FinishedRun& run) {
  const json::value* metadata_value = run.entry.if_contains("run_metadata");
  const json::value* iterations = run.entry.if_contains("iterations");
  if (!metadata_value || !metadata_value->is_object() || !iterations || !iterations->is_object())
    return fail(ErrorKind::data, "the run has no run_metadata or no iterations", run.index_string);
  const json::object& metadata = metadata_value->get_object();
  bool v1 = get_string(*metadata_value, "eq_bench_version") == "v1";

  json::object out;
  out["index_string"] = run.index_string;
  copy(out, metadata, {"run_id"});
  out["run_completed"] = run.completed;
  out["benchmark_success"] = run.success;
  if (is_eq_bench(run))
    if (const json::value* version = metadata.if_contains("eq_bench_version")) out["eqbench_version"] = *version;
  out["benchmark_type"] = run.benchmark_type;
  if (is_eq_bench(run)) {
    copy(out, metadata, {"language"});
    out["n_questions_parseable"] = optional_number(run.parseable);
    out["n_questions_total"] = v1 ? 60 : 171;
  } else {
    out["benchmark_version"] = kCreativeWritingVersion;
  }
  out["benchmark_score"] = run.score ? json::value(round2(*run.score)) : json::value(nullptr);
  if (is_eq_bench(run)) copy(out, metadata, {"instruction_template"});
  copy(out, metadata, {"model_path", "lora_path", "bitsandbytes_quant"});
  // Upstream could never send a Judgemark run, for its metadata have no model; its judge is the model that was tested.
  if (run.benchmark_type == "judgemark") copy(out, metadata, {"judge_model"});
  copy(out, metadata, {"total_iterations", "inference_engine", "ooba_params", "include_patterns", "exclude_patterns"});
  out["errors"] = run.error;
  if (run.benchmark_type == "judgemark") {
    // The answers to some hundred stories exceed the megabyte that a document may have: the results stand for them.
    copy(out, run.entry, {"judgemark_results"});
    return out;
  }
  out["raw_results"] = raw_results(iterations->get_object(), run, v1,
                                   std::min<std::int64_t>(get_integer(*metadata_value, "total_iterations").value_or(0), 1'000'000));
  return out;
}

std::optional<json::array> upload_row(const FinishedRun& run) {
  if (run.csv_row.empty() || (run.success && !is_eq_bench(run))) return std::nullopt;
  return run.csv_row;
}

}  // namespace assay::eq_bench
