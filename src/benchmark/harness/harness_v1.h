// `harness-v1:TASK`: single tasks of the evaluation harness as it was when the Open LLM Leaderboard pinned it.
#pragma once

#include <memory>
#include <vector>

#include "benchmark/benchmark.h"

namespace assay {

class HarnessV1 final : public Benchmark {
 public:
  const BenchmarkInfo& info() const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;
};

}  // namespace assay
