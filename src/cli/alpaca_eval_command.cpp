// assay alpaca-eval: the original program under its own name, with its four commands, its flags and its files.
#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/prompt_evaluation.h"
#include "benchmark/pack_data.h"
#include "cli/alpaca_eval_ask.h"
#include "cli/commands.h"
#include "cli/compat/alpaca_analyze.h"
#include "cli/compat/alpaca_eval_set.h"
#include "cli/compat/alpaca_from_model.h"
#include "cli/exit_code.h"
#include "cli/local_time.h"
#include "cli/run_job.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using cli::Invocation;
using cli::Session;

const std::vector<std::string>& all_flags() {
  static const std::vector<std::string> flags = [] {
    std::vector<std::string> out;
    for (const auto* list : {&evaluate_flags(), &from_model_flags(), &make_leaderboard_flags(), &analyze_evaluators_flags(), &eval_set_flags(), &annotator_flags()})
      for (const std::string& flag : *list)
        if (std::find(out.begin(), out.end(), flag) == out.end()) out.push_back(flag);
    return out;
  }();
  return flags;
}

std::vector<std::string> translate(const std::vector<std::string>& words) {
  static const FireFlags known{all_flags(), {"--json", "--quiet", "--offline", "--help"}, {"--data", "--store", "--judge", "--model", "--concurrency", "--lc_data", "--retry", "--max-cost"}};
  return fire_words(words, known);
}

/// The words after the command stand for its first flags, in order.
Result<FireValues> values_of(const Invocation& invocation, const std::vector<std::string>& positional, const std::vector<std::string>& parameters) {
  FireValues out;
  if (positional.size() > parameters.size()) return fail(ErrorKind::usage, "there are more values than the command has parameters");
  for (std::size_t i = 0; i < positional.size(); ++i) out.set(parameters[i], fire_value(positional[i]));
  for (const std::string& flag : all_flags())
    if (auto value = invocation.arguments.get(flag)) out.set(flag, fire_value(*value));
  return out;
}

/// Length-control data of a folder or a file of the user's, else of the pack.
alpaca_eval::LengthData length_data_of(const Invocation& invocation, const Pack& pack, const fs::path& home) {
  if (auto given = invocation.arguments.get("lc_data")) {
    PackData data(pack, *given, home);
    return alpaca_eval::length_data(data);
  }
  PackData data(pack, "official", home);
  return alpaca_eval::length_data(data);
}

struct Work {
  Session& session;
  const Invocation& invocation;
  AlpacaSurroundings surroundings;
  std::vector<std::string> warnings;
};

Result<AlpacaSurroundings> surroundings_of(Session& session, const AlpacaVersion& version, std::vector<std::string>& warnings) {
  const Invocation& invocation = session.invocation();
  auto home = invocation.data_home();
  if (!home) return std::unexpected(home.error());
  auto pack = cli::pack_store().find("alpaca-eval");
  if (!pack) return std::unexpected(pack.error());
  AlpacaSurroundings out;
  out.version = version;
  out.program_version = ASSAY_VERSION;
  out.roots = {".", pack_folder(*home, "alpaca-eval")};
  out.weights = *home / "alpaca-eval" / "weights";
  out.now = [&session] {
    const std::int64_t micros = session.timer().clock().unix_micros();
    std::string text = cli::local_text(micros / 1'000'000);
    std::replace(text.begin(), text.end(), ' ', 'T');
    return text;
  };
  out.print = [&invocation](std::string_view text) { invocation.out(text); };
  out.warn = [&invocation, &warnings](std::string_view text) {
    warnings.emplace_back(text);
    invocation.err("assay: warning: " + std::string(text) + "\n");
  };
  const std::string role(version.two ? alpaca_eval::kReferences2 : alpaca_eval::kReferences1);
  out.reference = [pack = *pack, home = *home, role]() -> Result<alpaca_eval::Table> {
    PackData data(*pack, "official", home);
    auto file = data.file(role);
    if (!file) return std::unexpected(file.error());
    return alpaca_eval::read_table(file->content, ".json", role);
  };
  out.length_data = [&invocation, pack = *pack, home = *home] { return length_data_of(invocation, *pack, home); };
  out.judge = [&session, now = out.now, version](const alpaca_eval::EvaluatorConfig& config, const alpaca_eval::AnnotationPlan& plan) {
    return ask_judges(session, version.benchmark(), config, plan, now());
  };
  out.generate = [&session, now = out.now](std::string_view benchmark, const std::string& role, std::string_view function, const PythonValue& kwargs,
                                           const std::vector<std::string>& prompts) {
    return ask_model(session, std::string(benchmark), role, function, kwargs, prompts, now());
  };
  return out;
}

json::object row_document(const alpaca_eval::LeaderboardRow& row) {
  json::object out;
  for (const auto& [column, cell] : row.cells) {
    json::value& value = out[column];
    if (const auto* number = std::get_if<double>(&cell)) value = *number;
    else if (const auto* whole = std::get_if<std::int64_t>(&cell)) value = *whole;
    else if (const auto* text = std::get_if<std::string>(&cell)) value = *text;
  }
  return out;
}

int show(const Invocation& invocation, const Result<EvaluateResult>& result, bool silent, const std::vector<std::string>& warnings) {
  if (!result) return invocation.report(result.error());
  if (invocation.json()) {
    json::object document;
    json::object& rows = document["leaderboard"].emplace_object();
    for (const alpaca_eval::LeaderboardRow& row : result->board.rows) rows[row.name] = row_document(row);
    document["name"] = result->name.empty() ? json::value(nullptr) : json::value(result->name);
    document["folder"] = result->folder.empty() ? json::value(nullptr) : json::value(result->folder.string());
    document["unanswered"] = result->unanswered;
    document["warnings"] = json::array(warnings.begin(), warnings.end());
    invocation.out(write_json(document, JsonStyle::pretty) + "\n");
  } else if (!silent) {
    invocation.out(result->printed);
  }
  return result->unanswered > 0 ? cli::kFailed : cli::kDone;
}

int run_command(Invocation& invocation, const std::string& command, const std::vector<std::string>& positional, const AlpacaVersion& version) {
  auto session = Session::open(invocation);
  if (!session) return invocation.report(session.error());
  std::vector<std::string> warnings;
  auto surroundings = surroundings_of(**session, version, warnings);
  if (!surroundings) return invocation.report(surroundings.error());
  auto with = [&](const std::vector<std::string>& parameters, std::vector<const std::vector<std::string>*> known) -> Result<FireValues> {
    auto values = values_of(invocation, positional, parameters);
    if (!values) return values;
    known.push_back(&parameters);
    known.push_back(&annotator_flags());
    if (auto only = only_flags(*values, known, command); !only) return std::unexpected(only.error());
    return values;
  };
  if (command == "evaluate") {
    auto values = with(evaluate_flags(), {});
    auto flags = values ? read_evaluate_flags(*values, version) : Result<EvaluateFlags>(std::unexpected(values.error()));
    if (!flags) return invocation.report(flags.error());
    return show(invocation, evaluate(*flags, *surroundings), flags->quiet, warnings);
  }
  if (command == "evaluate_from_model") {
    auto values = with(from_model_flags(), {&evaluate_flags()});
    auto flags = values ? read_from_model_flags(*values, version) : Result<FromModelFlags>(std::unexpected(values.error()));
    if (!flags) return invocation.report(flags.error());
    return show(invocation, evaluate_from_model(*flags, *surroundings), flags->evaluate.quiet, warnings);
  }
  if (command == "make_leaderboard") {
    auto values = with(make_leaderboard_flags(), {&evaluate_flags()});
    auto flags = values ? read_make_leaderboard_flags(*values, version) : Result<MakeLeaderboardFlags>(std::unexpected(values.error()));
    if (!flags) return invocation.report(flags.error());
    return show(invocation, make_leaderboard(*flags, *surroundings), flags->evaluate.quiet, warnings);
  }
  auto values = with(analyze_evaluators_flags(), {});
  auto flags = values ? read_analyze_flags(*values, version) : Result<AnalyzeFlags>(std::unexpected(values.error()));
  if (!flags) return invocation.report(flags.error());
  return show(invocation, analyze_evaluators(*flags, *surroundings), flags->quiet, warnings);
}

/// No command of the original's: its notebooks do this.
int run_eval_set(Invocation& invocation, const std::vector<std::string>& words) {
  auto values = values_of(invocation, {}, {});
  if (!values) return invocation.report(values.error());
  if (auto only = only_flags(*values, {&eval_set_flags()}, "analyze_eval_set"); !only) return invocation.report(only.error());
  auto flags = read_eval_set_flags(*values, words);
  if (!flags) return invocation.report(flags.error());
  auto tables = analyze_eval_set(*flags, ASSAY_VERSION);
  if (!tables) return invocation.report(tables.error());
  if (invocation.json()) invocation.out(write_json(alpaca_eval::eval_set_json(*tables), JsonStyle::pretty) + "\n");
  else invocation.out(alpaca_eval::eval_set_text(*tables) + (flags->output_path ? "\nThe tables are in " + *flags->output_path + "\n" : ""));
  return cli::kDone;
}

int work(Invocation& invocation) {
  static const std::vector<std::string> commands{"evaluate", "evaluate_from_model", "make_leaderboard", "analyze_evaluators", "analyze_eval_set"};
  std::vector<std::string> positional = invocation.arguments.positional;
  std::string command = "evaluate";
  if (!positional.empty()) {
    command = positional.front();
    positional.erase(positional.begin());
    if (std::find(commands.begin(), commands.end(), command) == commands.end()) {
      std::vector<std::string> near = did_you_mean(command, commands);
      return invocation.report(Error{ErrorKind::usage, "alpaca-eval has no command \"" + shorten(command, 60) + "\"", "",
                                     near.empty() ? "it has " + join(commands, ", ") : "did you mean " + near.front() + "?"});
    }
  }
  if (command == "analyze_eval_set") return run_eval_set(invocation, positional);
  auto version = alpaca_version(invocation.environment.get("IS_ALPACA_EVAL_2"));
  if (!version) return invocation.report(version.error());
  return run_command(invocation, command, positional, *version);
}

/// What the flags mean, for --help.
std::vector<cli::OptionSpec> flag_options() {
  static const std::map<std::string, std::string> meaning{
      {"model_outputs", "the outputs to evaluate: a path, a glob, or a list (evaluate)"},
      {"reference_outputs", "what they are compared with; default: the version's reference"},
      {"annotators_config", "the judge: a name below evaluators_configs, or a path"},
      {"name", "of the row in the leaderboard; default: the outputs' generator"},
      {"output_path", "where files go; auto: beside the outputs; None: nowhere"},
      {"precomputed_leaderboard", "the leaderboard to join: auto, a path, or None"},
      {"is_overwrite_leaderboard", "evaluate although the row is there"},
      {"leaderboard_mode_to_print", "minimal, verified, community, dev, a list of names, or None for all"},
      {"current_leaderboard_mode", "the mode of the new row"},
      {"is_return_instead_of_print", "print nothing"},
      {"fn_metric", "get_winrate or get_length_controlled_winrate"},
      {"metric_kwargs", "e.g. \"{'glm_name': 'length_controlled_minimal', 'save_weights_dir': None}\""},
      {"is_recompute_metrics_only", "metrics anew from annotations.json, without the judge"},
      {"sort_by", "the column to sort by"},
      {"is_cache_leaderboard", "write the new row into the precomputed leaderboard, too"},
      {"max_instances", "only so many examples, drawn by the original's seed"},
      {"annotation_kwargs", "keys_to_merge, is_ordered, chunksize"},
      {"model_configs", "the model: a name below models_configs, or a path (evaluate_from_model)"},
      {"reference_model_configs", "who makes the reference outputs"},
      {"evaluation_dataset", "the instructions; default: the version's"},
      {"leaderboard_path", "the csv to write (make_leaderboard)"},
      {"all_model_outputs", "outputs of several models, told apart by their generator"},
      {"analyzer_kwargs", "gold_crossannotations, gold_annotations, n_annotators, scoring_rule, ... (analyze_evaluators)"},
      {"caching_path", "file of earlier annotations; auto: beside the configuration; None: none"},
      {"base_dir", "folder of configurations"},
      {"p_label_flip", "label noise: probability of each wrong label"},
      {"seed", "of output order, pools, shuffles"},
      {"annotations", "annotations of several models: a path, a glob, a folder, a list (analyze_eval_set)"},
      {"is_original_recoding", "exchange the preferences 0 and 1 before testing, as the original does (analyze_eval_set)"},
  };
  std::vector<cli::OptionSpec> out;
  for (const std::string& flag : all_flags()) {
    auto it = meaning.find(flag);
    out.push_back({"--" + flag, "VALUE", it == meaning.end() ? "as in the original" : it->second, false});
  }
  return out;
}

}  // namespace
}  // namespace assay::compat

namespace assay::cli {

CommandSpec alpaca_eval_command() {
  CommandSpec c;
  c.name = "alpaca-eval";
  c.summary = "AlpacaEval's own program: evaluate, evaluate_from_model, make_leaderboard, analyze_evaluators, analyze_eval_set";
  c.positional = "[COMMAND] [VALUE...]";
  c.positional_help = "evaluate (default), evaluate_from_model, make_leaderboard, analyze_evaluators, analyze_eval_set; values stand for the first flags. IS_ALPACA_EVAL_2=False: version 1";
  c.least = 0;
  c.most = -1;
  c.options = {
      {"--judge", "[ANNOTATOR=]SPEC", "another model in the place of the configured judge: docs/model-specs.md", true},
      {"--model", "SPEC", "another model in the place of the configured one (evaluate_from_model)"},
      {"--concurrency", "N", "at most N requests in flight"},
      {"--max-cost", "USD", "spend no more than this"},
      {"--lc_data", "PATH", "df_gamed.csv, or a folder with it; default: what was imported"},
      {"--retry", "WHAT", "failed (default): ask again what failed; everything: all of it anew; none"},
  };
  for (OptionSpec& option : compat::flag_options()) c.options.push_back(std::move(option));
  c.examples = {
      "assay alpaca-eval --model_outputs outputs.json",
      "assay alpaca-eval evaluate --model_outputs outputs.json --annotators_config alpaca_eval_gpt4 --judge openai:gpt-4o",
      "assay alpaca-eval evaluate_from_model --model_configs gpt4 --max_instances 10",
      "assay alpaca-eval make_leaderboard --leaderboard_path board.csv --all_model_outputs 'results/*/model_outputs.json'",
      "assay alpaca-eval analyze_evaluators --annotators_config longest",
      "assay alpaca-eval analyze_eval_set --annotations 'results/*/weighted_alpaca_eval_gpt4_turbo/annotations.json' --output_path tables",
  };
  c.translate = compat::translate;
  c.work = compat::work;
  return c;
}

}  // namespace assay::cli
