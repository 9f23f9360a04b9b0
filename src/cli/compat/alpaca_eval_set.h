// `analyze_eval_set`: what the original does with functions of its notebooks (section "analyzing an evaluation set" of its documents), as a command.
#pragma once

#include <filesystem>
#include <optional>

#include "benchmark/alpaca_eval/eval_set_tables.h"
#include "cli/compat/fire.h"

namespace assay::compat {

struct EvalSetFlags {
  std::vector<PythonValue> annotations;      // paths, globs, folders, lists of these or of records
  std::optional<std::string> output_path;    // a folder; nothing: only print
  alpaca_eval::EvalSetSettings settings;
};
const std::vector<std::string>& eval_set_flags();
/// `words` that are no flags are annotations as well. `usage` errors: no annotations, values that do not fit.
Result<EvalSetFlags> read_eval_set_flags(const FireValues& values, const std::vector<std::string>& words);

/// Writes the csv files and eval_set.html when a folder is named. `version`: of the program, for the page.
Result<alpaca_eval::EvalSetTables> analyze_eval_set(const EvalSetFlags& flags, const std::string& version = "");

}  // namespace assay::compat
