// assay leaderboard [BENCHMARK...]
#include "base/file.h"
#include "base/text.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/show_report.h"
#include "leaderboard/ranking.h"
#include "leaderboard/ranking_formats.h"
#include "leaderboard/ranking_text.h"

namespace assay::cli {
namespace {

Result<std::vector<Report>> reports_of_journal(const Invocation& invocation) {
  std::vector<Report> out;
  auto journal = invocation.open_journal(Journal::Mode::read_only);
  if (!journal && journal.error().kind == ErrorKind::not_found) return out;
  if (!journal) return std::unexpected(journal.error());
  auto rows = (*journal)->runs(100000);
  if (!rows) return std::unexpected(rows.error());
  for (const RunRow& row : *rows) {
    if (row.report.empty()) continue;
    auto value = parse_json(row.report, "the report of run " + row.id);
    if (!value) return std::unexpected(value.error());
    auto report = report_from_json(*value);
    if (!report) return std::unexpected(report.error());
    out.push_back(std::move(*report));
  }
  return out;
}

Result<std::vector<Report>> reports_of_files(const std::vector<std::string>& files) {
  std::vector<Report> out;
  for (const std::string& file : files) {
    auto text = read_file(file, 1 << 28);
    if (!text) return std::unexpected(text.error());
    auto value = parse_json(*text, file);
    if (!value) return std::unexpected(value.error());
    auto reports = reports_from_json(*value);
    if (!reports) return fail(Error{reports.error().kind, reports.error().message, file, reports.error().hint});
    for (Report& report : *reports) out.push_back(std::move(report));
  }
  return out;
}

int work(Invocation& invocation) {
  std::string format = invocation.json() ? "json" : invocation.arguments.get("format").value_or("table");
  std::vector<std::string> formats{"table", "csv", "json", "html", "md"};
  if (std::find(formats.begin(), formats.end(), format) == formats.end())
    return invocation.report(Error{ErrorKind::usage, "there is no format \"" + format + "\"", "", "there are table, csv, json, html and md"});
  const std::vector<std::string>& files = invocation.arguments.all("from");
  auto reports = files.empty() ? reports_of_journal(invocation) : reports_of_files(files);
  if (!reports) return invocation.report(reports.error());
  RankOptions options;
  options.runs = invocation.arguments.has("all") ? RunChoice::all : RunChoice::best;
  for (const std::string& text : invocation.arguments.positional) {
    auto found = benchmark_registry().find(text);
    if (!found) return invocation.report(found.error());
    options.benchmarks.push_back(found->second.text());
  }
  Leaderboard board = rank(*reports, options);
  if (format == "table") invocation.out(ranking_text(board, text_style(invocation)));
  if (format == "csv") invocation.out(ranking_csv(board));
  if (format == "json") invocation.out(write_json(ranking_json(board), JsonStyle::pretty) + "\n");
  if (format == "md") invocation.out(ranking_markdown(board));
  if (format == "html") invocation.out(ranking_page(board, ASSAY_VERSION));
  return kDone;
}

}  // namespace

CommandSpec leaderboard_command() {
  CommandSpec c;
  c.name = "leaderboard";
  c.summary = "rank what was measured";
  c.positional = "[BENCHMARK...]";
  c.positional_help = "only these; default: all that were run";
  c.least = 0;
  c.most = -1;
  c.options = {{"--from", "REPORT", "rank these report.json files instead of the journal's runs", true},
               {"--format", "F", "table (default), csv, json, html, md"},
               {"--all", "", "every run, not only the best one of each model"}};
  c.examples = {"assay leaderboard", "assay leaderboard eq-bench@2 --format csv > eq.csv", "assay leaderboard --from a/report.json --from b/report.json"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
