#include "benchmark/judgemark/judgemark.h"

#include "benchmark/judgemark/evaluation.h"
#include "benchmark/judgemark/rescore.h"

namespace assay {

const BenchmarkInfo& Judgemark::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "judgemark";
    i.title = "Judgemark: how well a judge tells good stories from bad ones (--model is the judge)";
    i.versions = {"2.4", "2.3"};
    i.variants = {""};
    i.roles = {"model"};
    i.options = {{"program", "2.4|2.3 (as the version)",
                  "the release whose judging is reproduced: prompt, temperatures, removal of marks, reversed criteria"}};
    i.pack = "eq-bench";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> Judgemark::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = judgemark::prepare(settings, data);
  if (!prepared) return std::unexpected(prepared.error());
  return judgemark::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> Judgemark::score_file(const ScoreRequest& request, DataSource& data) const {
  return judgemark::score_path(request, data);
}

}  // namespace assay
