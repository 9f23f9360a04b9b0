#include "benchmark/alpaca_eval/alpaca_eval.h"

#include "benchmark/alpaca_eval/evaluation.h"
#include "benchmark/alpaca_eval/rescore.h"
#include "benchmark/alpaca_eval/run_settings.h"

namespace assay {

const BenchmarkInfo& AlpacaEval::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "alpaca-eval";
    i.title = "AlpacaEval: how often a judge prefers a model's answers to a reference's, corrected for length";
    i.versions = {"2", "1"};
    i.variants = {""};
    i.roles = {"model", "judge"};
    i.options = alpaca_eval::option_table();
    i.pack = "alpaca-eval";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> AlpacaEval::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = alpaca_eval::prepare(settings, data);
  if (!prepared) return std::unexpected(prepared.error());
  return alpaca_eval::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> AlpacaEval::score_file(const ScoreRequest& request, DataSource& data) const {
  return alpaca_eval::score_path(request, data);
}

}  // namespace assay
