// The harness's tasks as they are described today, in YAML: what a file says (TaskConfig, TaskGroup) and what one row of its data
// becomes (TaskDocument). Plain values: yaml_loader.h reads the files, yaml_plan.h makes documents and requests of them, and the
// scores are made from both. Source: spec of the Open LLM Leaderboard, part B.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/python_value.h"
#include "model/request.h"

namespace assay::harness {

enum class OutputType { multiple_choice, loglikelihood, loglikelihood_rolling, generate_until };
/// As YAML spells it.
std::string_view name(OutputType type);

/// A Python function that a file names by `!function module.name`: never run. Some have equals here (yaml_functions.h); a task
/// that needs another is refused by this name.
struct PythonFunction {
  std::string name;  // "utils.process_docs"
  std::string file;  // the YAML file that names it; its module lies beside
  bool operator==(const PythonFunction&) const = default;
};

/// What a doc_to_... field says: nothing, a value (a text is a column's name or a template; YAML numbers, lists and mappings
/// stand as they are), or a function.
struct TaskField {
  PythonValue value;  // None where the field is absent, null, or a function
  std::optional<PythonFunction> function{};
  bool given() const { return function || value.kind != PythonValue::Kind::none; }
};

/// One entry of metric_list.
struct MetricConfig {
  std::string name;
  std::string aggregation;               // "" = the metric's own
  std::optional<bool> higher_is_better;  // absent = the metric's own
  PythonValue options;                   // a dict: every other key (ignore_case, regexes_to_ignore, average, ...)
  std::optional<PythonFunction> function{}, aggregation_function{};  // `metric: !function`, `aggregation: !function`
};

/// One step of a filter chain.
struct FilterStep {
  std::string function;                    // "regex", "take_first", ...
  PythonValue options;                     // a dict: every other key
  std::optional<PythonFunction> python{};  // the first `!function` among the options
};
struct FilterConfig {
  std::string name;
  std::vector<FilterStep> steps;
};

/// What fewshot_config changes for examples. Absent fields are the task's own.
struct FewshotConfig {
  TaskField doc_to_text, doc_to_choice, doc_to_target, gen_prefix;
  std::optional<std::string> fewshot_delimiter, target_delimiter, split;
  std::optional<PythonFunction> process_docs;
  std::string sampler = "default";   // default, first_n
  std::vector<json::value> samples;  // the pool itself, in the file
  bool samples_given = false;
};

/// A task with its includes and overrides resolved and every default filled in.
struct TaskConfig {
  std::string task, task_alias;  // the alias is the name where none is given
  std::string file;              // where it was read
  std::vector<std::string> tags;
  std::string dataset_path, dataset_name;                                   // dataset_name "" = none
  PythonValue dataset_kwargs;                                               // a dict or None: data_files, ...
  std::string training_split, validation_split, test_split, fewshot_split;  // "" = none
  std::optional<PythonFunction> process_docs, process_results, custom_dataset;
  TaskField doc_to_text, doc_to_target, doc_to_choice;
  TaskField description, gen_prefix;  // templates over the document
  std::string target_delimiter = " ", fewshot_delimiter = "\n\n";
  FewshotConfig fewshot;
  std::optional<std::int64_t> num_fewshot;
  std::vector<MetricConfig> metrics;  // empty = the output type's own
  OutputType output_type = OutputType::generate_until;
  PythonValue generation_kwargs;  // a dict, with the defaults filled in, order kept; None but for generate_until
  std::int64_t repeats = 1;
  std::vector<FilterConfig> filters;  // empty = one chain "none": take_first
  PythonValue version;                // metadata.version; None where there is none
  PythonValue metadata;               // a dict
  PythonValue raw;                    // the whole mapping as merged: what result files show; a function is {"!function": NAME}
  /// What keeps the task from being run here, in words: "process_docs needs the Python function utils.x of FILE". Empty =
  /// nothing.
  std::vector<std::string> refusals;

  bool has_metric(std::string_view metric) const;
};

/// One entry of aggregate_metric_list.
struct AggregateMetric {
  std::string metric, aggregation = "mean";
  bool weight_by_size = true;
  std::vector<std::string> filters;          // filter_list; empty = every filter found
  std::optional<PythonFunction> function{};  // `aggregation: !function`
};
struct TaskGroup {
  std::string group, alias;
  std::vector<std::string> members;  // tasks and groups, in the order shown; of inline ones the whole name "parent::name"
  std::vector<AggregateMetric> aggregates;
  PythonValue version, metadata;
  std::string file;
};

/// What was asked for: every task once, the groups around them, and the names at the top.
struct TaskSelection {
  std::vector<TaskConfig> tasks;  // in the order in which they are run
  std::vector<TaskGroup> groups;  // parents before their members
  std::vector<std::string> top;
  const TaskConfig* task(std::string_view name) const;
  const TaskGroup* group(std::string_view name) const;
  /// The tasks below a group at any depth, in order; of a task's name that task.
  std::vector<std::string> leaves(std::string_view name) const;
};

/// A request of a document. Which parts are set follows the output type:
/// multiple_choice, loglikelihood: context and continuation; loglikelihood_rolling: continuation is the text, no context;
/// generate_until: context (the task's generation_kwargs go with it; asked `repeats` times).
struct TaskRequest {
  std::string context, continuation;
  /// With a chat template that the model applies itself: what it is shown. `context` is then these messages as JSON.
  std::vector<Message> messages{};
};

/// One document of a task, ready to be asked and scored.
struct TaskDocument {
  std::size_t id = 0;                 // doc_id: its row in the evaluated split, from 0
  json::value row;                    // the fields, after process_docs
  PythonValue text;                   // doc_to_text: a text, or an integer where the inputs are several (winogrande)
  PythonValue target;                 // doc_to_target: an integer, a text, or a list of them
  std::vector<std::string> choices;   // doc_to_choice; empty where the task has none
  std::vector<TaskRequest> requests;  // the choices' in order; then, for acc_mutual_info, the same without context
  std::size_t shared = 0;             // so many bytes of every context stand before the question: description and examples
  /// Whether the split's first document has a list for a target that is not empty, and an integer for a text: the harness looks at
  /// that one for all of the task. Absent = this document's own.
  std::optional<bool> lists_of_targets{}, texts_are_indices{};
  bool several_targets() const {
    return lists_of_targets.value_or(target.kind == PythonValue::Kind::list && !target.items.empty());
  }
  bool several_inputs() const {
    return texts_are_indices.value_or(text.kind == PythonValue::Kind::integer) && !choices.empty();
  }
  /// What multiple_choice compares with: doc_to_text's integer where the inputs are several, else the target.
  const PythonValue& gold() const { return several_inputs() ? text : target; }
};

}  // namespace assay::harness
