#include "benchmark/mixeval/mixeval.h"

#include "benchmark/mixeval/evaluation.h"
#include "benchmark/mixeval/rescore.h"

namespace assay {

const BenchmarkInfo& Mixeval::info() const {
  static const auto make = [](bool hard) {
    BenchmarkInfo i;
    i.name = hard ? "mixeval-hard" : "mixeval";
    i.title = hard ? "MixEval-Hard: the harder part of MixEval, 1,000 questions" : "MixEval: 4,000 questions of many benchmarks, mixed as people ask on the web";
    i.versions = {"2024-08-11", "2024-06-01"};
    i.variants = {""};
    i.roles = {"model", "freeform", "multichoice"};
    i.options = {{"kind", "api|chat|base (api)", "how the model is asked: base models read five examples and the question as raw text"},
                 {"parser", "model|rule (model)", "who reads the answers: a judge, or rules; free_form_parser and multi_choice_parser set one split"},
                 {"max_tokens", "N", "of an answer: 1536 for api, 512 for chat, 399 for base"},
                 {"system", "TEXT", "a system message for the model"},
                 {"extract", "true|false (true for base)", "cut a base model's output where its answer ends"},
                 {"judge_temperature", "T", "of the judge; the original sends none"},
                 {"judge_max_tokens", "N (999)", "of a verdict"},
                 {"on_unparsed", "random|zero|skip|error (random)", "what counts where no verdict can be had; the original draws one"},
                 {"score", "current|legacy|legacy-first (current)", "how both splits are put together: since 2024-09-12, of 2024-09-03, before"},
                 {"inference_only", "true|false (false)", "answers only, nothing is judged"}};
    i.pack = "mixeval";
    return i;
  };
  static const BenchmarkInfo normal = make(false), harder = make(true);
  return hard_ ? harder : normal;
}

std::vector<std::string> Mixeval::roles_needed(const PrepareSettings& settings) const {
  std::vector<std::string> out{"model"};
  auto made = mixeval::make_settings(settings.ref.name, settings.ref.version, settings.options);
  if (!made) return out;  // prepare() says what is wrong
  for (mixeval::Split split : {mixeval::Split::free_form, mixeval::Split::multiple_choice})
    if (made->wants_judge(split)) out.emplace_back(mixeval::judge_role(split));
  return out;
}

Result<std::shared_ptr<Evaluation>> Mixeval::prepare(const PrepareSettings& settings, DataSource& data) const {
  auto prepared = mixeval::prepare(settings, data);
  if (!prepared) return std::unexpected(prepared.error());
  return mixeval::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> Mixeval::score_file(const ScoreRequest& request, DataSource& data) const { return mixeval::score_path(request, data); }

}  // namespace assay
