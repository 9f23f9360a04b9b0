// `open-llm-leaderboard@1`: ARC with 25 examples, HellaSwag with 10, MMLU with 5, TruthfulQA, and their average - one suite, one
// table. The rules are those of the evaluation harness at the commit that the leaderboard pins (docs/formats/harness.md).
#pragma once

#include <memory>
#include <vector>

#include "benchmark/benchmark.h"

namespace assay {

class OpenLlmLeaderboard final : public Benchmark {
 public:
  const BenchmarkInfo& info() const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;
};

}  // namespace assay
