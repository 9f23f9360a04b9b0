#include "benchmark/harness/open_llm_leaderboard.h"

#include "benchmark/harness/prepared.h"
#include "benchmark/harness/rescore.h"

namespace assay {

const BenchmarkInfo& OpenLlmLeaderboard::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "open-llm-leaderboard";
    i.title = "Open LLM Leaderboard: ARC, HellaSwag, MMLU and TruthfulQA as its first version measures them";
    i.versions = {"1"};
    i.roles = {"model"};
    i.options = {{"fraction", "X (1)", "a share of each task's documents"},
                 {"hellaswag", "official|stand-in (official)", "stand-in: 600 and 400 rows of the validation set instead of the official files"}};
    i.pack = "open-llm-leaderboard";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> OpenLlmLeaderboard::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = harness::prepare(settings, data, true);
  if (!prepared) return std::unexpected(prepared.error());
  return harness::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> OpenLlmLeaderboard::score_file(const ScoreRequest& request, DataSource&) const {
  return harness::score_path(request, true);
}

}  // namespace assay
