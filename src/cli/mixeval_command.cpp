// assay mixeval: the original's three programs under their own names, with their flags and their files.
#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/completeness.h"
#include "benchmark/mixeval/layout.h"
#include "benchmark/mixeval/response_file.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/mixeval_run.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using cli::Invocation;
using mixeval::Split;

/// Which program takes an option; "" = all of ours.
struct OptionOf {
  const char* name;
  bool evaluate, compute, check;
};
constexpr OptionOf kOptions[] = {{"model_name", true, false, false},
                                 {"model_path", true, false, false},
                                 {"model_systemprompt", true, false, false},
                                 {"batch_size", true, false, false},
                                 {"batch_size_judge", true, true, false},
                                 {"judge_model_id", true, true, false},
                                 {"max_gpu_memory", true, false, false},
                                 {"max_gpu_memory_judge", true, true, false},
                                 {"api_parallel_num", true, true, false},
                                 {"api_base_url", true, true, false},
                                 {"data_path", true, true, true},
                                 {"output_dir", true, false, false},
                                 {"model_response_dir", false, true, true},
                                 {"inference_only", true, false, false},
                                 {"verbose", true, true, false},
                                 {"free_form_parser", true, true, false},
                                 {"multi_choice_parser", true, true, false},
                                 {"multichoice_judge", true, true, false},
                                 {"freeform_judge", true, true, false},
                                 {"extract_base_model_response", true, true, false},
                                 {"compute_score_from_judged_file", true, true, false},
                                 {"models_to_eval", false, true, false},
                                 {"base_models_to_check", false, false, true},
                                 {"chat_models_to_check", false, false, true},
                                 {"n_closefreeform", false, false, true},
                                 {"n_closemultichoice", false, false, true},
                                 {"n_closefreeform_hard", false, false, true},
                                 {"n_closemultichoice_hard", false, false, true},
                                 {"out_path", false, false, true},
                                 {"exit-code", false, false, true},
                                 {"max-cost", true, true, false},
                                 {"model-id", true, true, false},
                                 {"strict-resume", true, false, false},
                                 {"model", true, false, false},
                                 {"judge", true, true, false},
                                 {"edition", true, true, false},
                                 {"score-format", true, true, false}};

Result<mixeval::Parser> parser_of(const cli::Arguments& arguments, const char* option) {
  const std::string text = arguments.get(option).value_or("model");
  if (text == "model") return mixeval::Parser::model;
  if (text == "rule") return mixeval::Parser::rule;
  return fail(ErrorKind::usage, "--" + std::string(option) + " takes model or rule, not \"" + shorten(text, 40) + "\"");
}

Result<MixevalFlags> read_flags(const Invocation& invocation) {
  const cli::Arguments& arguments = invocation.arguments;
  MixevalFlags out;
  const std::string program = arguments.positional.empty() ? "" : arguments.positional.front();
  if (program == "evaluate") out.program = MixevalProgram::evaluate;
  else if (program == "compute_metrics") out.program = MixevalProgram::compute_metrics;
  else if (program == "check_eval_complete") out.program = MixevalProgram::check_eval_complete;
  else return fail(ErrorKind::usage, "assay mixeval has no \"" + shorten(program, 40) + "\"", "", "it has evaluate, compute_metrics and check_eval_complete");
  for (const OptionOf& option : kOptions) {
    const bool takes = out.program == MixevalProgram::evaluate ? option.evaluate : out.program == MixevalProgram::compute_metrics ? option.compute : option.check;
    if (!takes && arguments.has(option.name)) return fail(ErrorKind::usage, "assay mixeval " + program + " takes no --" + std::string(option.name));
  }
  auto needed = [&](const char* name) -> Result<std::string> {
    auto value = arguments.get(name);
    if (!value || value->empty()) return fail(ErrorKind::usage, "assay mixeval " + program + " needs --" + std::string(name));
    return *value;
  };
  auto benchmark = needed("benchmark");
  if (!benchmark) return std::unexpected(benchmark.error());
  auto hard = mixeval::is_hard(*benchmark);
  if (!hard) return fail(ErrorKind::usage, "--benchmark takes mixeval or mixeval_hard, not \"" + shorten(*benchmark, 40) + "\"");
  out.benchmark = mixeval::result_benchmark(*hard);
  auto version = needed("version");
  if (!version) return std::unexpected(version.error());
  if (version->find_first_of("/\\") != std::string::npos || *version == ".." || version->size() > 100) return fail(ErrorKind::usage, "--version is a version's name, not a path");
  out.version = *version;
  auto number = [&](const char* name, int& place) -> Result<void> {
    auto value = arguments.integer(name, 1);
    if (!value) return std::unexpected(value.error());
    if (*value) place = static_cast<int>(std::min<long long>(**value, 1'000'000));
    return {};
  };
  for (auto [name, place] : {std::pair("batch_size", &out.batch_size), {"batch_size_judge", &out.batch_size_judge}, {"api_parallel_num", &out.api_parallel_num}})
    if (auto read = number(name, *place); !read) return std::unexpected(read.error());
  out.model_path = arguments.get("model_path");
  out.model_systemprompt = arguments.get("model_systemprompt");
  out.judge_model_id = arguments.get("judge_model_id");
  out.max_gpu_memory = arguments.get("max_gpu_memory");
  out.max_gpu_memory_judge = arguments.get("max_gpu_memory_judge");
  out.api_base_url = arguments.get("api_base_url");
  out.data_path = arguments.get("data_path").value_or(out.data_path);
  out.inference_only = arguments.has("inference_only");
  out.verbose = arguments.has("verbose");
  out.extract_base_model_response = arguments.has("extract_base_model_response");
  out.compute_score_from_judged_file = arguments.has("compute_score_from_judged_file");
  out.multichoice_judge = arguments.get("multichoice_judge").value_or(out.multichoice_judge);
  out.freeform_judge = arguments.get("freeform_judge").value_or(out.freeform_judge);
  auto free_form = parser_of(arguments, "free_form_parser"), multi_choice = parser_of(arguments, "multi_choice_parser");
  if (!free_form) return std::unexpected(free_form.error());
  if (!multi_choice) return std::unexpected(multi_choice.error());
  out.free_form_parser = *free_form;
  out.multi_choice_parser = *multi_choice;
  out.models_to_eval = arguments.all("models_to_eval");
  out.base_models_to_check = arguments.all("base_models_to_check");
  out.chat_models_to_check = arguments.all("chat_models_to_check");
  out.out_path = arguments.get("out_path").value_or(out.out_path);
  out.strict_resume = arguments.has("strict-resume");
  out.model = arguments.get("model");
  out.judge = arguments.get("judge");
  out.edition = arguments.get("edition");
  out.models_file = arguments.get("models_file");
  const std::string format = arguments.get("score-format").value_or("current");
  if (format == "legacy") out.score = mixeval::ScoreRule::legacy;
  else if (format == "legacy-first") out.score = mixeval::ScoreRule::legacy_first;
  else if (format != "current") return fail(ErrorKind::usage, "--score-format takes current, legacy or legacy-first, not \"" + shorten(format, 40) + "\"");
  for (auto [name, hard_one, place] : {std::tuple("n_closefreeform", false, &out.n_free_form), {"n_closefreeform_hard", true, &out.n_free_form},
                                       {"n_closemultichoice", false, &out.n_multiple_choice}, {"n_closemultichoice_hard", true, &out.n_multiple_choice}}) {
    auto value = arguments.integer(name, 0);
    if (!value) return std::unexpected(value.error());
    if (*value && hard_one == *hard) *place = static_cast<std::size_t>(**value);
  }
  if (out.program == MixevalProgram::evaluate) {
    auto name = needed("model_name");
    if (!name) return std::unexpected(name.error());
    out.model_name = *name;
    if (!arguments.has("batch_size")) return fail(ErrorKind::usage, "assay mixeval evaluate needs --batch_size", "", "for an API: how many requests at a time");
    out.response_dir = arguments.get("output_dir").value_or("mix_eval/data/model_responses");
  } else {
    out.response_dir = arguments.get("model_response_dir").value_or(out.program == MixevalProgram::compute_metrics ? "mix_eval/data/model_responses/" : "mix_eval/data/model_responses");
  }
  if (out.program == MixevalProgram::check_eval_complete)
    for (const char* list : {"base_models_to_check", "chat_models_to_check"})
      if (!arguments.has(list)) return fail(ErrorKind::usage, "assay mixeval check_eval_complete needs --" + std::string(list), "", "say none where there is no such model");
  return out;
}

Result<mixeval::ModelRegistry> registry_of(const MixevalFlags& flags) {
  mixeval::ModelRegistry out = cli::mixeval_models();
  if (flags.models_file) {
    auto text = read_file(*flags.models_file, 16 << 20);
    if (!text) return std::unexpected(text.error());
    if (auto added = out.add(*text, *flags.models_file); !added) return std::unexpected(added.error());
  }
  return out;
}

/// Every folder below the responses is a model, as the original takes it.
Result<std::vector<std::string>> models_below(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, code))
    if (entry.is_directory()) out.push_back(entry.path().filename().string());
  if (code) return fail(ErrorKind::not_found, "the folder of responses is not there: " + code.message(), folder, "name it with --model_response_dir, or the models with --models_to_eval");
  std::sort(out.begin(), out.end());
  return out;
}

mixeval::FolderState look(const std::string& folder, const std::string& model, Split split, bool hard) {
  mixeval::FolderState out;
  std::error_code code;
  out.exists = fs::exists(folder, code);
  if (!out.exists) return out;
  if (auto status = read_file(fs::path(folder) / mixeval::status_file_name(split, hard)))
    out.complete = mixeval::status_complete(*status, folder).value_or(false);
  if (auto text = read_file(fs::path(folder) / mixeval::response_file_name(model, split, hard)))
    out.lines = static_cast<std::size_t>(std::count(text->begin(), text->end(), '\n')) + (!text->empty() && text->back() != '\n' ? 1 : 0);
  return out;
}

int check(MixevalWork& work) {
  const MixevalFlags& flags = work.flags;
  const Invocation& invocation = work.invocation;
  for (const auto* list : {&flags.base_models_to_check, &flags.chat_models_to_check})
    for (const std::string& model : *list)
      if (lower(model) != "none" && !work.registry.find(model)) {
        auto near = work.registry.near(model);
        return invocation.report(Error{ErrorKind::usage, "model \"" + shorten(model, 80) + "\" is not in the registry", "", near.empty() ? "name it in a file of your own: --models_file FILE" : "did you mean " + join(near, ", ") + "?"});
      }
  mixeval::CompletenessWish wish;
  wish.benchmark = flags.benchmark;
  wish.version = flags.version;
  wish.base_models = flags.base_models_to_check;
  wish.chat_models = flags.chat_models_to_check;
  wish.response_dir = flags.response_dir;
  for (Split split : {Split::free_form, Split::multiple_choice}) {
    // What the data hold counts, unless the command line says a number: the original's own numbers are wrong for one version.
    std::size_t& n = split == Split::free_form ? wish.free_form : wish.multiple_choice;
    n = flags.hard() ? 500 : 2000;
    if (const auto& said = split == Split::free_form ? flags.n_free_form : flags.n_multiple_choice) {
      n = *said;
    } else if (auto data = version_data(work, split)) {
      auto entries = mixeval::read_entries(*data, split, "data");
      if (!entries) return invocation.report(entries.error());
      n = entries->size();
    }
  }
  const std::string log = mixeval::completeness_log(wish, [&](const std::string& folder, const std::string& model, Split split) { return look(folder, model, split, flags.hard()); });
  auto before = read_file(flags.out_path);
  if (!before && before.error().kind != ErrorKind::not_found) return invocation.report(before.error());
  if (auto wrote = write_file(flags.out_path, before.value_or("") + log); !wrote) return invocation.report(wrote.error());
  const std::size_t problems = split_lines(log).size() - 1;
  if (invocation.json()) work.document = {{"log", flags.out_path}, {"problems", problems}, {"lines", log}};
  work.say(log);
  // The original ends with 0 whatever it found; --exit-code is for scripts that shall stop.
  return problems > 0 && invocation.arguments.has("exit-code") ? cli::kFailed : cli::kDone;
}

int work(Invocation& invocation) {
  auto flags = read_flags(invocation);
  if (!flags) return invocation.report(flags.error());
  auto registry = registry_of(*flags);
  if (!registry) return invocation.report(registry.error());
  MixevalWork work{invocation, std::move(*flags), std::move(*registry), {}, nullptr};
  int code = cli::kDone;
  switch (work.flags.program) {
    case MixevalProgram::evaluate: code = evaluate(work); break;
    case MixevalProgram::compute_metrics: {
      std::vector<std::string> models = work.flags.models_to_eval;
      if (models.empty()) {
        auto below = models_below(work.flags.response_dir);
        if (!below) return invocation.report(below.error());
        models = std::move(*below);
      }
      code = compute_metrics(work, models);
      break;
    }
    case MixevalProgram::check_eval_complete: code = check(work); break;
  }
  if (invocation.json()) invocation.out(write_json(work.document, JsonStyle::pretty) + "\n");
  return code;
}

}  // namespace
}  // namespace assay::compat

namespace assay::cli {

CommandSpec mixeval_command() {
  CommandSpec c;
  c.name = "mixeval";
  c.summary = "MixEval's own programs: evaluate, compute_metrics, check_eval_complete";
  c.positional = "evaluate|compute_metrics|check_eval_complete";
  c.positional_help = "the original's program; its flags follow, with its names";
  c.least = 1;
  c.most = 1;
  c.options = {
      {"--model_name", "NAME", "evaluate: a model that the registry knows"},
      {"--model_path", "PATH", "of local_chat and local_base: a GGUF file or a model spec"},
      {"--model_systemprompt", "TEXT", "system message of local_chat"},
      {"--benchmark", "NAME", "mixeval or mixeval_hard"},
      {"--version", "VERSION", "of the data: 2024-08-11, 2024-06-01, or one below --data_path"},
      {"--batch_size", "N", "entries a batch; for an API the requests at a time"},
      {"--batch_size_judge", "N", "requests at a time to a local judge (1)"},
      {"--judge_model_id", "ID", "a local judge: a GGUF file or a model spec; its name stands in file names"},
      {"--max_gpu_memory", "SIZE", "changes no number and is passed over"},
      {"--max_gpu_memory_judge", "SIZE", "likewise"},
      {"--api_parallel_num", "N", "requests at a time to the judge (100)"},
      {"--api_base_url", "URL", "the judge's endpoint"},
      {"--data_path", "DIR", "holds mixeval-VERSION/ (mix_eval/data/); else the pack's official files"},
      {"--output_dir", "DIR", "evaluate: where responses go (mix_eval/data/model_responses)"},
      {"--model_response_dir", "DIR", "compute_metrics, check_eval_complete: where responses are"},
      {"--inference_only", "", "evaluate: answers only"},
      {"--verbose", "", "print both splits' scores"},
      {"--free_form_parser", "KIND", "model (default) or rule"},
      {"--multi_choice_parser", "KIND", "model (default) or rule"},
      {"--multichoice_judge", "NAME", "judge of multiple-choice answers (gpt-3.5-turbo-0125)"},
      {"--freeform_judge", "NAME", "judge of free-form answers (gpt-3.5-turbo-0125)"},
      {"--extract_base_model_response", "", "cut base models' output where the answer ends"},
      {"--compute_score_from_judged_file", "", "score what was judged before"},
      {"--models_to_eval", "NAME...", "compute_metrics: these models (default: every folder)", true},
      {"--base_models_to_check", "NAME...", "check_eval_complete; none = no such model", true},
      {"--chat_models_to_check", "NAME...", "check_eval_complete; none = no such model", true},
      {"--n_closefreeform", "N", "responses that are whole (default: as many as the data have)"},
      {"--n_closemultichoice", "N", "likewise"},
      {"--n_closefreeform_hard", "N", "likewise"},
      {"--n_closemultichoice_hard", "N", "likewise"},
      {"--out_path", "FILE", "check_eval_complete: the log that is appended to"},
      {"--max-cost", "USD", "ours: spend no more than this, answers and verdicts together"},
      {"--model-id", "[ROLE=]LABEL", "ours: an endpoint's identity, when what it says of itself has changed; freeform=LABEL and multichoice=LABEL are the judges'", true},
      {"--exit-code", "", "ours, check_eval_complete: exit 1 where the log names a problem (the original's exit is always 0)"},
      {"--strict-resume", "", "ours: resume as the original does, by batches and equal flags, instead of by ids"},
      {"--model", "SPEC", "ours: how the model is asked, whatever the registry says"},
      {"--judge", "SPEC", "ours: how the judge is asked"},
      {"--models_file", "FILE", "ours: more models, in the layout of packs/mixeval/sample/models.json"},
      {"--edition", "NAME", "ours: sample = the project's own small data and prompts"},
      {"--score-format", "RULE", "ours: current (default), legacy, legacy-first"},
  };
  c.examples = {
      "assay mixeval evaluate --model_name gpt_4o --benchmark mixeval_hard --version 2024-06-01 --batch_size 20 --output_dir responses",
      "assay mixeval evaluate --model_name local_chat --model_path model.gguf --benchmark mixeval --version 2024-08-11 --batch_size 8 --inference_only",
      "assay mixeval compute_metrics --benchmark mixeval_hard --version 2024-06-01 --model_response_dir responses --models_to_eval gpt_4o",
      "assay mixeval check_eval_complete --benchmark mixeval --version 2024-08-11 --base_models_to_check none --chat_models_to_check gpt_4o",
  };
  c.translate = compat::translate_mixeval;
  c.work = compat::work;
  return c;
}

}  // namespace assay::cli
