// The result files of harness-v1: what main.py wrote to --output_path and printed, and --write_out's listing of prompts and answers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "benchmark/harness/task_plan.h"
#include "run/report.h"

namespace assay::harness {

/// One task's aggregates in the harness's order.
struct TaskResult {
  struct Value {
    std::string metric;
    double value = 0;
    std::optional<double> stderr_;
  };
  std::string task;
  int version = 0;
  std::vector<Value> values;
};

/// The tasks in a report, however its parts are nested. `only`: the task of a report that has no parts.
std::vector<TaskResult> task_results(const Part& total, const TaskInfo* only);

/// `config` of a result file. Values as they were typed: null, a number or a text.
struct ResultConfig {
  std::string model, model_args;
  json::value num_fewshot, batch_size;
  json::array batch_sizes;
  json::value device;
  bool no_cache = false;
  json::value limit;  // a float, or null
  std::size_t bootstrap_iterations = 100000;
  json::object descriptions;
};

/// {results, versions, config}; python_dumps() of it is the file.
json::object results_document(std::span<const TaskResult> results, const ResultConfig& config);
/// The Markdown table: Task, Version, Metric, Value, (±), Stderr. Ends with a line end.
std::string results_table(std::span<const TaskResult> results);

/// One document of NAME_write_out_info.json: prompts, log-likelihoods as answered, truth and metrics.
json::object write_out_entry(const TaskPlan& plan, std::size_t document, std::span<const double> loglikelihoods);
/// The file: python_dumps with four blanks, UTF-8 as it is.
std::string write_out_file(const json::array& entries);

}  // namespace assay::harness
