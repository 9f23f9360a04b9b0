// Names of the original's files and folders.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

/// "close_freeform", "close_multichoice_hard", ...: the split's name in file names.
std::string split_name(Split split, bool hard);
/// "mixeval_hard" on the command line and in result paths; "mixeval-hard" in data paths and here.
std::string result_benchmark(bool hard);
/// True for "mixeval_hard", false for "mixeval"; hyphens count as underscores. Null for anything else.
std::optional<bool> is_hard(std::string_view benchmark);
/// "mixeval-2024-08-11/mixeval/free-form.json": below the data path.
std::string data_file(std::string_view version, bool hard, Split split);

/// "<model>_close_freeform.jsonl", "status_close_freeform.json".
std::string response_file_name(std::string_view model, Split split, bool hard);
std::string status_file_name(Split split, bool hard);
/// "judge_results_ff_model_judge_<judge>.jsonl", or "judge_results_ff_rule.jsonl" for an empty judge.
std::string judged_file_name(Split split, std::string_view judge);

}  // namespace assay::mixeval
