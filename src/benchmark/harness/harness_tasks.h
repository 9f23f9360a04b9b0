// harness:TASK: tasks that YAML files describe, as the evaluation harness runs them today.
#pragma once

#include <filesystem>

#include "benchmark/benchmark.h"

namespace assay {

class HarnessTasks final : public Benchmark {
 public:
  /// `index_cache`: a file of this program that remembers what task files say; "" = they are read anew each time.
  explicit HarnessTasks(std::filesystem::path index_cache = {}) : index_cache_(std::move(index_cache)) {}
  const BenchmarkInfo& info() const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;

 private:
  std::filesystem::path index_cache_;
};

}  // namespace assay
