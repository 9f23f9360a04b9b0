// Which models' results are whole: the original's check, over folders that the caller looks into.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

/// What lies in one model's folder for one split.
struct FolderState {
  bool exists = false;
  bool complete = false;               // a status file that says so
  std::optional<std::size_t> lines;    // of the response file; a rest without a line end counts
};

struct CompletenessWish {
  std::string benchmark, version;                 // "mixeval_hard", "2024-06-01"
  std::vector<std::string> base_models, chat_models;  // "none" in any case is left out
  std::size_t free_form = 2000, multiple_choice = 2000;  // responses that make a split whole
  std::string response_dir;
};

/// The folder's name in the log: <response_dir>/<model>/<benchmark>/<version>, with single slashes between them.
std::string result_folder(const std::string& response_dir, const std::string& model, const std::string& benchmark, const std::string& version);

/// The lines of the log: base models first, in each list free-form over all models before multiple-choice.
std::string completeness_log(const CompletenessWish& wish, const std::function<FolderState(const std::string& folder, const std::string& model, Split split)>& look);

}  // namespace assay::mixeval
