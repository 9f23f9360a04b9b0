#include "benchmark/harness/yaml_functions.h"

#include <filesystem>
#include <map>

#include "benchmark/harness/yaml_result_functions.h"
#include "benchmark/harness/yaml_row_functions.h"
#include "benchmark/harness/yaml_split_functions.h"

namespace assay::harness {
namespace {

/// By the two folders above the function's file, else by one.
template <class Function>
Function look_up(const std::map<std::string, Function>& table, const PythonFunction& function) {
  auto it = table.find(std::filesystem::path(function.file).parent_path().parent_path().filename().string() + "/" +
                       function_key(function));
  if (it == table.end()) it = table.find(function_key(function));
  return it == table.end() ? nullptr : it->second;
}

}  // namespace

std::string function_key(const PythonFunction& function) {
  return std::filesystem::path(function.file).parent_path().filename().string() + "/" + function.name;
}

RowsFunction find_rows_function(const PythonFunction& function) {
  static const std::map<std::string, RowsFunction> table = split_functions::table();
  return look_up(table, function);
}

RowFunction find_row_function(const PythonFunction& function) {
  static const std::map<std::string, RowFunction> table = row_functions::table();
  return look_up(table, function);
}

bool counts_wikitext(const PythonFunction& function) {
  return function_key(function) == "wikitext/preprocess_wikitext.process_results";
}

bool knows_process_results(const PythonFunction& function) {
  return counts_wikitext(function) || find_result_function(function) != nullptr;
}

bool knows_aggregation(const PythonFunction& function) {
  return function.name == "weighted_f1_score" || function.name.ends_with(".weighted_f1_score");
}

void add_refusals(TaskConfig& config) {
  auto refuse = [&](const std::string& field, const std::optional<PythonFunction>& function, bool known) {
    if (function && !known)
      config.refusals.push_back(field + " needs the Python function " + function->name + " of " + function->file);
  };
  auto rows = [&](const std::string& field, const std::optional<PythonFunction>& f) {
    refuse(field, f, f && find_rows_function(*f));
  };
  auto row = [&](const std::string& field, const TaskField& f) {
    refuse(field, f.function, f.function && find_row_function(*f.function));
  };
  refuse("custom_dataset", config.custom_dataset, false);
  rows("process_docs", config.process_docs);
  row("doc_to_text", config.doc_to_text);
  row("doc_to_target", config.doc_to_target);
  row("doc_to_choice", config.doc_to_choice);
  row("description", config.description);
  row("gen_prefix", config.gen_prefix);
  refuse("process_results", config.process_results, config.process_results && knows_process_results(*config.process_results));
  rows("fewshot_config.process_docs", config.fewshot.process_docs);
  row("fewshot_config.doc_to_text", config.fewshot.doc_to_text);
  row("fewshot_config.doc_to_target", config.fewshot.doc_to_target);
  row("fewshot_config.doc_to_choice", config.fewshot.doc_to_choice);
  row("fewshot_config.gen_prefix", config.fewshot.gen_prefix);
  for (const MetricConfig& metric : config.metrics) {
    refuse("metric_list", metric.function, false);
    refuse("metric_list: aggregation", metric.aggregation_function,
           metric.aggregation_function && knows_aggregation(*metric.aggregation_function));
  }
  for (const FilterConfig& filter : config.filters)
    for (const FilterStep& step : filter.steps) refuse("filter_list: " + filter.name, step.python, false);
}

}  // namespace assay::harness
