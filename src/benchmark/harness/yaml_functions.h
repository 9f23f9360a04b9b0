// Equals of the Python functions that task files name: what each does to a row, written here. A function is known by the folder
// of the file that names it and its own name ("hellaswag/utils.process_docs"); everything else is refused by name, never passed
// over.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// "hellaswag/utils.process_docs".
std::string function_key(const PythonFunction& function);

/// The rows of a split, processed. `data` errors say which row lacks what.
using RowsFunction = Result<std::vector<json::value>> (*)(std::vector<json::value> rows);
/// What one row gives for a doc_to_... field.
using RowFunction = Result<PythonValue> (*)(const json::object& row);

/// Null where there is no equal.
RowsFunction find_rows_function(const PythonFunction& function);
RowFunction find_row_function(const PythonFunction& function);
/// process_results: one of yaml_result_functions, or wikitext's, which counts the words of another field (yaml_scoring).
bool knows_process_results(const PythonFunction& function);
bool counts_wikitext(const PythonFunction& function);
/// An aggregation: weighted_f1_score of any file, which is the harness's own under that name.
bool knows_aggregation(const PythonFunction& function);

/// Writes into config.refusals every function that has no equal here, with the field that names it.
void add_refusals(TaskConfig& config);

}  // namespace assay::harness
