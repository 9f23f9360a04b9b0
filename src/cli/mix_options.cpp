#include "cli/mix_options.h"

#include <tuple>

#include "base/text.h"
#include "benchmark/mixeval/mixture_record.h"
#include "benchmark/mixeval/version_folder.h"

namespace assay::cli {
namespace {

using mixeval::MixtureWish;

template <class T>
Result<void> whole(const Arguments& arguments, const char* option, T& place, long long least = 0) {
  auto value = arguments.integer(option, least);
  if (!value) return std::unexpected(value.error());
  if (*value) place = static_cast<T>(**value);
  return {};
}

Result<void> real(const Arguments& arguments, const char* option, double& place, double least) {
  auto value = arguments.number(option);
  if (!value) return std::unexpected(value.error());
  if (*value && !(**value >= least && **value <= 1e6)) return fail(ErrorKind::usage, "--" + std::string(option) + " does not take " + *arguments.get(option));
  if (*value) place = **value;
  return {};
}

/// The plan of the version before, but for what every version has of its own. Its folder may be somebody else's, so a model that it names is asked
/// only if the command names it too: a spec may start a program, or send a key to an address.
Result<void> take_version(const std::string& folder, const Arguments& arguments, MixPlan& plan) {
  const std::string where = folder + "/mixture.json";
  auto record = mixeval::read_mixture_record(folder);
  if (!record) return std::unexpected(record.error());
  auto sources = mixeval::take_up(*record, where, plan.wish);
  if (!sources) return std::unexpected(sources.error());
  for (auto [option, recorded, is_model] : {std::tuple("embedding", &sources->embedding, sources->embedding_is_model()), {"filter", &sources->filter, !sources->filter.empty()}}) {
    const auto given = arguments.get(option);
    if (given && *given != *recorded)
      return fail(ErrorKind::usage, "an update has the options of the version before, so --" + std::string(option) + " cannot be another one", where, "leave it out, or build a version of its own without --update");
    if (is_model && !given)
      return fail(ErrorKind::usage, "the version before was built with the " + std::string(option) + " " + shorten(*recorded, 200) + ", and a model is asked only when the command names it", where,
                  "if you want that one, write it after --" + std::string(option));
  }
  plan.pool = std::move(sources->pool);
  plan.queries = std::move(sources->queries);
  plan.embedding = std::move(sources->embedding);
  plan.filter = std::move(sources->filter);
  plan.most_characters = sources->most_characters;
  plan.pool_before = std::move(sources->pool_sums);
  plan.earlier.push_back(folder);
  return {};
}

}  // namespace

Result<MixPlan> mix_plan(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  MixPlan plan;
  MixtureWish& wish = plan.wish;
  if (auto before = arguments.get("update")) {
    for (const char* option : {"n-free-form", "n-multiple-choice", "max-length-ratio", "min-similarity", "dedupe", "strategy", "match-text", "embedding-chars"})
      if (arguments.has(option))
        return fail(ErrorKind::usage, "an update has the options of the version before, so --" + std::string(option) + " cannot be given", "", "leave it out, or build a version of its own without --update");
    if (auto taken = take_version(*before, arguments, plan); !taken) return std::unexpected(taken.error());
    // The next block of queries with the same seed, or the same queries in another order.
    if (!arguments.has("queries")) ++wish.seed;
  }
  if (arguments.has("pool")) plan.pool = arguments.all("pool");
  if (auto queries = arguments.get("queries")) plan.queries = *queries;
  if (auto embedding = arguments.get("embedding")) plan.embedding = *embedding;
  if (auto filter = arguments.get("filter")) plan.filter = *filter;
  for (auto done : {whole(arguments, "n-free-form", wish.free_form), whole(arguments, "n-multiple-choice", wish.multiple_choice), whole(arguments, "seed", wish.seed),
                    real(arguments, "max-length-ratio", wish.rules.max_length_ratio, 0), real(arguments, "min-similarity", wish.rules.min_similarity, -1e6),
                    whole(arguments, "n-hard", wish.hard.n), whole(arguments, "tries", wish.hard.tries, 1),
                    real(arguments, "lambda", wish.hard.lambda, -1e3), real(arguments, "max-shift", wish.hard.max_shift, 0), whole(arguments, "embedding-batch", plan.batch, 1),
                    whole(arguments, "embedding-chars", plan.most_characters)})
    if (!done) return std::unexpected(done.error());
  if (auto clusters = arguments.get("clusters")) {
    if (!clusters->empty() && clusters->find_first_not_of("-0123456789") == std::string::npos) {
      if (auto done = whole(arguments, "clusters", wish.clusters, 1); !done) return std::unexpected(done.error());
    } else {
      plan.clusters = *clusters;
      if (!arguments.has("judged")) return fail(ErrorKind::usage, "--clusters FILE is for the hard part, which needs --judged");
    }
  }
  if (arguments.has("dedupe")) wish.dedupe = true;
  if (auto word = arguments.get("strategy")) {
    auto strategy = mixeval::strategy_from(*word);
    if (!strategy) return fail(ErrorKind::usage, "there is no strategy \"" + shorten(*word, 40) + "\"", "", "it is matched, uniform or benchmark-level");
    wish.strategy = *strategy;
  }
  if (auto word = arguments.get("match-text")) {
    auto text = mixeval::match_text_from(*word);
    if (!text) return fail(ErrorKind::usage, "entries cannot be matched by \"" + shorten(*word, 40) + "\"", "", "--match-text is auto, prompt, context+prompt or formatted");
    wish.match_text = *text;
  }
  if (auto word = arguments.get("weights")) {
    if (*word != "accuracy" && *word != "uniform") return fail(ErrorKind::usage, "--weights is accuracy or uniform, not \"" + shorten(*word, 40) + "\"");
    wish.hard.weigh_models = *word == "accuracy";
  }
  plan.judged = arguments.all("judged");
  for (const std::string& one : arguments.all("earlier")) plan.earlier.push_back(one);
  plan.corpora = arguments.all("corpus");
  plan.exclude_earlier = arguments.has("exclude-seen");
  if (plan.exclude_earlier && plan.earlier.empty() && plan.corpora.empty()) return fail(ErrorKind::usage, "--exclude-seen needs --earlier, --update or --corpus: what was seen");
  const auto out = arguments.get("out"), version = arguments.get("version");
  if (!out || !version || plan.queries.empty() || plan.pool.empty())
    return fail(ErrorKind::usage, "assay mix build needs --pool, --queries, --version and --out", "", "assay mix --help shows how");
  if (version->empty() || version->size() > 100 || version->find_first_of("/\\") != std::string::npos || version->starts_with('.')) return fail(ErrorKind::usage, "--version is a name, not a path");
  plan.version = *version;
  plan.out = *out;
  plan.folder = plan.out / ("mixeval-" + *version);
  return plan;
}

}  // namespace assay::cli
