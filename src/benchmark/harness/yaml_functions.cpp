#include "benchmark/harness/yaml_functions.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <map>
#include <utility>

#include "base/number.h"
#include "base/python_case.h"
#include "base/text.h"
#include "benchmark/harness/hellaswag.h"
#include "benchmark/harness/yaml_row_functions.h"

namespace assay::harness {
namespace {

constexpr std::string_view kMmluProSubjects[] = {
    "biology", "business", "chemistry", "computer_science", "economics", "engineering", "health", "history",
    "law",     "math",     "other",     "philosophy",       "physics",   "psychology"};

using row_functions::lacks;
using row_functions::text_of;

/// int(x) of a text or a number.
Result<std::int64_t> whole_of(const json::object& row, std::string_view key) {
  const json::value* value = row.if_contains(key);
  if (value && value->is_int64()) return value->get_int64();
  if (value && value->is_string())
    if (auto number = python_float(value->get_string());
        number && *number == static_cast<double>(static_cast<std::int64_t>(*number)))
      return static_cast<std::int64_t>(*number);
  return lacks(key, "whole number");
}

/// hellaswag/utils.process_docs: the cleaned question and endings beside the row's own fields.
Result<json::object> hellaswag_row(json::object row) {
  auto label = text_of(row, "activity_label");
  if (!label) return fail(label.error());
  auto a = text_of(row, "ctx_a");
  if (!a) return fail(a.error());
  auto b = text_of(row, "ctx_b");
  if (!b) return fail(b.error());
  const json::value* endings = row.if_contains("endings");
  if (!endings || !endings->is_array()) return lacks("endings", "list");
  json::array choices;
  for (const json::value& ending : endings->get_array()) {
    if (!ending.is_string()) return lacks("endings", "list of texts");
    choices.push_back(json::string(clean_hellaswag(ending.get_string())));
  }
  auto gold = whole_of(row, "label");
  if (!gold) return fail(gold.error());
  row["query"] = clean_hellaswag(*label + ": " + *a + " " + capitalize(*b));
  row["choices"] = std::move(choices);
  row["gold"] = *gold;
  return row;
}

template <Result<json::object> (*one)(json::object)>
Result<std::vector<json::value>> each_row(std::vector<json::value> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto made = one(std::move(rows[i].as_object()));
    if (!made) {
      Error error = made.error();
      error.where = "row " + std::to_string(i);
      return fail(std::move(error));
    }
    rows[i] = std::move(*made);
  }
  return rows;
}

/// MMLU-Pro's tasks are its subjects, by the name of the function ("process_computer_science").
template <int subject>
Result<std::vector<json::value>> mmlu_pro_subject(std::vector<json::value> rows) {
  std::erase_if(rows, [](const json::value& row) {
    auto category = get_string(row, "category");
    return !category || replace_all(*category, " ", "_") != kMmluProSubjects[subject];
  });
  return rows;
}
template <int... subject>
void add_subjects(std::map<std::string, RowsFunction>& table, std::integer_sequence<int, subject...>) {
  (table.emplace("tasks/mmlu_pro/utils.process_" + std::string(kMmluProSubjects[subject]), mmlu_pro_subject<subject>), ...);
}

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
  static const std::map<std::string, RowsFunction> table = [] {
    std::map<std::string, RowsFunction> made{{"hellaswag/utils.process_docs", each_row<hellaswag_row>}};
    add_subjects(made, std::make_integer_sequence<int, static_cast<int>(std::size(kMmluProSubjects))>());
    return made;
  }();
  return look_up(table, function);
}

RowFunction find_row_function(const PythonFunction& function) {
  static const std::map<std::string, RowFunction> table = row_functions::table();
  return look_up(table, function);
}

bool knows_process_results(const PythonFunction& function) {
  const std::string key = function_key(function);
  return key == "truthfulqa/utils.process_results_mc2" || key == "wikitext/preprocess_wikitext.process_results";
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
