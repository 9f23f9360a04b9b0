// assay score BENCHMARK --from FILE | assay score RUN: numbers again, from what is recorded; no model is ever asked.
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/run_files.h"
#include "cli/run_job.h"
#include "cli/show_report.h"

namespace assay::cli {
namespace {

int finish(Invocation& invocation, const std::vector<Report>& reports) {
  int code = kDone;
  json::array documents;
  for (const Report& report : reports) {
    if (report.total.counts.missing > 0) code = std::max<int>(code, kData);
    else if (report.status != "complete") code = std::max<int>(code, kFailed);
    if (invocation.json()) documents.push_back(to_json(report));
    else show_summary(invocation, report);
  }
  if (invocation.json())
    invocation.out(write_json(reports.size() == 1 ? documents[0] : json::value(documents), JsonStyle::pretty) + "\n");
  else if (reports.size() > 1)
    show_ranking(invocation, reports);
  return code;
}

Result<RunJob> job_of(const RunRow& row) {
  auto described = parse_json(row.plan, "the plan of run " + row.id);
  if (!described) return std::unexpected(described.error());
  auto found = benchmark_registry().find(get_string(*described, "benchmark").value_or(""));
  if (!found) return std::unexpected(found.error());
  const json::value* how = find(*described, "invocation");
  auto selection = Selection::from_json(found->second, how ? *how : json::value(json::object{}));
  if (!selection) return std::unexpected(selection.error());
  const json::value* roles = find(*described, "roles");
  if (!roles || !roles->is_object()) return fail(ErrorKind::data, "the plan names no roles", "run " + row.id);
  RunJob job;
  job.benchmark = found->first;
  job.selection = *selection;
  job.recorded = true;
  job.scores = get_string(*described, "scores").value_or(row.id);  // of a run that scored another one again: that one
  for (const auto& role : roles->get_object()) {
    std::string name(role.key());
    job.specs[name] = get_string(role.value(), "spec").value_or("");
    std::string label = get_string(role.value(), "label").value_or("");
    job.labels[name] = label;
    if (const json::value* identity = find(role.value(), "identity"); identity && identity->is_object())
      job.known[name] = make_identity(identity->get_object(), label);
  }
  return job;
}

int score_run(Invocation& invocation, const std::string& id) {
  auto session = Session::open(invocation);
  if (!session) return invocation.report(session.error());
  auto row = (*session)->journal().run(id);
  if (!row) return invocation.report(row.error());
  auto job = job_of(*row);
  if (!job) return invocation.report(job.error());
  if (auto out = invocation.arguments.get("out")) job->out = *out;
  auto done = (*session)->complete(run_job(**session, std::move(*job)));
  if (!done) return invocation.report(done.error());
  if (done->result.stopped) return invocation.report(*done->result.stopped);
  return finish(invocation, {done->result.report});
}

int work(Invocation& invocation) {
  const std::string& what = invocation.arguments.positional[0];
  auto from = invocation.arguments.get("from");
  auto found = benchmark_registry().find(what);
  if (!from) {
    if (found)
      return invocation.report(Error{ErrorKind::usage, "score what of " + what + "?", "", "give --from FILE, or name a run: assay score @last"});
    return score_run(invocation, what);
  }
  if (!found && what.starts_with("@"))
    return invocation.report(Error{ErrorKind::usage, "a run that is scored again takes no --from", "", "assay score " + what + ", or name the benchmark that the file is of: assay score BENCHMARK --from FILE"});
  if (!found) return invocation.report(found.error());
  std::error_code ignored;
  if (!std::filesystem::exists(*from, ignored) && (from->starts_with("@") || from->find('/') == std::string::npos)) {
    bool is_run = false;
    if (auto journal = invocation.open_journal(Journal::Mode::read_only)) is_run = (*journal)->run(*from).has_value();
    if (is_run) return score_run(invocation, *from);
  }
  auto selection = selection_of(invocation, found->second);
  if (!selection) return invocation.report(selection.error());
  auto home = invocation.data_home();
  if (!home) return invocation.report(home.error());
  std::vector<std::vector<ScoredSample>> samples;
  auto reports = score_file(*found->first, *selection, *home, *from, invocation.arguments.has("reparse"), invocation.arguments.has("out") ? &samples : nullptr);
  if (!reports) return invocation.report(reports.error());
  for (Report& report : *reports) report.assay = ASSAY_VERSION;
  if (auto out = invocation.arguments.get("out"))
    for (std::size_t i = 0; i < reports->size(); ++i) {
      std::filesystem::path folder = *out;
      if (reports->size() > 1) folder /= std::to_string(i + 1);
      if (auto written = write_report_files(folder, (*reports)[i], samples.at(i)); !written) return invocation.report(written.error());
    }
  return finish(invocation, *reports);
}

}  // namespace

CommandSpec score_command() {
  CommandSpec c;
  c.name = "score";
  c.summary = "derive scores again from recorded answers; never asks a model";
  c.positional = "BENCHMARK|RUN";
  c.positional_help = "BENCHMARK with --from FILE: result files of the original tool. RUN (an id, a prefix, @last): from the journal.";
  c.least = c.most = 1;
  c.options = {{"--from", "FILE", "a result file or folder of the original tool, or a run"},
               {"--reparse", "", "parse the raw answers again instead of taking the stored parsed ones"}};
  for (OptionSpec& option : selection_options()) c.options.push_back(std::move(option));
  c.options.push_back({"--out", "DIR", "write report.json, report.html and scores.jsonl"});
  c.examples = {"assay score eq-bench@2 --from raw_results.json", "assay score eq-bench@2 --from published.json --reparse --json", "assay score @last"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
