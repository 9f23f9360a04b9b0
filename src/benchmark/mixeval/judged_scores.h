// What models scored on single entries, from their judged files: the ground of the hard part.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

struct JudgedScores {
  std::string model;
  std::unordered_map<std::string, double> scores[2];  // by split and identity of the entry; copies: their mean
};

/// All judged files of a model's folder (two levels deep), or one file. A folder with the files of several judges of one split is refused.
/// `place`: "NAME=PATH" or a path, whose last part then names the model. Values outside 0 to 1 are refused. Errors: not_found, data, usage.
Result<JudgedScores> read_judged_scores(const std::string& place);

/// The same of several places; those of one name are one model, whose scores of an entry that two places hold are averaged.
Result<std::vector<JudgedScores>> read_judged_models(const std::vector<std::string>& places);

/// A[m][i] for `entries`. `data` error naming a model that was not judged on all of them, and how many it lacks.
Result<std::vector<std::vector<double>>> scores_of(const std::vector<JudgedScores>& models, Split split, const std::vector<const Entry*>& entries);

}  // namespace assay::mixeval
