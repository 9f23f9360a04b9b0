#include "benchmark/mixeval/mixeval.h"

#include "base/number.h"
#include "base/text.h"
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
                 {"as", "NAME", "as the original asks the model that it registers under this name: kind, token limit, system message, sampling"},
                 {"max_tokens", "N|none", "of an answer: 1536 for api, 512 for chat, 399 for base; none: no limit is sent"},
                 {"system", "TEXT", "a system message for the model"},
                 {"turns", "JSON|own", "kind=chat: messages become raw text in this way; own: in that of the model named by as"},
                 {"extract", "true|false (true for base)", "cut a base model's output where its answer ends"},
                 {"judge_temperature", "T", "of the judge; the original sends none"},
                 {"judge_max_tokens", "N (999)", "of a verdict"},
                 {"on_unparsed", "random|zero|skip|error (random)", "what counts where no verdict can be had; the original draws one"},
                 {"score", "current|legacy|legacy-first (current)", "how both splits are put together: since 2024-09-12, of 2024-09-03, before"},
                 {"shuffle_options", "SEED", "multiple-choice options in another order: what the model loses by it, it knew by letter"},
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

namespace {

/// What the registered model decides, below what the options say.
void take_options(const mixeval::RegisteredModel& model, DataSource& data, std::map<std::string, std::string>& options) {
  options.try_emplace("kind", mixeval::name(model.kind));
  if (!model.max_tokens.empty()) options.try_emplace("max_tokens", model.max_tokens);
  if (auto turns = options.find("turns"); turns != options.end() && turns->second == "own" && model.turns) turns->second = write_json(to_json(*model.turns));
  if (options.at("kind") == "base" || options.contains("system")) return;
  if (model.system) options["system"] = *model.system;
  if (model.system_text.empty()) return;
  // A folder of one's own may hold other things under the names that it is taken out of.
  auto text = data.file(model.system_text);
  if (text && (text->path.empty() || text->path.ends_with(".txt"))) options["system"] = std::move(text->content);
}

}  // namespace

Result<std::shared_ptr<Evaluation>> Mixeval::prepare(const PrepareSettings& given, DataSource& data) const {
  PrepareSettings settings = given;
  const mixeval::RegisteredModel* model = nullptr;
  auto usual = settings.options;  // were kind and system left to the model
  if (auto as = settings.options.find("as"); as != settings.options.end()) {
    model = models_ ? models_().find(as->second) : nullptr;
    if (!model)
      return fail(ErrorKind::usage, "option as: the original registers no model \"" + shorten(as->second, 80) + "\"", {},
                  models_ ? "the nearest: " + join(models_().near(as->second), ", ") : "");
    for (const char* key : {"kind", "system"}) usual.erase(key);
    take_options(*model, data, usual);
    take_options(*model, data, settings.options);
    if (auto turns = settings.options.find("turns"); turns != settings.options.end() && turns->second == "own")
      return fail(ErrorKind::usage, "option turns=own: " + model->name + " has no chat format of its own");
  }
  auto prepared = mixeval::prepare(settings, data);
  if (!prepared) return std::unexpected(prepared.error());
  if (model) {
    if (model->max_tokens == "none") prepared->settings.usual_tokens.reset();
    else if (auto tokens = python_float(model->max_tokens)) prepared->settings.usual_tokens = static_cast<int>(*tokens);
    if (!model->system_text.empty() && !prepared->settings.system && prepared->settings.kind != mixeval::Kind::base) prepared->settings.absent_system = model->system_text;
    prepared->settings.sampling = model->sampling;
    prepared->settings.usual_kind = model->kind;
    if (auto system = usual.find("system"); system != usual.end()) prepared->settings.usual_system = system->second;
    prepared->settings.usual_turns = model->turns;
  }
  return mixeval::make_evaluation(std::move(*prepared));
}

Result<std::vector<Report>> Mixeval::score_file(const ScoreRequest& request, DataSource& data) const { return mixeval::score_path(request, data); }

}  // namespace assay
