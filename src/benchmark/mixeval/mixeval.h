// MixEval and MixEval-Hard: questions of many benchmarks, mixed so as to resemble what people ask on the web; a judge reads the answers. The
// official figures are those of the original program after 2024-09-12 (docs/formats/mixeval.md says what is ours beside them).
#pragma once

#include <memory>
#include <vector>

#include "benchmark/benchmark.h"

namespace assay {

class Mixeval final : public Benchmark {
 public:
  /// `hard`: MixEval-Hard, which is a benchmark of its own.
  explicit Mixeval(bool hard) : hard_(hard) {}
  const BenchmarkInfo& info() const override;
  std::vector<std::string> roles_needed(const PrepareSettings& settings) const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;

 private:
  bool hard_;
};

}  // namespace assay
