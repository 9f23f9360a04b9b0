// assay mix: mixtures of your own, from a pool of benchmark entries and what people ask; and how versions compare.
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/mixeval/version_gap.h"
#include "benchmark/mixeval/version_overlap.h"
#include "benchmark/mixeval/version_stability.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/mix_build.h"
#include "run/display.h"
#include "run/text_table.h"

namespace assay::cli {
namespace {

using namespace mixeval;

json::object to_json(const Overlap& overlap) {
  return {{"distinct_a", overlap.distinct_a}, {"distinct_b", overlap.distinct_b}, {"common", overlap.common}, {"unique_ratio", overlap.unique_ratio()}};
}

json::object to_json(const Stability& stability) {
  auto or_null = [](const std::optional<double>& value) { return value ? json::value(*value) : json::value(nullptr); };
  json::array models;
  for (const ModelStability& model : stability.models)
    models.push_back({{"model", model.model}, {"mean", model.mean}, {"deviation", model.deviation}, {"deviation_n1", or_null(model.deviation_n1)}});
  return {{"versions", stability.versions.size()}, {"models", std::move(models)}, {"left_out", stability.left_out}, {"mean", stability.mean}, {"deviation", stability.deviation},
          {"deviation_n1", or_null(stability.deviation_n1)}};
}

json::object to_json(const VersionGap& gap) {
  json::array models;
  for (const ModelGap& one : gap.models) {
    json::object model{{"model", one.model}, {"old_only", one.old_only}, {"new_only", one.new_only}, {"gap", one.gap}, {"excess", one.excess}};
    if (one.common) model["common"] = *one.common;
    if (one.unique) model["unique"] = *one.unique;
    if (one.interval) model["excess_ci95"] = json::array{one.interval->low, one.interval->high};
    models.push_back(std::move(model));
  }
  return {{"entries", {{"old_only", gap.old_only}, {"new_only", gap.new_only}, {"common", gap.common}, {"left_out", gap.left_out}}},
          {"reference_gap", gap.reference_gap ? json::value(*gap.reference_gap) : json::value(nullptr)},
          {"models", std::move(models)}};
}

/// "+0.0123"
std::string signed_text(double value) { return (value < 0 ? "" : "+") + fixed(value, 4); }

std::string gap_text(const VersionGap& gap, const TextStyle& style) {
  TextTable table({{"Model", false, true}, {"Old only", true}, {"New only", true}, {"Both", true}, {"Gap", true}, {"Excess", true}, {"95 %", true}});
  for (const ModelGap& one : gap.models)
    table.row({{visible_line(one.model)}, {fixed(one.old_only, 4)}, {fixed(one.new_only, 4)}, {one.common ? fixed(*one.common, 4) : "-"}, {signed_text(one.gap)}, {signed_text(one.excess)},
               {one.interval ? signed_text(one.interval->low) + " to " + signed_text(one.interval->high) : "-"}});
  std::string out = "Scores on " + display_count(gap.old_only) + " entries of the old version alone, " + display_count(gap.new_only) + " of the new one alone, " + display_count(gap.common) + " of both";
  if (gap.left_out) out += "; " + display_count(gap.left_out) + " left out, as not every model was judged on them";
  out += "\n" + table.render(style);
  out += gap.reference_gap ? "Excess: the gap less that of the reference models (" + signed_text(*gap.reference_gap) + "). Above zero with its interval: the old entries may have been seen.\n"
                           : "Without --reference models a gap may only mean that one version is easier.\n";
  return out;
}

std::string ratio_text(const Overlap& overlap) { return overlap.distinct_a + overlap.distinct_b ? fixed(100 * overlap.unique_ratio(), 2) : "-"; }

/// Every pair of versions; of the averages, every pair counts once.
int compare(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  std::vector<VersionFolder> versions;
  for (std::size_t i = 1; i < arguments.positional.size(); ++i) {
    auto version = read_version(arguments.positional[i]);
    if (!version) return invocation.report(version.error());
    versions.push_back(std::move(*version));
  }
  const auto table = arguments.get("scores");
  if (versions.size() < 2 && !table)
    return invocation.report(Error{ErrorKind::usage, "assay mix compare needs two versions or more, or --scores", "", "assay mix compare DIR DIR; their folders hold mixeval/free-form.json"});
  std::optional<Stability> stability;
  if (table) {
    auto text = read_file(*table, 64 << 20);
    if (!text) return invocation.report(text.error());
    auto read = version_stability(*text, *table);
    if (!read) return invocation.report(read.error());
    stability = std::move(*read);
  }
  std::optional<VersionGap> gap;
  if (arguments.has("judged")) {
    if (versions.size() != 2) return invocation.report(Error{ErrorKind::usage, "--judged compares two versions: the old one and the new one"});
    auto models = read_judged_models(arguments.all("judged")), references = read_judged_models(arguments.all("reference"));
    if (!models) return invocation.report(models.error());
    if (!references) return invocation.report(references.error());
    auto made = version_gap(versions[0], versions[1], *models, *references);
    if (!made) return invocation.report(made.error());
    gap = std::move(*made);
  }
  const TextStyle style{invocation.terminal.utf8, invocation.terminal.colour, static_cast<std::size_t>(std::max(40, invocation.terminal.width))};
  TextTable shown({{"Versions", false, true}, {"Benchmark"}, {"Common", true}, {"Unique, ff %", true}, {"Unique, mc %", true}, {"Unique %", true}, {"Unique queries %", true}});
  json::array pairs;
  double sums[2] = {}, query_sum = 0;
  std::size_t counts[2] = {}, query_count = 0;
  for (std::size_t a = 0; a < versions.size(); ++a)
    for (std::size_t b = a + 1; b < versions.size(); ++b)
      for (bool hard : {false, true}) {
        const Overlap both = version_overlap(versions[a], versions[b], hard);
        if (!both.distinct_a || !both.distinct_b) continue;
        const Overlap ff = split_overlap(versions[a], versions[b], hard, Split::free_form), mc = split_overlap(versions[a], versions[b], hard, Split::multiple_choice);
        sums[hard] += both.unique_ratio();
        ++counts[hard];
        const char* benchmark = hard ? "mixeval-hard" : "mixeval";
        json::object pair{{"a", versions[a].name}, {"b", versions[b].name}, {"benchmark", benchmark}, {"free_form", to_json(ff)}, {"multiple_choice", to_json(mc)}, {"both", to_json(both)}};
        auto queries = hard ? std::nullopt : query_overlap(versions[a], versions[b]);
        if (queries) {
          pair["queries"] = to_json(*queries);
          query_sum += queries->unique_ratio();
          ++query_count;
        }
        pairs.push_back(std::move(pair));
        shown.row({{visible_line(versions[a].name + ", " + versions[b].name)}, {benchmark}, {display_count(both.common)}, {ratio_text(ff)}, {ratio_text(mc)}, {ratio_text(both)}, {queries ? ratio_text(*queries) : "-"}});
      }
  auto mean = [](double sum, std::size_t n) { return n ? json::value(sum / static_cast<double>(n)) : json::value(nullptr); };
  if (invocation.json()) {
    json::object out{{"pairs", std::move(pairs)}, {"mean_unique_ratio", mean(sums[0], counts[0])}, {"mean_unique_ratio_hard", mean(sums[1], counts[1])}, {"mean_unique_query_ratio", mean(query_sum, query_count)}};
    if (stability) out["stability"] = to_json(*stability);
    if (gap) out["gap"] = to_json(*gap);
    invocation.out(write_json(out, JsonStyle::pretty) + "\n");
    return kDone;
  }
  std::string out;
  if (!pairs.empty()) {
    out = shown.render(style);
    for (bool hard : {false, true})
      if (counts[hard] > 1) out += std::string("mean of ") + (hard ? "MixEval-Hard: " : "MixEval: ") + fixed(100 * sums[hard] / static_cast<double>(counts[hard]), 2) + " % unique\n";
  }
  if (stability) {
    TextTable models({{"Model", false, true}, {"Mean", true}, {"Deviation (n)", true}, {"Deviation (n-1)", true}});
    auto text = [](const std::optional<double>& value) { return value ? fixed(*value, 2) : std::string("-"); };
    for (const ModelStability& model : stability->models) models.row({{visible_line(model.model)}, {text(model.mean)}, {text(model.deviation)}, {text(model.deviation_n1)}});
    models.rule();
    models.row({{"average of " + display_count(stability->models.size()) + " models over " + display_count(stability->versions.size()) + " versions"}, {text(stability->mean)}, {text(stability->deviation)}, {text(stability->deviation_n1)}});
    out += (out.empty() ? "" : "\n") + models.render(style);
    if (stability->left_out) out += display_count(stability->left_out) + " models lack a version and are left out\n";
  }
  if (gap) out += (out.empty() ? "" : "\n") + gap_text(*gap, style);
  invocation.out(out);
  return kDone;
}

int work(Invocation& invocation) {
  const std::string& what = invocation.arguments.positional.front();
  if (what == "compare") return compare(invocation);
  if (what != "build") return invocation.report(Error{ErrorKind::usage, "assay mix has no \"" + shorten(what, 40) + "\"", "", "it has build and compare"});
  if (invocation.arguments.positional.size() > 1)
    return invocation.report(Error{ErrorKind::usage, "assay mix build takes no \"" + shorten(invocation.arguments.positional[1], 40) + "\"", "", "files are given with --pool and --queries"});
  return mix_build(invocation);
}

}  // namespace

CommandSpec mix_command() {
  CommandSpec c;
  c.name = "mix";
  c.summary = "build a mixture of your own from benchmark entries and users' queries, and compare versions";
  c.positional = "build | compare DIR...";
  c.positional_help = "build: match each query to the most similar entry of the pool; compare: what versions have in common";
  c.least = 1;
  c.most = -1;
  c.options = {
      {"--pool", "FILE", "entries in MixEval's layout, or JSON lines; sample = the bundled ones; repeat it", true},
      {"--queries", "FILE", "one query a line, or JSON lines with \"query\" or a chat; sample = the bundled ones"},
      {"--version", "NAME", "of the new mixture"},
      {"--out", "DIR", "receives mixeval-NAME/"},
      {"--embedding", "SPEC", "lexical (no model needed), openai:NAME, http://HOST/v1#NAME, gguf:FILE, or file:VECTORS (lexical)"},
      {"--embedding-batch", "N", "texts of one request (64)"},
      {"--embedding-chars", "N", "embed no more than the first N characters of a text (0 = all)"},
      {"--filter", "SPEC", "a model that says which texts are queries to be answered in text"},
      {"--match-text", "WHAT", "of an entry: auto, prompt, context+prompt, formatted (auto)"},
      {"--strategy", "NAME", "matched, or for comparison uniform, benchmark-level (matched)"},
      {"--n-free-form", "N", "free-form entries (2000)"},
      {"--n-multiple-choice", "N", "multiple-choice entries (2000)"},
      {"--seed", "N", "of all draws (42)"},
      {"--max-length-ratio", "R", "words of query and entry at most R times each other's (0 = any)"},
      {"--min-similarity", "T", "drop queries whose best match is below T"},
      {"--dedupe", "", "each entry once"},
      {"--judged", "PLACE", "a model's judged files (NAME=PATH or PATH): build draws the hard part too; compare looks for entries that were seen; repeat it", true},
      {"--n-hard", "N", "entries of each split of the hard part (500)"},
      {"--lambda", "L", "how much likelier hard entries are (5)"},
      {"--weights", "HOW", "of the models in the difficulty: accuracy or uniform (accuracy)"},
      {"--max-shift", "D", "most distance of the hard part's clusters from the queries' (0.1)"},
      {"--tries", "N", "most draws of the hard part (1000)"},
      {"--clusters", "K|FILE", "clusters of the match texts (20), or a file that gives them: JSON lines of text and cluster"},
      {"--update", "DIR", "pool and options of the version in DIR, with the next seed, or with new --queries"},
      {"--earlier", "DIR", "another version to compare with; repeat it", true},
      {"--corpus", "FILE", "texts: tell which entries share a run of 13 words with a line; repeat it", true},
      {"--exclude-seen", "", "leave out entries that are in earlier versions or in a corpus"},
      {"--reference", "PLACE", "compare: judged files of a model that is held to have seen neither version; repeat it", true},
      {"--scores", "CSV", "compare: model,VERSION,VERSION,... - how much scores move between versions"},
      {"--model-id", "LABEL", "the embedding endpoint's model by a name of your own"},
      {"--max-cost", "USD", "spend no more than this"},
  };
  c.examples = {"assay mix build --pool sample --queries sample --version mine --out mixtures",
                "assay mix build --pool pool.jsonl --queries chats.jsonl --embedding openai:text-embedding-3-small --version 2026-01 --out mixtures",
                "assay mix build --update mixtures/mixeval-2026-01 --version 2026-02 --out mixtures",
                "assay mix compare mixtures/mixeval-2026-01 mixtures/mixeval-2026-02"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
