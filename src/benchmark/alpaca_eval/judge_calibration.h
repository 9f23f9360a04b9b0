// judge-calibration: how well a judge stands in for the official one of AlpacaEval. The tested --model is the judge, as in Judgemark; `assay judge
// calibrate` is its everyday form.
#pragma once

#include "benchmark/benchmark.h"

namespace assay {

class JudgeCalibration final : public Benchmark {
 public:
  const BenchmarkInfo& info() const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;
};

}  // namespace assay
