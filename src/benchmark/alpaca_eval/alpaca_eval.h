// AlpacaEval: an automatic judge compares a model's answers with a reference model's; the win rate is corrected for length. Source:
// github.com/tatsu-lab/alpaca_eval at cd543a14 (0.6.6).
#pragma once

#include "benchmark/benchmark.h"

namespace assay {

class AlpacaEval final : public Benchmark {
 public:
  const BenchmarkInfo& info() const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;
};

}  // namespace assay
