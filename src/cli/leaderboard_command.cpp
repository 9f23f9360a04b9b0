// assay leaderboard [BENCHMARK...]
#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/board_layouts.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/open_llm_board.h"
#include "cli/report_files.h"
#include "cli/show_report.h"
#include "leaderboard/ranking.h"
#include "leaderboard/ranking_formats.h"
#include "leaderboard/ranking_text.h"
#include "leaderboard/wide_board_formats.h"

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

Result<std::vector<Report>> reports_of_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    auto found = report_files(path);
    if (!found) return std::unexpected(found.error());
    files.insert(files.end(), found->begin(), found->end());
  }
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

/// What a shell makes of `--from runs/*`: the option gets the first path, and the others stand behind it as arguments. A benchmark's name stays one.
void take_further_paths(Arguments& arguments) {
  if (!arguments.has("from")) return;
  std::erase_if(arguments.positional, [&](const std::string& word) {
    std::error_code code;
    if (!(looks_like_path(word) || std::filesystem::exists(word, code)) || benchmark_registry().find(word)) return false;
    arguments.options["from"].push_back(word);
    return true;
  });
}

/// FILE or FILE#TABLE.
Result<void> add_file(ScoreTable& table, const std::string& word) {
  const std::size_t sign = word.rfind('#');
  const std::string file = word.substr(0, sign);
  auto text = read_file(file, std::size_t{1} << 28);
  if (!text) return std::unexpected(text.error());
  return table.add(*text, file, sign == std::string::npos ? std::string_view{} : std::string_view(word).substr(sign + 1));
}

Result<std::vector<std::string>> wanted_benchmarks(const Invocation& invocation) {
  std::vector<std::string> out;
  for (const std::string& text : invocation.arguments.positional) {
    auto found = benchmark_registry().find(text);
    if (!found) return std::unexpected(found.error());
    out.push_back(found->second.text());
  }
  return out;
}

void write_boards(const Invocation& invocation, const std::string& format, const std::vector<WideBoard>& boards) {
  if (format == "table") invocation.out(wide_boards_text(boards, text_style(invocation)));
  if (format == "csv") invocation.out(wide_boards_csv(boards));
  if (format == "json") invocation.out(write_json(wide_boards_json(boards), JsonStyle::pretty) + "\n");
  if (format == "md") invocation.out(wide_boards_markdown(boards));
  if (format == "html") invocation.out(wide_boards_page(boards, ASSAY_VERSION));
}

/// --layout open-llm: folders of --from hold published result files, its files are reports of ours.
int open_llm(Invocation& invocation, const std::string& format, const std::string& layout) {
  std::vector<std::string> folders, files;
  std::error_code code;
  for (const std::string& from : invocation.arguments.all("from"))
    (std::filesystem::is_directory(from, code) ? folders : files).push_back(from);
  auto board = open_llm_board(invocation, layout, folders);
  if (!board) return invocation.report(board.error());
  auto reports = !files.empty() ? reports_of_files(files) : !folders.empty() ? Result<std::vector<Report>>(std::vector<Report>{}) : reports_of_journal(invocation);
  if (!reports) return invocation.report(reports.error());
  write_boards(invocation, format, with_own_runs(*board, *reports));
  return kDone;
}

/// --layout: several columns, published rows beside ours.
int wide(Invocation& invocation, const std::string& format, const std::string& name, std::vector<Report> reports) {
  auto wanted = wanted_benchmarks(invocation);
  if (!wanted) return invocation.report(wanted.error());
  if (!wanted->empty())
    std::erase_if(reports, [&](const Report& report) {
      const auto [family, version] = family_and_version(report.benchmark);
      return std::none_of(wanted->begin(), wanted->end(), [&, &f = family](const std::string& one) { return one == report.benchmark || one == f; });
    });
  BoardLayout layout;
  std::vector<std::string> names{"side-by-side", "open-llm", "open-llm-2023-11"};
  if (name == "side-by-side") layout = side_by_side(reports);
  for (const BoardLayout& one : mixeval::board_layouts()) {
    names.push_back(one.name);
    if (one.name == name) layout = one;
  }
  if (std::find(names.begin(), names.end(), name) == names.end())
    return invocation.report(Error{ErrorKind::usage, "there is no layout \"" + shorten(name, 40) + "\"", "", "there are " + join(names, ", ")});
  ScoreTable published;
  for (const std::string& file : invocation.arguments.all("names")) {
    auto text = read_file(file, std::size_t{1} << 28);
    if (!text) return invocation.report(text.error());
    if (auto added = published.add_names(*text, file); !added) return invocation.report(added.error());
  }
  for (const std::string& word : invocation.arguments.all("with"))
    if (auto added = add_file(published, word); !added) return invocation.report(added.error());
  const std::vector<WideBoard> boards = layout.columns.empty() ? std::vector<WideBoard>{} : wide_boards(reports, layout, published.models.empty() ? nullptr : &published);
  write_boards(invocation, format, boards);
  return kDone;
}

int work(Invocation& invocation) {
  take_further_paths(invocation.arguments);
  std::string format = invocation.json() ? "json" : invocation.arguments.get("format").value_or("table");
  std::vector<std::string> formats{"table", "csv", "json", "html", "md"};
  if (std::find(formats.begin(), formats.end(), format) == formats.end())
    return invocation.report(Error{ErrorKind::usage, "there is no format \"" + format + "\"", "", "there are table, csv, json, html and md"});
  if (auto layout = invocation.arguments.get("layout"); layout && is_open_llm_layout(*layout)) {
    for (const char* option : {"with", "names"})
      if (invocation.arguments.has(option))
        return invocation.report(Error{ErrorKind::usage, "--" + std::string(option) + " does not go with --layout " + *layout, "", "name the folder of published results with --from"});
    return open_llm(invocation, format, *layout);
  }
  for (const OptionSpec& option : open_llm_board_options())
    if (const std::string name = option.names.substr(2); invocation.arguments.has(name))
      return invocation.report(Error{ErrorKind::usage, "--" + name + " goes with --layout open-llm"});
  const std::vector<std::string>& files = invocation.arguments.all("from");
  auto reports = files.empty() ? reports_of_journal(invocation) : reports_of_files(files);
  if (!reports) return invocation.report(reports.error());
  if (auto layout = invocation.arguments.get("layout")) return wide(invocation, format, *layout, std::move(*reports));
  for (const char* option : {"with", "names"})
    if (invocation.arguments.has(option)) return invocation.report(Error{ErrorKind::usage, "--" + std::string(option) + " goes with --layout"});
  RankOptions options;
  options.runs = invocation.arguments.has("all") ? RunChoice::all : RunChoice::best;
  auto wanted = wanted_benchmarks(invocation);
  if (!wanted) return invocation.report(wanted.error());
  options.benchmarks = std::move(*wanted);
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
  c.options = {{"--from", "REPORT|DIR", "rank these report.json files, or those of folders that --out wrote, instead of the journal's runs; further ones may stand behind it", true},
               {"--format", "F", "table (default), csv, json, html, md"},
               {"--all", "", "every run, not only the best one of each model"},
               {"--layout", "NAME", "several columns: mixeval-chat, mixeval-base (as MixEval's leaderboard has them), side-by-side (all benchmarks and versions), open-llm and open-llm-2023-11 (--from DIR: published result files)"},
               {"--with", "FILE[#TABLE]", "with --layout: published rows beside yours, from csv or JSON tables; ratings (Elo) are estimated from them", true},
               {"--names", "FILE", "with --layout: csv, the names of one model in each row", true}};
  c.examples = {"assay leaderboard", "assay leaderboard eq-bench@2 --format csv > eq.csv", "assay leaderboard --from results", "assay leaderboard --from a/report.json b/report.json",
                "assay leaderboard --layout open-llm --from results --search llama",
                "assay leaderboard --layout mixeval-chat --with leaderboard.json#chat --format html > mixeval.html"};
  for (OptionSpec& option : open_llm_board_options()) c.options.push_back(std::move(option));
  c.work = work;
  return c;
}

}  // namespace assay::cli
