#include "benchmark/eq_bench/eq_bench.h"

#include "benchmark/eq_bench/eq_bench_evaluation.h"
#include "benchmark/eq_bench/rescore.h"

namespace assay {

const BenchmarkInfo& EqBench::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "eq-bench";
    i.title = "EQ-Bench: how well a model predicts the strength of a character's emotions in a dialogue";
    i.versions = {"2", "1"};
    i.variants = {"", "de", "ja", "jahalf"};
    i.roles = {"model"};
    i.options = {
        {"revise", "true|false (false)", "the answer is a first pass, a critique and revised scores; 600 tokens instead of 60"},
        {"strict", "true|false (false)", "version 1: a name in other case counts its difference, which the original forgets"},
        {"program", "2.4|2.3|2.2|2.1 (2.4)", "the release of the original program whose parsing and scoring are reproduced"}};
    i.pack = "eq-bench";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> EqBench::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = eq_bench::prepare(settings, data);
  if (!prepared) return std::unexpected(prepared.error());
  return eq_bench::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> EqBench::score_file(const ScoreRequest& request, DataSource& data) const {
  return eq_bench::score_path(request, data);
}

}  // namespace assay
