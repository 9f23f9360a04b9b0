// assay correlate FILE...: how alike benchmarks rank models.
#include <algorithm>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/show_report.h"
#include "leaderboard/correlation_formats.h"

namespace assay::cli {
namespace {

constexpr std::size_t kFile = std::size_t{1} << 28;

Result<CorrelationOptions> read_options(const Arguments& arguments) {
  CorrelationOptions out;
  out.reference = arguments.get("with").value_or("");
  out.columns = arguments.all("column");
  auto least = arguments.integer("least", 3), replicates = arguments.integer("replicates", 0), seed = arguments.integer("seed", 0);
  for (const auto* one : {&least, &replicates, &seed})
    if (!*one) return std::unexpected(one->error());
  if (*least) out.least = static_cast<std::size_t>(**least);
  if (*replicates) {
    if (**replicates > 100'000) return fail(ErrorKind::usage, "--replicates takes at most 100000");
    out.replicates = static_cast<std::size_t>(**replicates);
  }
  if (*seed) out.seed = **seed;
  return out;
}

int work(Invocation& invocation) {
  const std::string format = invocation.json() ? "json" : invocation.arguments.get("format").value_or("table");
  const std::vector<std::string> formats{"table", "csv", "json", "html"};
  if (std::find(formats.begin(), formats.end(), format) == formats.end())
    return invocation.report(Error{ErrorKind::usage, "there is no format \"" + format + "\"", "", "there are table, csv, json and html"});
  auto options = read_options(invocation.arguments);
  if (!options) return invocation.report(options.error());
  ScoreTable table;
  for (const std::string& file : invocation.arguments.all("names")) {
    auto text = read_file(file, kFile);
    if (!text) return invocation.report(text.error());
    if (auto added = table.add_names(*text, file); !added) return invocation.report(added.error());
  }
  for (const std::string& file : invocation.arguments.positional) {
    auto text = read_file(file, kFile);
    if (!text) return invocation.report(text.error());
    if (auto added = table.add(*text, file); !added) return invocation.report(added.error());
  }
  auto correlations = correlate(table, *options);
  if (!correlations) return invocation.report(correlations.error());
  if (!invocation.quiet() && format != "json")
    for (const std::string& warning : table.warnings) invocation.say(warning);
  if (format == "table") invocation.out(correlations_text(table, *correlations, text_style(invocation)));
  if (format == "csv") invocation.out(correlations_csv(table, *correlations));
  if (format == "json") invocation.out(write_json(correlations_json(table, *correlations, *options), JsonStyle::pretty) + "\n");
  if (format == "html") invocation.out(correlations_page(table, *correlations, *options, ASSAY_VERSION));
  return kDone;
}

}  // namespace

CommandSpec correlate_command() {
  CommandSpec c;
  c.name = "correlate";
  c.summary = "how alike benchmarks rank models: correlations with intervals";
  c.positional = "FILE...";
  c.positional_help = "csv or tsv with one model a row, report.json, what `assay leaderboard --format csv` or --json printed, JSON tables";
  c.least = 1;
  c.most = -1;
  c.options = {{"--with", "COLUMN", "the benchmark that the others are held against; default: the first column whose name has \"Elo\" in it"},
               {"--column", "NAME", "only this benchmark and the others named so; default: all", true},
               {"--names", "FILE", "csv: the names of one model in each row, where files name it differently", true},
               {"--least", "N", "models that two benchmarks must share (5)"},
               {"--replicates", "N", "resamples behind the intervals (2000); 0: no intervals"},
               {"--seed", "N", "of the resamples (42)"},
               {"--format", "F", "table (default), csv, json, html"}};
  c.examples = {"assay correlate scores.csv --with \"Arena Elo\"", "assay leaderboard --format csv > mine.csv && assay correlate mine.csv arena.csv --format html > correlations.html",
                "assay correlate scores.csv --column MixEval --column MMLU --json"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
