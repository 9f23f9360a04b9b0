// assay harness: the evaluation harness's main.py under its own name, as it was when the Open LLM Leaderboard pinned it; today's words go to
// cli/harness_today.h.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/number.h"
#include "base/python_dump.h"
#include "base/text.h"
#include "benchmark/harness/details.h"
#include "benchmark/harness/harness_v1.h"
#include "benchmark/harness/results_file.h"
#include "cli/commands.h"
#include "cli/compat/harness_model.h"
#include "cli/compat/harness_today_flags.h"
#include "cli/harness_today.h"
#include "cli/local_time.h"
#include "cli/run_job.h"
#include "cli/session.h"
#include "dataset/parquet.h"
#include "prompt/jinja_value.h"
#include "run/display.h"

namespace assay::compat {
namespace {

using cli::Invocation;
using cli::RunJob;
using harness::TaskInfo;

struct Wishes {
  HarnessModel model;
  std::vector<const TaskInfo*> tasks;
  std::vector<std::string> names;
  harness::ResultConfig config;
  json::object descriptions;
  std::optional<std::string> output_path, output_base_path, details;
  bool write_out = false;
};

Result<void> refuse_unsupported(const Invocation& invocation) {
  struct Refused {
    const char *flag, *why;
  };
  for (const Refused& one : {Refused{"provide_description", "the pinned harness refuses it too: give the texts with --description_dict_path"},
                             Refused{"decontamination_ngrams_path", "documents are not compared with training data here"}})
    if (invocation.arguments.has(one.flag))
      return fail(ErrorKind::usage, std::string("--") + one.flag + " is not supported", "", one.why);
  if (auto device = invocation.arguments.get("device"); device && *device != "cpu")
    return fail(ErrorKind::usage, "--device " + shorten(*device, 40) + " is not supported: where a model runs is a setting of its spec", "",
                "--model 'gguf:FILE?gpu_layers=-1'");
  return {};
}

Result<std::vector<const TaskInfo*>> tasks_of(const std::string& patterns) {
  std::vector<std::string> names, unmatched;
  for (const TaskInfo& task : harness::all_tasks()) names.push_back(task.name);
  std::vector<const TaskInfo*> out;
  for (const std::string& name : harness::match_tasks(patterns, names, &unmatched)) {
    const TaskInfo* task = harness::find_task(name);
    if (!task) return fail(ErrorKind::usage, "\"" + shorten(name, 80) + "\" names no texts", "", "json=train:KEY:FILE, with the member that holds the text");
    out.push_back(task);
  }
  // Names as the leaderboard's pages write them are no patterns of the original; they are taken all the same.
  for (const std::string& pattern : unmatched) {
    const TaskInfo* task = harness::find_task(pattern);
    if (!task) {
      std::vector<std::string> near = did_you_mean(pattern, names);
      return fail(ErrorKind::usage, "no task matches \"" + shorten(pattern, 60) + "\"", "",
                  near.empty() ? "tasks: arc_challenge, arc_easy, hellaswag, hendrycksTest-*, truthfulqa_mc; today's YAML tasks need --include_path DIR" : "did you mean " + join(near, ", ") + "?");
    }
    out.push_back(task);
  }
  std::sort(out.begin(), out.end(), [](const TaskInfo* a, const TaskInfo* b) { return a->name < b->name; });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<json::object> descriptions_of(const Invocation& invocation) {
  auto path = invocation.arguments.get("description_dict_path");
  if (!path) return json::object();
  auto text = read_file(*path, std::size_t{64} << 20);
  if (!text) return fail(text.error());
  auto value = parse_json(*text, *path);
  if (!value) return fail(value.error());
  if (!value->is_object()) return fail(ErrorKind::data, "the descriptions must be an object: {\"task\": \"text\"}", *path);
  for (const auto& [task, words] : value->get_object())
    if (!words.is_string()) return fail(ErrorKind::data, "the description of " + std::string(task) + " must be a string", *path);
  return value->get_object();
}

Result<Wishes> wishes_of(const Invocation& invocation) {
  const cli::Arguments& arguments = invocation.arguments;
  if (auto fine = refuse_unsupported(invocation); !fine) return fail(fine.error());
  Wishes out;
  auto model = arguments.get("model");
  if (!model) return fail(ErrorKind::usage, "--model is missing", "", "--model gguf:FILE, or --model hf-causal --model_args pretrained=FILE.gguf");
  const std::string model_arguments = arguments.get("model_args").value_or("");
  auto named = harness_model(*model, model_arguments);
  if (!named) return fail(named.error());
  out.model = std::move(*named);
  auto tasks = tasks_of(arguments.has("tasks") ? join(arguments.all("tasks"), ",") : "*");
  if (!tasks) return fail(tasks.error());
  out.tasks = std::move(*tasks);
  for (const TaskInfo* task : out.tasks) out.names.push_back(task->name);
  auto shots = arguments.integer("num_fewshot", 0);
  if (!shots) return fail(shots.error());
  auto limit = arguments.number("limit");
  if (!limit) return fail(limit.error());
  if (*limit && !(**limit > 0)) return fail(ErrorKind::usage, "--limit must be above 0");
  auto descriptions = descriptions_of(invocation);
  if (!descriptions) return fail(descriptions.error());
  out.descriptions = std::move(*descriptions);

  harness::ResultConfig& config = out.config;
  config.model = *model;
  config.model_args = model_arguments;
  config.num_fewshot = shots->value_or(0);
  if (auto size = arguments.get("batch_size")) config.batch_size = *size;
  if (auto device = arguments.get("device")) config.device = *device;
  config.no_cache = arguments.has("no_cache");
  if (*limit) config.limit = **limit;
  config.descriptions = out.descriptions;
  out.output_path = arguments.get("output_path");
  out.output_base_path = arguments.get("output_base_path");
  out.details = arguments.get("details");
  out.write_out = arguments.has("write_out");
  return out;
}

RunJob job_of(const Wishes& wishes, const Invocation& invocation, const Benchmark& benchmark) {
  RunJob job;
  job.benchmark = &benchmark;
  job.selection.settings.ref = {"harness-v1", "", wishes.tasks.size() == 1 ? wishes.names.front() : ""};
  auto& options = job.selection.settings.options;
  if (wishes.tasks.size() != 1) options["tasks"] = join(wishes.names, ",");
  options["num_fewshot"] = std::to_string(wishes.config.num_fewshot.as_int64());
  if (const double* limit = wishes.config.limit.if_double()) options["limit"] = python_repr(*limit);
  if (!wishes.descriptions.empty()) options["description"] = write_json(wishes.descriptions);
  if (wishes.write_out) options["write_out"] = "true";
  if (auto stand_in = invocation.arguments.get("hellaswag")) options["hellaswag"] = *stand_in;
  job.selection.edition = invocation.arguments.get("edition").value_or("auto");
  job.specs["model"] = wishes.model.spec;
  job.model_ids = invocation.arguments.all("model-id");
  if (wishes.config.no_cache) job.retry = RetryWhat::everything;
  return job;
}

/// `['a', 'b']`.
std::string python_list(const std::vector<std::string>& names) {
  return names.empty() ? "[]" : "['" + join(names, "', '") + "']";
}

/// What the original prints of a task's first document: the request objects as Python shows them.
std::string shown_requests(const Request& request) {
  if (const auto* rolling = std::get_if<Rolling>(&request)) return "Req_loglikelihood_rolling(" + python_quoted(rolling->text) + ",)[None]\n";
  std::string out = "[";
  if (const auto* group = std::get_if<LoglikelihoodGroup>(&request))
    for (const LoglikelihoodGroup::Item& item : group->items)
      out += (out.size() > 1 ? ", " : "") + ("Req_loglikelihood(" + python_quoted(group->shared_prefix + item.context)) + ", " + python_quoted(item.continuation) + ")[0]\n";
  return out + "]";
}

/// As the original does: how many documents each task has, and the first one of it.
void announce(const Invocation& invocation, const Evaluation& evaluation) {
  const harness::Prepared* prepared = harness::pinned_prepared_of(evaluation);
  if (!prepared) return;
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    const harness::TaskPlan& plan = prepared->plan(i);
    if (!seen.insert(prepared->places[i].task).second) continue;
    const std::string task = "Task: " + visible_line(plan.task().name) + "; ";
    invocation.out(task + "number of docs: " + std::to_string(plan.in_file()) + "\n");
    std::vector<std::string> pending;
    std::vector<KnownRequest> known = evaluation.known_requests(i, pending);
    if (known.empty()) continue;
    const auto* group = std::get_if<LoglikelihoodGroup>(&known.front().request);
    const std::string context = group && !group->items.empty() ? group->shared_prefix + group->items.front().context : "";
    invocation.out(task + "document 0; context prompt (starting on next line):\n" + visible_text(context) + "\n(end of prompt on previous line)\nRequests: " +
                   visible_text(shown_requests(known.front().request)) + "\n");
  }
}

std::string summary_line(const Wishes& wishes) {
  const harness::ResultConfig& config = wishes.config;
  auto text = [](const json::value& value) {
    return value.is_null() ? std::string("None") : value.is_string() ? std::string(value.get_string()) : write_json(value, JsonStyle::python);
  };
  return config.model + " (" + config.model_args + "), limit: " + text(config.limit) + ", provide_description: False, num_fewshot: " +
         text(config.num_fewshot) + ", batch_size: " + text(config.batch_size) + "\n";
}

/// DIR/TIME/details_harness|TASK|SHOTS_TIME.jsonl and .parquet, as the leaderboard's data sets have them.
Result<void> write_details(const Invocation& invocation, const std::string& folder, const cli::RunJobResult& done) {
  const harness::Prepared* prepared = harness::pinned_prepared_of(*done.plan.evaluation);
  if (!prepared) return fail(ErrorKind::internal, "the run is none of the pinned harness");
  auto details = harness::details_of(*prepared, *done.result.results);
  if (!details) return fail(details.error());
  const std::string time = replace_all(cli::local_text(std::chrono::duration_cast<std::chrono::seconds>(
                                                           std::chrono::system_clock::now().time_since_epoch())
                                                           .count()),
                                       " ", "T");
  const std::filesystem::path place = std::filesystem::path(folder) / time;
  bool packed = true;
  for (const harness::TaskDetails& task : *details) {
    const std::string name = harness::details_file_name(task.key, time);
    std::string lines;
    for (const json::object& row : task.rows) lines += write_json(row) + "\n";
    if (auto written = write_file(place / (name + ".jsonl"), lines); !written) return written;
    if (!packed) continue;
    auto written = write_parquet(place / (name + ".parquet"), task.rows);
    if (!written && written.error().kind != ErrorKind::unsupported) return written;
    packed = written.has_value();
    if (!packed) invocation.err("note: no Parquet beside the JSON lines: " + to_string(written.error()) + "\n");
  }
  invocation.err("details: " + place.string() + "\n");
  return {};
}

int finish(const Invocation& invocation, const Wishes& wishes, const cli::RunJobResult& done) {
  const Report& report = done.result.report;
  const std::vector<harness::TaskResult> results =
      harness::task_results(report.total, wishes.tasks.size() == 1 ? wishes.tasks.front() : nullptr);
  const std::string dumped = python_dumps(harness::results_document(results, wishes.config));
  if (!invocation.json()) announce(invocation, *done.plan.evaluation);
  invocation.out(dumped + "\n");
  if (wishes.output_path)
    if (auto written = write_file(*wishes.output_path, dumped); !written) return invocation.report(written.error());
  if (!invocation.json()) invocation.out(summary_line(wishes) + harness::results_table(results) + "\n");
  if (wishes.write_out) {
    auto files = done.plan.evaluation->original_files(*done.result.results, report);
    if (!files) return invocation.report(files.error());
    const std::filesystem::path folder = wishes.output_base_path.value_or(".");
    for (const Evaluation::OutputFile& file : *files)
      if (file.name.ends_with("_write_out_info.json"))
        if (auto written = write_file(folder / file.name, file.content); !written) return invocation.report(written.error());
  }
  if (wishes.details)
    if (auto written = write_details(invocation, *wishes.details, done); !written) return invocation.report(written.error());
  if (report.status == "complete") return cli::kDone;
  invocation.err("assay: the numbers are not complete: " + report.reason + "\n  run the same command again: what is there is not asked twice\n");
  return cli::kFailed;
}

int work(Invocation& invocation) {
  if (is_todays_harness(invocation.arguments)) {
    if (invocation.arguments.has("details"))
      return invocation.report(Error{ErrorKind::usage, "--details goes with the pinned version's tasks", "", "today's have --log_samples"});
    return cli::harness_today(invocation);
  }
  auto wishes = wishes_of(invocation);
  if (!wishes) return invocation.report(wishes.error());
  for (const std::string& note : wishes->model.notes) invocation.err("note: " + note + "\n");
  if (invocation.arguments.has("data_sampling")) invocation.err("note: --data_sampling changes nothing (nor did it in the original)\n");
  auto session = cli::Session::open(invocation);
  if (!session) return invocation.report(session.error());
  if (!invocation.json()) invocation.out("Selected Tasks: " + python_list(wishes->names) + "\n");
  const HarnessV1 benchmark;
  auto done = (*session)->complete(cli::run_job(**session, job_of(*wishes, invocation, benchmark)));
  if (!done) return invocation.report(done.error());
  if (done->result.stopped) return invocation.report(*done->result.stopped);
  return finish(invocation, *wishes, *done);
}

}  // namespace
}  // namespace assay::compat

namespace assay::cli {

CommandSpec harness_command() {
  CommandSpec c;
  c.name = "harness";
  c.summary = "the evaluation harness's command line: the Open LLM Leaderboard's tasks as its pinned version runs them, and today's YAML tasks";
  c.positional = "[run|ls|validate]";
  c.positional_help = "lm_eval's words: with --include_path or a task that is a path (DIR/NAME) today's rules hold, else the pinned version's";
  c.most = 2;
  c.options = {
      {"-M,--model", "NAME", "hf-causal, hf-causal-experimental, hf, gpt2, gpt3, dummy; or a model spec (gguf:FILE, http://HOST/v1#NAME)"},
      {"-a,--model_args", "A=B,C=D", "pretrained=FILE.gguf, max_length=N, use_accelerate=True; engine=NAME of gpt3"},
      {"-t,--tasks", "LIST", "names and patterns (* ? [..]), comma separated (default: all); today's: also groups, tags, DIR/NAME, FILE.yaml", true},
      {"-f,--num_fewshot", "N", "examples before each question (default 0)"},
      {"-L,--limit", "X", "below 1 a share of the first task's documents, whose count then holds for the others; else their number"},
      {"-b,--batch_size", "N", "kept in the results; numbers do not depend on it here"},
      {"--max_batch_size", "N", "likewise"},
      {"--device", "NAME", "cpu; other devices are a setting of the model spec"},
      {"-o,--output_path", "FILE", "write the results there"},
      {"--no_cache", "", "ask everything again, whatever the journal holds"},
      {"--description_dict_path", "FILE", "an object: task to the text before everything"},
      {"--check_integrity", "", "data are checked by their sums in any case"},
      {"--data_sampling", "X", "changes nothing"},
      {"--decontamination_ngrams_path", "DIR", "not supported"},
      {"--provide_description", "", "not supported"},
      {"-w,--write_out", "", "write TASK_write_out_info.json: prompts, log-likelihoods, metrics of every document"},
      {"--output_base_path", "DIR", "folder for --write_out (default: this one)"},
      {"--details", "DIR", "ours: every document with prompt, choices and log-likelihoods, as JSON lines and Parquet, below DIR"},
      {"--max-cost", "USD", "ours: spend no more than this"},
      {"--model-id", "LABEL", "ours: the endpoint's identity, when what it says of itself has changed", true},
      {"--edition", "NAME", "official (default), sample, or a folder of data of yours"},
      {"--hellaswag", "WHICH", "official (default) or stand-in: rows of the validation set where the official files are not at hand"},
  };
  for (OptionSpec& option : harness_today_options()) c.options.push_back(std::move(option));
  c.examples = {
      "assay harness --model gguf:model.gguf --tasks arc_challenge --num_fewshot 25",
      "assay harness --model hf-causal --model_args pretrained=model.gguf --tasks 'hendrycksTest-*' --num_fewshot 5 --output_path results.json",
      "assay harness run --model gguf:model.gguf --include_path lm_eval/tasks --tasks arc_easy,mmlu --rows data --output_path results --log_samples",
      "assay harness ls tasks --include_path lm_eval/tasks",
  };
  c.translate = compat::translate_harness;
  c.work = compat::work;
  return c;
}

}  // namespace assay::cli
