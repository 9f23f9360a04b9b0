#include "benchmark/harness/harness_tasks.h"

#include "benchmark/harness/yaml_prepared.h"
#include "benchmark/harness/yaml_rescore.h"

namespace assay {

const BenchmarkInfo& HarnessTasks::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "harness";
    i.title = "tasks described by YAML files, as today's evaluation harness runs them";
    i.variants = {""};
    i.free_variant = true;
    i.roles = {"model"};
    i.options = harness::yaml_options();
    i.pack = "open-llm-leaderboard";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> HarnessTasks::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = harness::prepare_yaml(settings, data, index_cache_);
  if (!prepared) return std::unexpected(prepared.error());
  return harness::make_yaml_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> HarnessTasks::score_file(const ScoreRequest& request, DataSource&) const {
  return harness::score_todays_files(request);
}

}  // namespace assay
