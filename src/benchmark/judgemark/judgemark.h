// Judgemark 2.4 and 2.3: a model judges stories of 19 writers; the better it tells them apart, and the better it agrees with what
// else is known of them, the higher its score. The tested model is the judge (docs/formats/judgemark.md).
#pragma once

#include <memory>
#include <vector>

#include "benchmark/benchmark.h"

namespace assay {

class Judgemark final : public Benchmark {
 public:
  const BenchmarkInfo& info() const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;
};

}  // namespace assay
