#include "cli/harness_today.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>

#include "base/file.h"
#include "base/number.h"
#include "base/python_dump.h"
#include "base/python_yaml.h"
#include "base/text.h"
#include "benchmark/harness/api_payload.h"
#include "benchmark/harness/argument_string.h"
#include "benchmark/harness/harness_tasks.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_prepared.h"
#include "benchmark/harness/yaml_run_files.h"
#include "benchmark/harness/yaml_select.h"
#include "cli/compat/harness_today_flags.h"
#include "cli/hub.h"
#include "cli/list_tasks.h"
#include "cli/local_time.h"
#include "cli/run_job.h"
#include "run/display.h"
#ifdef ASSAY_WITH_LLAMA
#include "model/llama/gguf_file.h"
#endif

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

struct Wishes {
  compat::HarnessModel model;
  std::string model_name, model_args;
  std::vector<std::string> tasks, folders;
  std::map<std::string, std::string> options;  // of the benchmark
  harness::RunFacts facts;
  std::optional<std::size_t> concurrency;
  std::optional<std::string> output_path;
  bool log_samples = false, show_config = false, write_out = false, predict_only = false;
  std::vector<std::string> notes;
};

std::vector<std::string> words_of(const Arguments& arguments, std::string_view name) {
  std::vector<std::string> out;
  for (const std::string& list : arguments.all(name))
    for (const std::string& one : split(list, ','))
      if (!strip(one).empty()) out.emplace_back(strip(one));
  return out;
}

/// --config FILE.yaml: any flag as key; the command line wins.
Result<void> read_config(Arguments& arguments) {
  auto path = arguments.get("config");
  if (!path) return {};
  auto text = read_file(*path, std::size_t{4} << 20);
  if (!text) return fail(text.error());
  auto config = read_python_yaml(*text, *path);
  if (!config) return fail(config.error());
  if (config->kind != PythonValue::Kind::dict)
    return fail(ErrorKind::data, "the configuration must be a mapping (FLAG: VALUE lines)", *path);
  std::vector<std::string> known;
  for (const OptionSpec& option : harness_today_options()) known.push_back(option.names.substr(option.names.rfind("--") + 2));
  for (const char* more : {"model", "model_args", "tasks", "num_fewshot", "limit", "batch_size", "max_batch_size", "device",
                           "output_path", "write_out", "check_integrity"})
    known.emplace_back(more);
  for (std::size_t i = 0; i + 1 < config->items.size(); i += 2) {
    const std::string key = harness::python_str(config->items[i]);
    const PythonValue& value = config->items[i + 1];
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      std::vector<std::string> near = did_you_mean(key, known);
      return fail(ErrorKind::usage, "the configuration's \"" + shorten(key, 40) + "\" is no flag", *path,
                  near.empty() ? "" : "did you mean " + near[0] + "?");
    }
    if (arguments.has(key) || value.kind == PythonValue::Kind::none) continue;
    std::string words;
    if (value.kind == PythonValue::Kind::boolean) {
      if (value.integer == 0 && key != "apply_chat_template" && key != "fewshot_as_multiturn")
        continue;  // a flag that is not given
      words = value.integer != 0 ? "true" : "false";
    } else if (value.kind == PythonValue::Kind::dict && key == "model_args") {
      for (std::size_t k = 0; k + 1 < value.items.size(); k += 2)
        words += (words.empty() ? "" : ",") + harness::python_str(value.items[k]) + "=" + harness::python_str(value.items[k + 1]);
    } else if (value.kind == PythonValue::Kind::dict) {
      words = write_json(to_json(value));
    } else if (value.is_sequence()) {
      for (const PythonValue& one : value.items) words += (words.empty() ? "" : ",") + harness::python_str(one);
    } else {
      words = harness::python_str(value);
    }
    arguments.options[key] = {words};
  }
  return {};
}

Result<void> refuse_unsupported(const Arguments& arguments) {
  struct Refused {
    const char *flag, *why;
  };
  for (const Refused& one :
       {Refused{"wandb_args", "results are files: --output_path DIR"},
        Refused{"wandb_config_args", "results are files: --output_path DIR"},
        Refused{"hf_hub_log_args", "results are files: --output_path DIR"},
        Refused{"confirm_run_unsafe_code", "answers are never run as programs; such tasks are refused by name"},
        Refused{"description_dict_path", "task files hold their descriptions"},
        Refused{"provide_description", "task files hold their descriptions"},
        Refused{"decontamination_ngrams_path", "documents are not compared with training data here"},
        Refused{"no_cache", "--retry belongs to assay run: assay run harness:TASK --retry everything"}})
    if (arguments.has(one.flag)) return fail(ErrorKind::usage, std::string("--") + one.flag + " is not supported", "", one.why);
  if (auto device = arguments.get("device"); device && *device != "cpu")
    return fail(ErrorKind::usage,
                "--device " + shorten(*device, 40) + " is not supported: where a model runs is a setting of its spec", "",
                "--model 'gguf:FILE?gpu_layers=-1'");
  return {};
}

/// The template that a model file brings, where the model is such a file.
std::optional<std::string> own_template(const std::string& spec) {
#ifdef ASSAY_WITH_LLAMA
  if (spec.starts_with("gguf:") && !spec.starts_with("gguf:hf:")) {
    auto file = read_gguf(spec.substr(5, spec.find('?') == std::string::npos ? std::string::npos : spec.find('?') - 5));
    if (file && !file->chat_template().empty()) return file->chat_template();
  }
#endif
  (void)spec;
  return std::nullopt;
}

Result<void> read_chat(const Arguments& arguments, Wishes& out) {
  if (auto file = arguments.get("chat_template")) out.options["chat_template"] = *file;
  auto wish = arguments.get("apply_chat_template");
  if (auto multiturn = arguments.get("fewshot_as_multiturn")) {
    const std::string word = lower(*multiturn);
    if (word != "true" && word != "false")
      return fail(ErrorKind::usage, "--fewshot_as_multiturn takes true or false, not \"" + shorten(*multiturn, 20) + "\"");
    out.options["fewshot_as_multiturn"] = word;
  }
  if (!wish || lower(*wish) == "false") return {};
  out.options["apply_chat_template"] = "true";
  if (lower(*wish) != "true") {
    std::error_code problem;
    if (*wish != "chatml" && !fs::is_regular_file(*wish, problem))
      return fail(ErrorKind::usage,
                  "--apply_chat_template " + shorten(*wish, 60) + ": a model's named templates are not chosen among here", "",
                  "give chatml or a file with the template: --chat_template FILE");
    out.options["chat_template"] = *wish;
  } else if (!out.options.contains("chat_template")) {
    if (auto text = own_template(out.model.spec)) out.options["chat_template"] = *text;
  }
  return {};
}

Result<std::string> json_of(const Arguments& arguments, const char* flag) {
  auto value = harness::read_argument_string(*arguments.get(flag));
  if (!value) return fail(value.error());
  return write_json(to_json(*value));
}

Result<void> read_samples(const Arguments& arguments, Wishes& out) {
  auto text = arguments.get("samples");
  if (!text) return {};
  std::error_code problem;
  if (fs::is_regular_file(*text, problem)) {
    auto read = read_file(*text, std::size_t{64} << 20);
    if (!read) return fail(read.error());
    text = std::move(*read);
  }
  out.options["samples"] = *text;
  return {};
}

std::string absolute(const std::string& path) {
  std::error_code problem;
  return fs::exists(path, problem) ? fs::absolute(path, problem).lexically_normal().string() : path;
}

Result<Wishes> wishes_of(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  if (auto fine = refuse_unsupported(arguments); !fine) return fail(fine.error());
  Wishes out;
  auto model = arguments.get("model");
  if (!model)
    return fail(ErrorKind::usage, "--model is missing", "",
                "--model gguf:FILE, --model hf --model_args pretrained=FILE.gguf, --model local-completions --model_args "
                "model=NAME,base_url=http://HOST/v1/completions");
  out.model_name = *model;
  out.model_args = arguments.get("model_args").value_or("");
  auto named = compat::todays_model(*model, out.model_args, out.concurrency);
  if (!named) return fail(named.error());
  out.model = std::move(*named);
  out.tasks = words_of(arguments, "tasks");
  if (out.tasks.empty())
    return fail(ErrorKind::usage, "--tasks is missing", "",
                "--tasks DIR/NAME, or --include_path DIR --tasks NAME; assay harness ls tasks --include_path DIR");
  for (std::string& task : out.tasks)
    if (task.find('/') != std::string::npos) task = fs::absolute(task).lexically_normal().string();
  for (const std::string& folder : words_of(arguments, "include_path")) out.folders.push_back(absolute(folder));
  auto& options = out.options;
  options["tasks"] = join(out.tasks, ",");
  if (!out.folders.empty()) options["folder"] = join(out.folders, ",");
  std::vector<std::string> rows = words_of(arguments, "rows");
  for (std::string& folder : rows) folder = absolute(folder);
  std::error_code problem;
  if (auto cache = hub_cache_folder(invocation); cache && fs::is_directory(*cache, problem)) rows.push_back(cache->string());
  if (!rows.empty()) options["rows"] = join(rows, ",");
  for (const char* plain : {"num_fewshot", "limit", "system_instruction", "bootstrap_iters"})
    if (auto value = arguments.get(plain)) options[plain] = *value;
  if (auto read = read_chat(arguments, out); !read) return fail(read.error());
  for (const char* object : {"gen_kwargs", "metadata"})
    if (arguments.has(object)) {
      auto text = json_of(arguments, object);
      if (!text) return fail(text.error());
      options[object] = *text;
    }
  if (auto read = read_samples(arguments, out); !read) return fail(read.error());
  if (options.contains("samples") && options.contains("limit"))
    return fail(ErrorKind::usage, "--limit and --samples exclude each other");
  if (auto seed = arguments.get("seed")) {
    auto seeds = compat::read_seeds(*seed);
    if (!seeds) return fail(seeds.error());
    out.facts.random_seed = seeds->python.value_or(0);
    out.facts.numpy_seed = seeds->numpy.value_or(0);
    out.facts.torch_seed = seeds->torch.value_or(0);
    if (!seeds->fewshot)
      return fail(ErrorKind::usage, "--seed: examples drawn without a seed cannot be drawn again", "", "give the fourth number");
    options["fewshot_seed"] = std::to_string(*seeds->fewshot);
  }
  out.predict_only = arguments.has("predict_only");
  if (out.predict_only) options["predict_only"] = "true";
  out.log_samples = arguments.has("log_samples") || out.predict_only;
  out.output_path = arguments.get("output_path");
  if (out.log_samples && !out.output_path)
    return fail(ErrorKind::usage,
                std::string(out.predict_only ? "--predict_only" : "--log_samples") + " needs --output_path DIR");
  out.show_config = arguments.has("show_config");
  out.write_out = arguments.has("write_out");
  for (const char* same : {"use_cache", "cache_requests", "check_integrity", "trust_remote_code", "verbosity", "max_batch_size"})
    if (arguments.has(same)) out.notes.push_back(std::string("--") + same + " changes nothing here");
  if (auto size = arguments.get("batch_size")) out.facts.batch_size = *size;
  if (auto device = arguments.get("device")) out.facts.device = *device;
  if (auto cache = arguments.get("use_cache")) out.facts.use_cache = *cache;
  out.facts.model = *model;
  out.facts.model_args = out.model_args;
  return out;
}

/// "2026-08-21T10-11-12.123456" of now; the harness's files carry microseconds.
std::string local_iso(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  std::string text = local_text(whole);
  std::replace(text.begin(), text.end(), ' ', 'T');
  std::string digits = std::to_string(static_cast<std::int64_t>((seconds - static_cast<double>(whole)) * 1e6));
  return text + "." + std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

fs::path results_file(const std::string& output_path, const std::string& model, const std::string& time) {
  const fs::path path(output_path);
  if (path.extension() == ".json") {
    const std::string name = harness::results_file_name(time);  // "results_TIME.json"
    return path.parent_path() / (path.stem().string() + name.substr(name.find('_')));
  }
  return path / harness::sanitized_model_name(model) / harness::results_file_name(time);
}

/// What the harness would have sent of this request to the API that its model name stands for; "" for a model of another kind.
std::string payload_of(const Wishes& wishes, const Request& request, const json::object& gen_kwargs) {
  auto api = harness::api_class(wishes.model_name);
  if (!api) return {};
  const std::int64_t seed = 1234;  // of the harness's API classes
  if (const auto* generate = std::get_if<Generate>(&request))
    return write_json(harness::generation_payload(*api, wishes.facts.model_name, generate->prompt, generate->messages, gen_kwargs,
                                                  seed, std::nullopt),
                      JsonStyle::python);
  const auto* group = std::get_if<LoglikelihoodGroup>(&request);
  if (!group || *api != harness::ApiClass::completions) return {};
  const auto& item = group->items.front();
  return write_json(
      harness::echo_payload(wishes.facts.model_name, json::string(group->shared_prefix + item.context + item.continuation), seed),
      JsonStyle::python);
}

std::string prompts_of(const Wishes& wishes, const Evaluation& evaluation) {
  const harness::YamlPrepared* prepared = harness::prepared_of(evaluation);
  std::string out, seen;
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    std::vector<std::string> pending;
    const std::string sample = evaluation.unit(i).id, task = sample.substr(0, sample.rfind('/'));
    if (task == seen) continue;
    seen = task;
    const std::vector<KnownRequest> known = evaluation.known_requests(i, pending);
    if (known.empty()) continue;
    std::string prompt;
    if (const auto* group = std::get_if<LoglikelihoodGroup>(&known.front().request))
      prompt = group->shared_prefix + group->items.front().context;
    else if (const auto* rolling = std::get_if<Rolling>(&known.front().request))
      prompt = rolling->text;
    else if (const auto* generate = std::get_if<Generate>(&known.front().request)) {
      prompt = generate->prompt;
      for (const Message& message : generate->messages) prompt += "[" + message.role + "] " + message.content + "\n";
    }
    out += "Task: " + visible_line(task) + "; document 0; context prompt (starting on next line):\n" + visible_text(prompt) +
           "\n(end of prompt on previous line)\n";
    const json::value kwargs = prepared ? to_json(prepared->plan(i).task().generation_kwargs) : json::value();
    const std::string payload =
        payload_of(wishes, known.front().request, kwargs.is_object() ? kwargs.get_object() : json::object());
    if (!payload.empty()) out += "lm_eval would send: " + visible_text(payload) + "\n";
  }
  return out;
}

int finish(const Invocation& invocation, Wishes& wishes, const RunJobResult& done, double now) {
  wishes.facts.date = now;
  wishes.facts.seconds = done.result.report.usage.seconds;
  wishes.facts.model_source = wishes.model_name;
  wishes.facts.program = ASSAY_VERSION;
  std::string model = wishes.model_args;  // as the original names a model: by what was loaded
  for (const char* key : {"pretrained=", "model="})
    if (std::size_t at = wishes.model_args.find(key); at == 0 || (at != std::string::npos && wishes.model_args[at - 1] == ',')) {
      model = wishes.model_args.substr(at + std::string_view(key).size());
      model.resize(std::min(model.find(','), model.size()));
      break;
    }
  if (model.empty()) model = wishes.model_name;
  wishes.facts.model_name = model;
  const std::string time = local_iso(now);
  auto files = harness::harness_files(*done.plan.evaluation, *done.result.results, wishes.facts, time, wishes.log_samples);
  if (!files) return invocation.report(files.error());
  const std::string text = python_dumps(files->results, {.indent = 2, .ascii = false});
  if (wishes.write_out) invocation.out(prompts_of(wishes, *done.plan.evaluation));
  if (wishes.show_config)
    if (const json::value* configs = files->results.if_contains("configs"))
      invocation.out(python_dumps(*configs, {.indent = 2, .ascii = false}) + "\n");
  if (invocation.json()) invocation.out(text + "\n");
  if (wishes.output_path) {
    const fs::path file = results_file(*wishes.output_path, model, time);
    if (auto written = write_file(file, text); !written) return invocation.report(written.error());
    for (const Evaluation::OutputFile& sample : files->samples)
      if (auto written = write_file(file.parent_path() / sample.name, sample.content); !written)
        return invocation.report(written.error());
    if (!invocation.json()) invocation.err("results: " + file.string() + "\n");
  }
  if (!invocation.json() && !wishes.predict_only) {
    auto option = [&](const char* key) { return wishes.options.contains(key) ? wishes.options.at(key) : std::string("None"); };
    invocation.out(wishes.model_name + " (" + wishes.model_args + "), gen_kwargs: (" + option("gen_kwargs") +
                   "), limit: " + option("limit") + ", num_fewshot: " + option("num_fewshot") + ", batch_size: " +
                   (wishes.facts.batch_size.is_string() ? std::string(wishes.facts.batch_size.get_string()) : "1") + "\n" +
                   files->table + "\n");
    if (!files->groups.empty()) invocation.out(files->groups + "\n");
  }
  const Report& report = done.result.report;
  if (report.status == "complete") return kDone;
  invocation.err("assay: the numbers are not complete: " + report.reason +
                 "\n  run the same command again: what is there is not asked twice\n");
  return kFailed;
}

int run(Invocation& invocation) {
  auto wishes = wishes_of(invocation);
  if (!wishes) return invocation.report(wishes.error());
  for (const std::string& note : wishes->model.notes) invocation.err("note: " + note + "\n");
  for (const std::string& note : wishes->notes) invocation.err("note: " + note + "\n");
  auto home = invocation.data_home();
  if (!home) return invocation.report(home.error());
  auto session = Session::open(invocation);
  if (!session) return invocation.report(session.error());
  const HarnessTasks benchmark(wishes->folders.empty() ? fs::path() : task_index_file(*home, wishes->folders));
  RunJob job;
  job.benchmark = &benchmark;
  job.selection.settings.ref = {"harness", "", ""};
  job.selection.settings.options = wishes->options;
  job.selection.edition = "auto";
  job.specs["model"] = wishes->model.spec;
  job.model_ids = invocation.arguments.all("model-id");
  job.concurrency = wishes->concurrency;
  auto done = (*session)->complete(run_job(**session, std::move(job)));
  if (!done) return invocation.report(done.error());
  if (done->result.stopped) return invocation.report(*done->result.stopped);
  const double now =
      static_cast<double>(
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()) /
      1e6;
  return finish(invocation, *wishes, *done, now);
}

Result<harness::TaskIndex> index_of(const Invocation& invocation) {
  const std::vector<std::string> folders = words_of(invocation.arguments, "include_path");
  if (folders.empty())
    return fail(ErrorKind::usage, "which folder of task files?", "", "--include_path DIR, e.g. the harness's lm_eval/tasks");
  auto home = invocation.data_home();
  if (!home) return fail(home.error());
  return harness::TaskIndex::build({folders.begin(), folders.end()}, task_index_file(*home, folders));
}

int list(Invocation& invocation) {
  const std::string what = invocation.arguments.positional.size() > 1 ? invocation.arguments.positional[1] : "list";
  auto index = index_of(invocation);
  if (!index) return invocation.report(index.error());
  std::vector<std::string> names;
  using Kind = harness::IndexedFile::Kind;
  for (const std::string& name : index->names()) {
    const harness::IndexedFile* file = index->find(name);
    const bool wanted = what == "list" || (what == "tags" && !file) || (what == "groups" && file && file->kind == Kind::group) ||
                        ((what == "tasks" || what == "subtasks") && file && file->kind != Kind::group);
    if (wanted) names.push_back(name);
  }
  if (what != "list" && what != "tags" && what != "groups" && what != "tasks" && what != "subtasks")
    return invocation.report(
        Error{ErrorKind::usage, "ls shows tasks, groups, subtasks or tags, not \"" + shorten(what, 40) + "\""});
  std::string text;
  for (const std::string& name : names) text += visible_line(name) + "\n";
  invocation.out(invocation.json() ? write_json(json::array(names.begin(), names.end()), JsonStyle::pretty) + "\n" : text);
  return kDone;
}

int validate(Invocation& invocation) {
  std::vector<std::string> tasks = words_of(invocation.arguments, "tasks");
  if (tasks.empty()) return invocation.report(Error{ErrorKind::usage, "--tasks is missing"});
  harness::TaskIndex index;
  if (invocation.arguments.has("include_path")) {
    auto built = index_of(invocation);
    if (!built) return invocation.report(built.error());
    index = std::move(*built);
  }
  harness::YamlFiles files;
  auto selection = harness::TaskSelector(index, files).select(tasks);
  if (!selection) return invocation.report(selection.error());
  std::string text;
  bool fine = true;
  for (const harness::TaskConfig& task : selection->tasks) {
    text += visible_line(task.task) +
            (task.refusals.empty() ? "  can be run" : "  cannot be run here: " + visible_line(join(task.refusals, "; "))) + "\n";
    fine = fine && task.refusals.empty();
  }
  invocation.out(text);
  return fine ? kDone : kFailed;
}

}  // namespace

std::vector<OptionSpec> harness_today_options() {
  return {
      {"-C,--config", "FILE", "flags from a YAML file; the command line wins"},
      {"--include_path", "DIR", "where the task files are (the harness's lm_eval/tasks); several, comma separated", true},
      {"--rows", "DIR", "where the data sets are: DIR/DATASET/[CONFIGURATION/]SPLIT.jsonl, .json, .csv, .tsv, .txt, .parquet",
       true},
      {"--apply_chat_template", "NAME", "ask in dialogues; by the model file's own template, or by chatml or that of a file"},
      {"--chat_template", "FILE", "the Jinja template that makes text of dialogues"},
      {"--fewshot_as_multiturn", "BOOL", "examples as turns of their own (default: with a chat)"},
      {"--system_instruction", "TEXT", "before everything"},
      {"--gen_kwargs", "A=B,C=D", "updates every task's generation_kwargs; JSON too"},
      {"-s,--log_samples", "", "write every document's answers below --output_path"},
      {"-E,--samples", "JSON", "{\"task\": [rows from 0]}, or a file of it, instead of --limit"},
      {"-x,--predict_only", "", "ask, and score nothing"},
      {"--seed", "A,B,C,D", "python, numpy, torch, few-shot (default 0,1234,1234,1234); one number for all"},
      {"--metadata", "A=B", "merged into every task's metadata; JSON too"},
      {"--bootstrap_iters", "N", "of standard errors that are drawn (default 100000)"},
      {"--show_config", "", "print every task's configuration"},
      {"-c,--use_cache", "PREFIX", "changes nothing: answers are always kept"},
      {"--cache_requests", "WHAT", "changes nothing"},
      {"--trust_remote_code", "", "changes nothing: no code of a data set or task is run"},
      {"-v,--verbosity", "LEVEL", "changes nothing"},
      {"--confirm_run_unsafe_code", "", "not supported"},
      {"--wandb_args", "A=B", "not supported"},
      {"--wandb_config_args", "A=B", "not supported"},
      {"--hf_hub_log_args", "A=B", "not supported"},
  };
}

int harness_today(Invocation& invocation) {
  const std::vector<std::string>& words = invocation.arguments.positional;
  if (!words.empty() && words[0] == "ls") return list(invocation);
  if (!words.empty() && words[0] != "validate")
    return invocation.report(
        Error{ErrorKind::usage, "assay harness knows run, ls and validate, not \"" + shorten(words[0], 40) + "\""});
  if (auto read = read_config(invocation.arguments); !read) return invocation.report(read.error());
  return words.empty() ? run(invocation) : validate(invocation);
}

}  // namespace assay::cli
