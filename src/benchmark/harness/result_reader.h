// Published result files of the Open LLM Leaderboard and of the harness: what a run scored, without its answers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::harness {

struct ResultFile {
  struct Task {
    std::string key;  // as written: "harness|arc:challenge|25", "arc_challenge"
    std::vector<std::pair<std::string, double>> values{};  // in file order, *_stderr included; what is no number is left out
    std::size_t documents = 0;  // that were scored, where the file has them
  };
  std::string model;      // "org/name"
  std::string sha;        // its revision; may be empty
  std::string precision;  // "torch.float16", "8bit", ...; may be empty
  std::vector<Task> tasks;
  bool old_mmlu = false;  // MMLU by the prompt of before 13 May 2023, which no number of today is comparable with
};

/// The cluster's files (`config_general`) and the harness's own (`config`), NaN included. `data` error naming what is missing.
Result<ResultFile> read_result_file(std::string_view text, std::string_view where);

/// A column of the leaderboard: 100 times the plain mean of `metric` over all tasks whose key holds `part`; null when one of them lacks it
/// or there is none.
std::optional<double> column_value(const ResultFile& file, std::string_view part, std::string_view metric);

/// The four columns of August 2023, in order.
struct Column {
  std::string_view name, part, metric;
};
inline constexpr Column kColumns[] = {{"ARC", "arc:challenge", "acc_norm"},
                                      {"HellaSwag", "hellaswag", "acc_norm"},
                                      {"MMLU", "hendrycksTest", "acc"},
                                      {"TruthfulQA", "truthfulqa:mc", "mc2"}};
/// The seven of November 2023.
inline constexpr Column kNovemberColumns[] = {kColumns[0], kColumns[1], kColumns[2], kColumns[3],
                                              {"Winogrande", "winogrande", "acc"}, {"GSM8K", "gsm8k", "acc"}, {"DROP", "drop", "f1"}};

}  // namespace assay::harness
