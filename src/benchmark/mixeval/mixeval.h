// MixEval and MixEval-Hard: questions of many benchmarks, mixed so as to resemble what people ask on the web; a judge reads the answers. The
// official figures are those of the original program after 2024-09-12 (docs/formats/mixeval.md says what is ours beside them).
#pragma once

#include <memory>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/mixeval/model_registry.h"

namespace assay {

class Mixeval final : public Benchmark {
 public:
  /// `hard`: MixEval-Hard, which is a benchmark of its own. `models`: gives what option as= chooses from, when it is
  /// wanted; may be null.
  using Models = const mixeval::ModelRegistry& (*)();
  explicit Mixeval(bool hard, Models models = nullptr) : hard_(hard), models_(models) {}
  const BenchmarkInfo& info() const override;
  std::vector<std::string> roles_needed(const PrepareSettings& settings) const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& given, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;

 private:
  bool hard_;
  Models models_;
};

}  // namespace assay
