// assay judge calibrate: how well a judge stands in for an official one.
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/dry_run.h"
#include "cli/run_job.h"
#include "cli/session.h"
#include "cli/show_report.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

Result<RetryWhat> retry_of(const Invocation& invocation) {
  const std::string text = invocation.arguments.get("retry").value_or("failed");
  if (text == "failed") return RetryWhat::failed;
  if (text == "unparseable") return RetryWhat::unparseable;
  if (text == "everything") return RetryWhat::everything;
  if (text == "none") return RetryWhat::none;
  return fail(ErrorKind::usage, "--retry takes failed, unparseable, everything or none, not \"" + shorten(text, 40) + "\"");
}

/// The command's own words as the benchmark's options.
Result<Selection> selection_of_judge(const Invocation& invocation, const BenchmarkRef& ref) {
  const Arguments& arguments = invocation.arguments;
  auto out = selection_of(invocation, ref);
  if (!out) return out;
  json::array against;
  for (const std::string& word : arguments.all("against")) against.emplace_back(word);
  for (std::size_t i = 1; i < arguments.positional.size(); ++i) against.emplace_back(arguments.positional[i]);
  if (!against.empty()) out->settings.options["against"] = write_json(against);
  for (const char* option : {"instructions", "repeat", "seed", "evaluator"})
    if (auto value = arguments.get(option)) out->settings.options[option] = *value;
  // A configuration beside the user wins over the pack's, as for `assay alpaca-eval`.
  if (auto it = out->settings.options.find("evaluator"); it != out->settings.options.end() && it->second.find('/') == std::string::npos) {
    std::error_code code;
    const fs::path own = fs::path("evaluators_configs") / it->second;
    if (fs::is_regular_file(own / "configs.yaml", code)) it->second = own.string();
    else if (fs::is_regular_file(fs::path(it->second) / "configs.yaml", code)) it->second = "./" + it->second;
  }
  return out;
}

int calibrate(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  if (arguments.positional.front() != "calibrate")
    return invocation.report(Error{ErrorKind::usage, "assay judge has no \"" + shorten(arguments.positional.front(), 40) + "\"", "", "it has calibrate"});
  auto found = benchmark_registry().find("judge-calibration");
  if (!found) return invocation.report(found.error());
  auto selection = selection_of_judge(invocation, found->second);
  if (!selection) return invocation.report(selection.error());
  const std::vector<std::string> judges = arguments.all("judge");
  if (judges.empty()) return invocation.report(Error{ErrorKind::usage, "no judge to calibrate", "", "give --judge SPEC, e.g. --judge openai:gpt-4o"});
  for (const std::string& judge : judges)
    if (auto spec = parse_model_spec(judge); !spec) return invocation.report(spec.error());
  auto retry = retry_of(invocation);
  if (!retry) return invocation.report(retry.error());
  auto concurrency = arguments.integer("concurrency", 1);
  if (!concurrency) return invocation.report(concurrency.error());
  const auto out = arguments.get("out");

  if (arguments.has("dry-run")) {
    auto session = Session::without_journal(invocation);
    json::array documents;
    std::string text, lines;
    for (const std::string& judge : judges) {
      auto plan = dry_run(*session, *found->first, *selection, judge);
      if (!plan) return invocation.report(plan.error());
      text += (text.empty() ? "" : "\n") + plan->text;
      lines = std::move(plan->requests);  // the same for every judge
      documents.push_back(std::move(plan->document));
    }
    if (out)
      if (auto written = write_file(fs::path(*out) / "requests.jsonl", lines); !written) return invocation.report(written.error());
    invocation.out(invocation.json() ? write_json(documents.size() > 1 ? json::value(documents) : documents[0], JsonStyle::pretty) + "\n" : text + "Nothing was asked.\n");
    return kDone;
  }

  auto session = Session::open(invocation);
  if (!session) return invocation.report(session.error());
  int code = kDone;
  json::array documents;
  std::vector<Report> reports;
  bool interrupted = false;
  for (std::size_t i = 0; i < judges.size() && !interrupted; ++i) {
    RunJob job;
    job.benchmark = found->first;
    job.selection = *selection;
    job.specs["model"] = judges[i];
    job.retry = *retry;
    job.model_ids = arguments.all("model-id");
    if (*concurrency) job.concurrency = static_cast<std::size_t>(**concurrency);
    if (out) job.out = judges.size() == 1 ? fs::path(*out) : fs::path(*out) / ("judge-" + std::to_string(i + 1));
    auto done = (*session)->complete(run_job(**session, std::move(job)));
    if (!done) {
      json::object document{{"benchmark", found->second.text()}, {"roles", {{"model", judges[i]}}}};
      const int one = invocation.report(done.error(), document);
      documents.push_back(std::move(document));
      code = std::max(code, one);
      interrupted = one == kInterrupted;
      continue;
    }
    RunResult& result = done->result;
    if (result.stopped) {
      code = std::max<int>(code, exit_code(*result.stopped));
      interrupted = result.stopped->kind == ErrorKind::cancelled;
      invocation.say(to_string(*result.stopped));
    } else if (result.report.status != "complete") {
      code = std::max<int>(code, kFailed);
    }
    if (invocation.json()) documents.push_back(to_json(result.report));
    else show_summary(invocation, result.report, out ? std::vector<std::string>{"calibration.html and report.html are in " + *out} : std::vector<std::string>());
    reports.push_back(std::move(result.report));
  }
  if (!invocation.json() && reports.size() > 1) show_ranking(invocation, reports);
  if (invocation.json() && !documents.empty()) invocation.out(write_json(judges.size() > 1 ? json::value(documents) : documents[0], JsonStyle::pretty) + "\n");
  if (interrupted) {
    invocation.err("what was answered is kept: the same command goes on\n");
    return kInterrupted;
  }
  return code;
}

}  // namespace

CommandSpec judge_command() {
  CommandSpec c;
  c.name = "judge";
  c.summary = "calibrate a judge: agreement with an official one, biases, offset to its leaderboard";
  c.positional = "calibrate [FILE...]";
  c.positional_help = "calibrate; then annotations, as with --against";
  c.least = 1;
  c.most = -1;
  c.options = {
      {"--judge", "SPEC", "the judge: docs/model-specs.md; baseline:constant?value=1 always says the first, baseline:random anything,\nbaseline:reference what the official one says", true},
      {"--against", "PATH", "annotations of the official judge: annotations.json, a pattern, or a folder of them; repeat it", true},
      {"--evaluator", "NAME", "the configuration whose prompt and parser are used (weighted_alpaca_eval_gpt4_turbo), or a path"},
      {"--instructions", "N", "draw so many instructions, each with the comparisons of all models (100; 0 = all)"},
      {"--repeat", "N", "ask the same prompt N times, for the agreement with itself (2)"},
      {"--seed", "N", "of the draw and of the intervals (123)"},
      {"--edition", "NAME", "where configurations and length-control data come from: official (default), sample, or a folder"},
      {"--option", "KEY=VALUE", "lc, filling: assay list benchmarks", true},
      {"--concurrency", "N", "at most N requests in flight"},
      {"--max-cost", "USD", "spend no more than this"},
      {"--retry", "WHAT", "failed (default), unparseable, everything, none"},
      {"--model-id", "LABEL", "this endpoint's identity, when what it says of itself has changed"},
      {"--out", "DIR", "write report.json, report.html, calibration.html and scores.jsonl"},
      {"--dry-run", "", "ask nothing: show the plan and the cost; with --out every request"},
  };
  c.examples = {
      "assay judge calibrate --judge openai:gpt-4o --against results/*/weighted_alpaca_eval_gpt4_turbo/annotations.json",
      "assay judge calibrate --judge anthropic:claude-3-5-haiku-20241022 --evaluator alpaca_eval_clf_gpt4_turbo --against annotations --out calibration",
      "assay judge calibrate --judge gguf:judge.gguf --evaluator alpaca_eval_gpt4 --against annotations.json --instructions 30 --repeat 3",
  };
  c.work = calibrate;
  return c;
}

}  // namespace assay::cli
