// assay alpaca-eval: the original program under its own name, with its four commands, its flags and its files.
#include <algorithm>
#include <cctype>
#include <chrono>

#include "base/file.h"
#include "base/hash.h"
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

/// A command of the original's, with the flags of its own; those it hands on are others'.
struct FrontCommand {
  std::string_view name;
  const std::vector<std::string>& (*flags)();
  bool annotates;            // takes the annotator's flags, too
  bool evaluates;            // takes evaluate's flags, too
  std::string_view summary;
  std::vector<std::string> examples;
};
const std::vector<FrontCommand>& front_commands() {
  static const std::vector<FrontCommand> list{
      {"evaluate", evaluate_flags, true, false, "a model's outputs against the reference's, by a judge", {
           "assay alpaca-eval evaluate --model_outputs outputs.json",
           "assay alpaca-eval evaluate --model_outputs outputs.json --annotators_config alpaca_eval_gpt4 --judge openai:gpt-4o --max-cost 5",
           "assay alpaca-eval evaluate --model_outputs 'outputs_*.csv' --reference_outputs others.json --name mine --output_path results",
           "assay alpaca-eval evaluate --model_outputs results/mine/model_outputs.json --is_recompute_metrics_only True"}},
      {"evaluate_from_model", from_model_flags, true, true, "outputs of a configured model, then evaluate", {
           "assay alpaca-eval evaluate_from_model --model_configs gpt4 --max_instances 10",
           "assay alpaca-eval evaluate_from_model my_model --model http://127.0.0.1:8000/v1#my-model --judge openai:gpt-4o"}},
      {"make_leaderboard", make_leaderboard_flags, true, true, "every model of a table of outputs, in one leaderboard", {
           "assay alpaca-eval make_leaderboard --leaderboard_path board.csv --all_model_outputs 'results/*/model_outputs.json'",
           "assay alpaca-eval make_leaderboard --leaderboard_path board.csv --all_model_outputs all.json --annotators_config alpaca_eval_gpt4 --max-cost 20"}},
      {"analyze_evaluators", analyze_evaluators_flags, true, false, "a judge against people who judged the same outputs", {
           "assay alpaca-eval analyze_evaluators --annotators_config None --output_path pictures",
           "assay alpaca-eval analyze_evaluators --annotators_config longest --analyzer_kwargs \"{'gold_crossannotations': 'cross.json', 'gold_annotations': 'people.json'}\""}},
      {"analyze_eval_set", eval_set_flags, false, false, "which models an evaluation set tells apart", {
           "assay alpaca-eval analyze_eval_set --annotations 'results/*/weighted_alpaca_eval_gpt4_turbo/annotations.json' --output_path tables"}},
  };
  return list;
}
const FrontCommand* find_command(std::string_view name) {
  for (const FrontCommand& one : front_commands())
    if (one.name == name) return &one;
  return nullptr;
}

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

const std::vector<std::string>& switches() {
  static const std::vector<std::string> list{"--json", "--quiet", "--offline", "--help"};
  return list;
}
const std::vector<std::string>& valued() {
  static const std::vector<std::string> list{"--data", "--store", "--judge", "--model", "--concurrency", "--lc_data", "--retry", "--max-cost", "--model-id"};
  return list;
}

/// The command that words as typed name; evaluate where they name none.
std::string command_of(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::find(switches().begin(), switches().end(), words[i]) != switches().end()) continue;
    if (std::find(valued().begin(), valued().end(), words[i]) != valued().end()) {
      ++i;
      continue;
    }
    if (find_command(words[i])) return words[i];
    break;
  }
  return "evaluate";
}

std::vector<std::string> translate(const std::vector<std::string>& words) {
  FireFlags known{all_flags(), switches(), valued()};
  known.letters = find_command(command_of(words))->flags();
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

/// The pack's data, or a folder or a file of the user's. Its description is read when something of it is wanted.
Result<PackData> pack_data(const std::string& wish, const fs::path& home) {
  auto pack = cli::pack_store().find("alpaca-eval");
  if (!pack) return std::unexpected(pack.error());
  return PackData(**pack, wish, home);
}

/// Another judge's annotations are kept in a file of their own: the configured judge's would be taken for its. The file's name is made of the
/// judge's, and of a sum of all that the option says.
std::string cache_mark(const Invocation& invocation) {
  const std::vector<std::string>& judges = invocation.arguments.all("judge");
  if (judges.empty()) return "";
  std::string name = judges.back();
  // Of an address only the model behind it: the rest may hold a password.
  const bool address = name.find("://") != std::string::npos;
  if (!address) name.resize(std::min(name.find('?'), name.size()));
  const std::size_t end = name.find_last_of(address ? "#" : ":/=");
  name = end == std::string::npos ? (address ? "" : name) : name.substr(end + 1);
  for (char& c : name)
    if (static_cast<unsigned char>(c) >= 0x80 || (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-')) c = '_';
  return "_" + (name.empty() ? std::string() : name.substr(0, 60) + "-") + sha256_hex(join(judges, "\n")).substr(0, 8);
}

Result<AlpacaSurroundings> surroundings_of(Session& session, const AlpacaVersion& version, std::vector<std::string>& warnings) {
  const Invocation& invocation = session.invocation();
  auto home = invocation.data_home();
  if (!home) return std::unexpected(home.error());
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
    invocation.say("warning: " + std::string(text));
  };
  const std::string role(version.two ? alpaca_eval::kReferences2 : alpaca_eval::kReferences1);
  out.reference = [home = *home, role]() -> Result<alpaca_eval::Table> {
    auto data = pack_data("official", home);
    if (!data) return std::unexpected(data.error());
    auto file = data->file(role);
    if (!file) return std::unexpected(file.error());
    return alpaca_eval::read_table(file->content, ".json", role);
  };
  out.length_data = [&invocation, home = *home] {
    auto data = pack_data(invocation.arguments.get("lc_data").value_or("official"), home);
    return data ? alpaca_eval::length_data(*data) : alpaca_eval::LengthData{{}, to_string(data.error()), "", ""};
  };
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
    flags->annotator.cache_mark = cache_mark(invocation);
    return show(invocation, evaluate(*flags, *surroundings), flags->quiet, warnings);
  }
  if (command == "evaluate_from_model") {
    auto values = with(from_model_flags(), {&evaluate_flags()});
    auto flags = values ? read_from_model_flags(*values, version) : Result<FromModelFlags>(std::unexpected(values.error()));
    if (!flags) return invocation.report(flags.error());
    flags->evaluate.annotator.cache_mark = cache_mark(invocation);
    return show(invocation, evaluate_from_model(*flags, *surroundings), flags->evaluate.quiet, warnings);
  }
  if (command == "make_leaderboard") {
    auto values = with(make_leaderboard_flags(), {&evaluate_flags()});
    auto flags = values ? read_make_leaderboard_flags(*values, version) : Result<MakeLeaderboardFlags>(std::unexpected(values.error()));
    if (!flags) return invocation.report(flags.error());
    flags->evaluate.annotator.cache_mark = cache_mark(invocation);
    return show(invocation, make_leaderboard(*flags, *surroundings), flags->evaluate.quiet, warnings);
  }
  auto values = with(analyze_evaluators_flags(), {});
  auto flags = values ? read_analyze_flags(*values, version) : Result<AnalyzeFlags>(std::unexpected(values.error()));
  if (!flags) return invocation.report(flags.error());
  flags->annotator.cache_mark = cache_mark(invocation);
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
  std::vector<std::string> positional = invocation.arguments.positional;
  std::string command = "evaluate";
  if (!positional.empty()) {
    command = positional.front();
    positional.erase(positional.begin());
    if (!find_command(command)) {
      std::vector<std::string> commands;
      for (const FrontCommand& one : front_commands()) commands.emplace_back(one.name);
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

/// What a flag means, for --help; the words are ours.
std::string_view meaning_of(const std::string& flag) {
  static const std::map<std::string, std::string_view, std::less<>> meaning{
      {"model_outputs", "the outputs to evaluate: a json, csv, tsv or parquet file, a pattern, or a list"},
      {"reference_outputs", "what they are compared with; default: the version's reference"},
      {"annotators_config", "the judge: a name below evaluators_configs, or a path"},
      {"name", "of the row in the leaderboard; default: the outputs' generator"},
      {"output_path", "where files go; auto: beside the outputs; None: nowhere"},
      {"precomputed_leaderboard", "the leaderboard to join: auto, a path, or None"},
      {"is_overwrite_leaderboard", "evaluate although the row is there (default False)"},
      {"leaderboard_mode_to_print", "minimal, verified, community, dev, a list of names, or None for all"},
      {"current_leaderboard_mode", "the mode of the new row"},
      {"is_return_instead_of_print", "print nothing (default False)"},
      {"fn_metric", "get_winrate, get_length_controlled_winrate, pairwise_to_winrate"},
      {"metric_kwargs", "its arguments, e.g. \"{'glm_name': 'length_controlled_minimal', 'save_weights_dir': None}\""},
      {"is_recompute_metrics_only", "metrics anew from annotations.json, without the judge (default False)"},
      {"sort_by", "the column to sort by"},
      {"is_cache_leaderboard", "write the new row into --precomputed_leaderboard, too; default: where it is a path and max_instances is not given"},
      {"max_instances", "only so many examples, drawn by the original's seed"},
      {"annotation_kwargs", "a dictionary with keys_to_merge, is_ordered, chunksize"},
      {"Annotator", "the class that annotates: PairwiseAnnotator"},
      {"model_configs", "the model: a name below models_configs, or a path"},
      {"reference_model_configs", "who makes the reference outputs; default: they are those of the evaluation set"},
      {"evaluation_dataset", "the instructions; default: the version's"},
      {"is_strip_output", "take blanks off both ends of the outputs (default True)"},
      {"is_load_outputs", "keep the outputs that model_outputs.json has already (default True)"},
      {"chunksize", "instructions between two writes of model_outputs.json (default 64; None: all at once)"},
      {"leaderboard_path", "the csv to write; rows that it has are not evaluated again"},
      {"all_model_outputs", "outputs of several models, told apart by their generator"},
      {"fn_add_to_leaderboard", "how a model is added: evaluate"},
      {"leaderboard_mode", "the mode of the new rows (default verified)"},
      {"analyzer_kwargs", "a dictionary with gold_crossannotations, gold_annotations, n_annotators, scoring_rule"},
      {"is_save_leaderboard", "write the row into --precomputed_leaderboard, a file of yours (default False)"},
      {"is_single_annotator", "one seed instead of four; bias and variance are missing then (default False)"},
      {"annotations", "annotations of several models: a path, a pattern, a folder, a list"},
      {"is_original_recoding", "exchange the preferences 0 and 1 before testing, as the original does (default False)"},
      {"seed", "of output order, pools and shuffles (default 0)"},
      {"is_avoid_reannotations", "take from the cache what it has (default True)"},
      {"is_store_missing_annotations", "keep what could not be read in the cache as well (default True)"},
      {"is_reapply_parsing", "parse the cache's completions again instead of taking its preferences (default False)"},
      {"caching_path", "file of earlier annotations; auto: beside the configuration; None: none"},
      {"base_dir", "folder of configurations, before all others"},
      {"p_label_flip", "label noise: the probability of each wrong label (default 0)"},
      {"input_keys", "columns that tell instructions apart (default ['instruction'])"},
      {"output_keys", "['output_1', 'output_2'], and nothing else"},
      {"other_output_keys_to_keep", "columns of completions to keep, in place of the usual ones"},
      {"other_input_keys_to_keep", "further columns of the outputs to keep"},
      {"is_raise_if_missing_primary_keys", "taken and not needed: a missing column is always an error"},
      {"prompt_template", "the prompt: a file, or the text itself"},
      {"fn_completion_parser", "regex_parser, lmsys_parser, ranking_parser, json_parser, eval_parser, logprob_parser, ..."},
      {"completion_parser_kwargs", "its arguments, a dictionary"},
      {"fn_completions", "the decoder: openai_completions, anthropic_completions, vllm_local_completions, ..."},
      {"completions_kwargs", "its arguments, a dictionary"},
      {"completion_key", "what is parsed: completions (texts) or completions_all (whole choices)"},
      {"is_randomize_output_order", "show the outputs in a seeded order (default True)"},
      {"random_seed_column", "the columns that the order is drawn from (default ['instruction'])"},
      {"is_shuffle", "shuffle the examples before they are put into prompts (default True)"},
      {"batch_size", "examples in a prompt (default 1)"},
      {"processors_to_kwargs", "processors and their arguments, a dictionary"},
      {"is_add_default_processors", "fill the last batch with padding (default True)"},
      {"annotation_column", "name of the column of preferences (default preference)"},
      {"completion_column", "name of the column of raw completions (default preference_raw_completion)"},
      {"prfx_to_completion_cols", "what names of other columns of completions begin with (default preference_)"},
      {"packages_for_which_to_show_version", "['alpaca_eval'], or None for no column of versions"},
  };
  auto it = meaning.find(flag);
  return it == meaning.end() ? "" : it->second;
}

cli::OptionSpec flag_option(const std::string& flag) {
  // Fire takes a bare flag for True.
  const bool boolean = flag.starts_with("is_");
  return {"--" + flag, boolean ? "BOOL" : "VALUE", std::string(meaning_of(flag)), false};
}

std::vector<cli::OptionSpec> own_options() {
  return {
      {"--judge", "[ANNOTATOR=]SPEC", "another model in the place of the configured judge: docs/model-specs.md", true},
      {"--model", "SPEC", "another model in the place of the configured one (evaluate_from_model)", false},
      {"--concurrency", "N", "at most N requests in flight", false},
      {"--max-cost", "USD", "spend no more than this, with what is in flight", false},
      {"--model-id", "[ROLE=]LABEL", "an endpoint's identity, when what it says of itself has changed; judge=LABEL is the judge's", true},
      {"--lc_data", "PATH", "df_gamed.csv, or a folder with it; default: what was imported", false},
      {"--retry", "WHAT", "failed (default): ask again what failed; everything: all of it anew; none", false},
  };
}

/// One command's own page, when the words name one.
cli::CommandSpec help_of(const std::vector<std::string>& words) {
  cli::CommandSpec c = cli::alpaca_eval_command();
  const std::string name = command_of(words);
  const FrontCommand* command = find_command(name);
  if (std::find(words.begin(), words.end(), name) == words.end()) return c;
  std::vector<std::string> flags = command->flags();
  auto add = [&](const std::vector<std::string>& more) {
    for (const std::string& flag : more)
      if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
  };
  if (command->evaluates) add(evaluate_flags());
  if (command->annotates) add(annotator_flags());
  c.name += " " + name;
  c.summary = command->summary;
  c.positional = "[VALUE...]";
  c.positional_help = "Values stand for the first flags, in order. -f is short for the only flag of " + name + " itself that begins so; a flag alone is True, --noFLAG is False; values are Python's.";
  c.options.clear();
  for (const std::string& flag : flags) c.options.push_back(flag_option(flag));
  for (cli::OptionSpec& option : own_options()) {
    if (!command->annotates || (option.names == "--model" && name != "evaluate_from_model") || (option.names == "--lc_data" && name == "analyze_evaluators")) continue;
    c.options.push_back(std::move(option));
  }
  c.examples = command->examples;
  return c;
}

}  // namespace
}  // namespace assay::compat

namespace assay::cli {

CommandSpec alpaca_eval_command() {
  CommandSpec c;
  c.name = "alpaca-eval";
  c.summary = "AlpacaEval's own program: evaluate, evaluate_from_model, make_leaderboard, analyze_evaluators, analyze_eval_set";
  c.positional = "[COMMAND] [VALUE...]";
  c.positional_help = "The command is evaluate where none is named; values stand for its first flags. IS_ALPACA_EVAL_2=False: version 1.\n";
  for (const compat::FrontCommand& one : compat::front_commands()) {
    std::string left = "    " + std::string(one.name);
    left.resize(26, ' ');
    c.positional_help += "\n" + left + std::string(one.summary);
  }
  c.positional_help += "\n\n  assay alpaca-eval COMMAND --help tells which flags it takes.";
  c.least = 0;
  c.most = -1;
  c.options = compat::own_options();
  for (const std::string& flag : compat::all_flags()) c.options.push_back(compat::flag_option(flag));
  for (const compat::FrontCommand& one : compat::front_commands()) c.examples.push_back(one.examples.front());
  c.examples.insert(c.examples.begin(), "assay alpaca-eval --model_outputs outputs.json");
  c.translate = compat::translate;
  c.work = compat::work;
  c.help_of = compat::help_of;
  return c;
}

}  // namespace assay::cli
