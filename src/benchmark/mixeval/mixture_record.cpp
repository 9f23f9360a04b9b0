#include "benchmark/mixeval/mixture_record.h"

#include <cmath>
#include <limits>

namespace assay::mixeval {
namespace {

constexpr std::int64_t kMostEntries = 10'000'000;  // of a split; a mixture has thousands

bool is_count(std::optional<std::int64_t> n) { return n && *n >= 0 && *n <= kMostEntries; }

}  // namespace

Result<json::object> parse_mixture_record(std::string_view text, const std::string& where) {
  auto value = parse_json(text, where);
  if (!value) return std::unexpected(value.error());
  if (get_string(*value, "format") != std::optional(std::string(kMixtureFormat)))
    return fail(ErrorKind::data, "this is no record of a mixture (" + std::string(kMixtureFormat) + ")", where);
  return std::move(value->get_object());
}

std::vector<std::string> queries_of(const json::object& record) {
  std::vector<std::string> out;
  for (Split split : {Split::free_form, Split::multiple_choice})
    if (const json::value* lines = record.if_contains(name(split)); lines && lines->is_array())
      for (const json::value& line : lines->get_array())
        if (auto sum = get_string(line, "query_sha256")) out.push_back(std::move(*sum));
  return out;
}

Result<MixtureSources> take_up(const json::object& record, const std::string& where, MixtureWish& wish) {
  auto broken = [&](const char* what) { return fail(ErrorKind::data, "the record of the version before does not say its " + std::string(what), where, "it was written by another program: give all options instead of --update"); };
  const json::value* options = record.if_contains("options");
  const json::value* sources = record.if_contains("sources");
  if (!options || !options->is_object()) return broken("options");
  if (!sources || !sources->is_object()) return broken("sources");
  const auto strategy = strategy_from(get_string(*options, "strategy").value_or(""));
  const auto text = match_text_from(get_string(*options, "match_text").value_or(""));
  const auto ratio = get_number(*options, "max_length_ratio"), least = get_number(*options, "min_similarity");
  const auto dedupe = get_bool(*options, "dedupe");
  const auto free_form = get_integer(*options, "free_form"), multiple_choice = get_integer(*options, "multiple_choice");
  const json::value* seed = record.if_contains("seed");
  // The next version has the next seed.
  if (!seed || !seed->is_int64() || seed->get_int64() == std::numeric_limits<std::int64_t>::max()) return broken("seed");
  if (!strategy || !text || !ratio || !std::isfinite(*ratio) || !least || !std::isfinite(*least) || !dedupe || !is_count(free_form) || !is_count(multiple_choice)) return broken("options");
  MixtureSources out;
  const auto embedding = get_string(*sources, "embedding");
  const json::value* pool = find(*sources, "pool");
  const json::value* queries = find_path(*sources, {"queries", "file"});
  if (!embedding || !pool || !pool->is_array() || !queries || !queries->is_string()) return broken("sources");
  for (const json::value& one : pool->get_array()) {
    auto file = get_string(one, "file");
    if (!file) return broken("pool");
    out.pool.push_back(std::move(*file));
    out.pool_sums.push_back(get_string(one, "sha256").value_or(""));
  }
  out.queries = std::string(queries->get_string());
  out.embedding = *embedding;
  out.filter = get_string(*sources, "filter").value_or("");
  out.most_characters = static_cast<std::size_t>(std::max<std::int64_t>(0, get_integer(*sources, "most_characters").value_or(0)));
  wish.strategy = *strategy;
  wish.match_text = *text;
  wish.rules = {*ratio, *least};
  wish.dedupe = *dedupe;
  wish.free_form = static_cast<std::size_t>(*free_form);
  wish.multiple_choice = static_cast<std::size_t>(*multiple_choice);
  wish.seed = seed->get_int64();
  return out;
}

}  // namespace assay::mixeval
