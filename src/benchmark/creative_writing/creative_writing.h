// Creative Writing versions 1 and 2: a model writes stories, a judge rates each by many criteria. The official figures are those of
// the original program, release 2.4 (docs/formats/creative-writing.md says what is ours beside them).
#pragma once

#include <memory>
#include <vector>

#include "benchmark/benchmark.h"

namespace assay {

class CreativeWriting final : public Benchmark {
 public:
  const BenchmarkInfo& info() const override;
  Result<std::shared_ptr<Evaluation>> prepare(const PrepareSettings& settings, DataSource& data) const override;
  Result<std::vector<Report>> score_file(const ScoreRequest& request, DataSource& data) const override;
};

}  // namespace assay
