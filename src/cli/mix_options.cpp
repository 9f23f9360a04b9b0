#include "cli/mix_options.h"

#include "base/text.h"

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

/// The plan of the version before, but for what every version has of its own.
Result<void> take_record(const json::object& record, const std::string& where, MixPlan& plan) {
  auto broken = [&](const char* what) { return fail(ErrorKind::data, "the record of the version before does not say its " + std::string(what), where, "it was written by another program: give all options instead of --update"); };
  const json::value* options = record.if_contains("options");
  const json::value* sources = record.if_contains("sources");
  if (!options || !options->is_object()) return broken("options");
  if (!sources || !sources->is_object()) return broken("sources");
  MixtureWish& wish = plan.wish;
  auto strategy = mixeval::strategy_from(get_string(*options, "strategy").value_or(""));
  auto text = mixeval::match_text_from(get_string(*options, "match_text").value_or(""));
  auto ratio = get_number(*options, "max_length_ratio"), least = get_number(*options, "min_similarity");
  auto dedupe = get_bool(*options, "dedupe");
  auto ff = get_integer(*options, "free_form"), mc = get_integer(*options, "multiple_choice"), seed = get_integer(json::value(record), "seed");
  if (!strategy || !text || !ratio || !least || !dedupe || !ff || !mc || *ff < 0 || *mc < 0 || !seed) return broken("options");
  wish.strategy = *strategy;
  wish.match_text = *text;
  wish.rules = {*ratio, *least};
  wish.dedupe = *dedupe;
  wish.free_form = static_cast<std::size_t>(*ff);
  wish.multiple_choice = static_cast<std::size_t>(*mc);
  wish.seed = *seed;
  auto embedding = get_string(*sources, "embedding"), filter = get_string(*sources, "filter");
  const json::value* pool = find(*sources, "pool");
  auto queries = find_path(*sources, {"queries", "file"});
  if (!embedding || !pool || !pool->is_array() || !queries || !queries->is_string()) return broken("sources");
  plan.embedding = *embedding;
  plan.filter = filter.value_or("");
  plan.most_characters = static_cast<std::size_t>(std::max<std::int64_t>(0, get_integer(*sources, "most_characters").value_or(0)));
  plan.queries = std::string(queries->get_string());
  for (const json::value& one : pool->get_array()) {
    auto file = get_string(one, "file");
    if (!file) return broken("pool");
    plan.pool.push_back(*file);
  }
  return {};
}

}  // namespace

Result<MixPlan> mix_plan(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  MixPlan plan;
  MixtureWish& wish = plan.wish;
  if (auto before = arguments.get("update")) {
    for (const char* option : {"n-free-form", "n-multiple-choice", "max-length-ratio", "min-similarity", "dedupe", "strategy", "match-text", "embedding", "embedding-chars", "filter"})
      if (arguments.has(option))
        return fail(ErrorKind::usage, "an update has the options of the version before, so --" + std::string(option) + " cannot be given", "", "leave it out, or build a version of its own without --update");
    auto record = mixeval::read_mixture_record(*before);
    if (!record) return std::unexpected(record.error());
    if (auto taken = take_record(*record, *before + "/mixture.json", plan); !taken) return std::unexpected(taken.error());
    plan.previous = std::move(*record);
    plan.earlier.push_back(*before);
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
