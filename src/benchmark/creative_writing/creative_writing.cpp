#include "benchmark/creative_writing/creative_writing.h"

#include "benchmark/creative_writing/evaluation.h"
#include "benchmark/creative_writing/rescore.h"

namespace assay {

const BenchmarkInfo& CreativeWriting::info() const {
  static const BenchmarkInfo info = [] {
    BenchmarkInfo i;
    i.name = "creative-writing";
    i.title = "Creative Writing: a model writes stories that a judge rates by many criteria";
    i.versions = {"2", "1"};
    i.variants = {""};
    i.roles = {"model", "judge"};
    i.options = {
        {"engine", "openai|transformers|ooba|... (openai)",
         "the original's engine: transformers and ooba write at temperature 1.0 with min_p 0.1, all others at 0.7"},
        {"program", "2.4|2.3 (2.4)", "the release of the original program that is reproduced; 2.3 has version 1 only"}};
    i.pack = "eq-bench";
    return i;
  }();
  return info;
}

Result<std::shared_ptr<Evaluation>> CreativeWriting::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = creative_writing::prepare(settings, data);
  if (!prepared) return std::unexpected(prepared.error());
  return creative_writing::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> CreativeWriting::score_file(const ScoreRequest& request, DataSource& data) const {
  return creative_writing::score_path(request, data);
}

}  // namespace assay
