#include "benchmark/alpaca_eval/judge_calibration.h"

#include "benchmark/alpaca_eval/calibration_evaluation.h"

namespace assay {

const BenchmarkInfo& JudgeCalibration::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "judge-calibration";
    i.title = "How well a judge stands in for AlpacaEval's official one (--model is the judge)";
    i.versions = {"1"};
    i.variants = {""};
    i.roles = {"model"};
    i.options = alpaca_eval::calibration_option_table();
    i.pack = "alpaca-eval";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> JudgeCalibration::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto plan = alpaca_eval::prepare_calibration(settings, data);
  if (!plan) return std::unexpected(plan.error());
  return alpaca_eval::make_calibration(std::move(*plan));
}

Result<std::vector<Report>> JudgeCalibration::score_file(const ScoreRequest& request, DataSource&) const {
  return fail(ErrorKind::unsupported, "a calibration is scored from the journal, not from a file", request.path, "assay score RUN, or the same command again: what was answered is not asked twice");
}

}  // namespace assay
