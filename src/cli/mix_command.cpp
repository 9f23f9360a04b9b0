// assay mix build: a mixture of your own, from a pool of benchmark entries and a file of what people ask.
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/mixeval/layout.h"
#include "benchmark/mixeval/mixture_build.h"
#include "cli/commands.h"
#include "cli/context.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

int build(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  if (arguments.positional.empty() || arguments.positional.front() != "build")
    return invocation.report(Error{ErrorKind::usage, "assay mix has no \"" + shorten(arguments.positional.empty() ? "" : arguments.positional.front(), 40) + "\"", "", "it has build"});
  mixeval::MixtureWish wish;
  auto number = [&](const char* option, auto& place) -> Result<void> {
    auto value = arguments.number(option);
    if (!value) return std::unexpected(value.error());
    if (*value) place = **value;
    return {};
  };
  auto whole = [&](const char* option, auto& place) -> Result<void> {
    auto value = arguments.integer(option, 0);
    if (!value) return std::unexpected(value.error());
    if (*value) place = static_cast<std::remove_reference_t<decltype(place)>>(**value);
    return {};
  };
  for (auto done : {number("max-length-ratio", wish.rules.max_length_ratio), number("min-similarity", wish.rules.min_similarity), whole("n-free-form", wish.free_form),
                    whole("n-multiple-choice", wish.multiple_choice), whole("seed", wish.seed)})
    if (!done) return invocation.report(done.error());
  wish.dedupe = arguments.has("dedupe");
  const auto out = arguments.get("out"), version = arguments.get("version"), query_file = arguments.get("queries");
  if (!out || !version || !query_file || arguments.all("pool").empty())
    return invocation.report(Error{ErrorKind::usage, "assay mix build needs --pool, --queries, --version and --out", "", "assay mix --help shows how"});
  if (version->empty() || version->find_first_of("/\\") != std::string::npos || version->starts_with('.')) return invocation.report(Error{ErrorKind::usage, "--version is a name, not a path"});
  mixeval::Pool pool;
  for (const std::string& file : arguments.all("pool")) {
    auto text = read_file(file);
    if (!text) return invocation.report(text.error());
    if (auto added = mixeval::add_to_pool(*text, file, pool); !added) return invocation.report(added.error());
  }
  auto text = read_file(*query_file);
  if (!text) return invocation.report(text.error());
  auto queries = mixeval::read_queries(*text, *query_file);
  if (!queries) return invocation.report(queries.error());
  const mixeval::Mixture mixture = mixeval::build_mixture(pool, *queries, wish);
  const fs::path folder = fs::path(*out) / ("mixeval-" + *version);
  for (const auto& [name, content] : {std::pair(fs::path("mixeval/free-form.json"), &mixture.free_form), {fs::path("mixeval/multiple-choice.json"), &mixture.multiple_choice},
                                      {fs::path("mixture.json"), &mixture.record}})
    if (auto wrote = write_file(folder / name, *content); !wrote) return invocation.report(wrote.error());
  const std::size_t ff = mixture.filled.free_form.size(), mc = mixture.filled.multiple_choice.size();
  if (invocation.json())
    invocation.out(write_json(json::object{{"folder", folder.string()}, {"free_form", ff}, {"multiple_choice", mc}, {"queries", queries->size()}, {"dropped", mixture.dropped},
                                           {"pool", pool.entries.size()}, {"merged", pool.merged}}, JsonStyle::pretty) + "\n");
  else
    invocation.out(std::to_string(ff) + " free-form and " + std::to_string(mc) + " multiple-choice entries from " + std::to_string(pool.entries.size()) + " of the pool (" +
                   std::to_string(pool.merged) + " copies merged) and " + std::to_string(queries->size()) + " queries (" + std::to_string(mixture.dropped) + " without a match)\n" +
                   "run it: assay run mixeval --edition " + folder.string() + " --model SPEC --judge SPEC\n");
  if (ff < wish.free_form || mc < wish.multiple_choice) invocation.err("assay: fewer entries than wished for: the queries' matches gave no more\n");
  return kDone;
}

}  // namespace

CommandSpec mix_command() {
  CommandSpec c;
  c.name = "mix";
  c.summary = "build a mixture of your own from benchmark entries and users' queries";
  c.positional = "build";
  c.positional_help = "matches each query to the most similar entry of the pool, without a model (TF-IDF)";
  c.least = 1;
  c.most = 1;
  c.options = {
      {"--pool", "FILE", "entries in MixEval's layout, one split a file; repeat it", true},
      {"--queries", "FILE", "one query a line, or JSON lines with \"query\""},
      {"--version", "NAME", "of the new mixture"},
      {"--out", "DIR", "receives mixeval-NAME/"},
      {"--n-free-form", "N", "free-form entries (2000)"},
      {"--n-multiple-choice", "N", "multiple-choice entries (2000)"},
      {"--seed", "N", "of the order in which queries are taken (42)"},
      {"--max-length-ratio", "R", "words of query and entry at most R times each other's (0 = any)"},
      {"--min-similarity", "T", "drop queries whose best match is below T"},
      {"--dedupe", "", "each entry once"},
  };
  c.examples = {"assay mix build --pool pool/free-form.json --pool pool/multiple-choice.json --queries queries.txt --version mine --out mixtures"};
  c.work = build;
  return c;
}

}  // namespace assay::cli
