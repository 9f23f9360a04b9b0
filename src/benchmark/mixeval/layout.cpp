#include "benchmark/mixeval/layout.h"

#include "base/text.h"

namespace assay::mixeval {

std::string split_name(Split split, bool hard) {
  return std::string(split == Split::free_form ? "close_freeform" : "close_multichoice") + (hard ? "_hard" : "");
}

std::string result_benchmark(bool hard) { return hard ? "mixeval_hard" : "mixeval"; }

std::optional<bool> is_hard(std::string_view benchmark) {
  if (benchmark == "mixeval") return false;
  if (benchmark == "mixeval_hard" || benchmark == "mixeval-hard") return true;
  return std::nullopt;
}

std::string data_file(std::string_view version, bool hard, Split split) {
  return "mixeval-" + std::string(version) + "/" + (hard ? "mixeval-hard" : "mixeval") + "/" + std::string(name(split)) + ".json";
}

std::string response_file_name(std::string_view model, Split split, bool hard) {
  return std::string(model) + "_" + split_name(split, hard) + ".jsonl";
}

std::string status_file_name(Split split, bool hard) { return "status_" + split_name(split, hard) + ".json"; }

std::string judged_file_name(Split split, std::string_view judge) {
  const std::string side = split == Split::free_form ? "judge_results_ff" : "judge_results_mp";
  return judge.empty() ? side + "_rule.jsonl" : side + "_model_judge_" + replace_all(judge, "/", "_") + ".jsonl";
}

}  // namespace assay::mixeval
