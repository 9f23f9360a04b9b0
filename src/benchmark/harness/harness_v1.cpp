#include "benchmark/harness/harness_v1.h"

#include "benchmark/harness/prepared.h"
#include "benchmark/harness/rescore.h"

namespace assay {

const BenchmarkInfo& HarnessV1::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "harness-v1";
    i.title = "ARC, HellaSwag, MMLU and TruthfulQA one by one, as the evaluation harness of June 2023 has them";
    i.variants = {""};
    for (const harness::TaskInfo& task : harness::all_tasks()) i.variants.push_back(task.name);
    i.roles = {"model"};
    i.options = {{"tasks", "LIST", "tasks instead of the one after the colon: names and patterns (arc_*), comma separated"},
                 {"num_fewshot", "N (the leaderboard's: 25, 10, 5, 0)", "examples before each question"},
                 {"limit", "X", "below 1 a share of the first task's documents, whose count then holds for the others, as in the original"},
                 {"fraction", "X", "a share of each task's documents"},
                 {"write_out", "true|false (false)", "under --out, each task's prompts and answers as the original lists them"},
                 {"description", "JSON", "an object: task to the text that stands before everything"},
                 {"hellaswag", "official|stand-in (official)", "stand-in: 600 and 400 rows of the validation set instead of the official files"}};
    i.pack = "open-llm-leaderboard";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> HarnessV1::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = harness::prepare(settings, data, false);
  if (!prepared) return std::unexpected(prepared.error());
  return harness::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> HarnessV1::score_file(const ScoreRequest& request, DataSource&) const {
  return harness::score_path(request, false);
}

}  // namespace assay
