// Equals of the Python functions that task files name as process_results: from a document and its answers to the values of its metrics.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/yaml_scoring.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// In the order in which the original returns them.
using MetricValues = std::vector<std::pair<std::string, MetricValue>>;

/// One of the two is set: which says what the task must ask for. `data` errors say what a document lacks.
struct ResultFunction {
  Result<MetricValues> (*of_choices)(const TaskDocument& document, std::span<const Loglikelihood> answers) = nullptr;  // multiple_choice
  Result<MetricValues> (*of_text)(const TaskDocument& document, const std::string& answer) = nullptr;                 // generate_until
};

/// Null where there is no equal. wikitext's own, which only counts other words, is yaml_scoring's.
const ResultFunction* find_result_function(const PythonFunction& function);

}  // namespace assay::harness
