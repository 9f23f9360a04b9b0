#include "benchmark/mixeval/mixture_build.h"

#include <numeric>

#include "base/hash.h"
#include "base/text.h"
#include "base/words.h"
#include "benchmark/mixeval/k_means.h"
#include "benchmark/mixeval/mixture_record.h"
#include "benchmark/mixeval/python_text.h"

namespace assay::mixeval {
namespace {

constexpr Split kSplits[] = {Split::free_form, Split::multiple_choice};
constexpr std::pair<Strategy, std::string_view> kStrategies[] = {
    {Strategy::matched, "matched"}, {Strategy::uniform, "uniform"}, {Strategy::benchmark_level, "benchmark-level"}};

/// A data file: ids from 0 in the order given.
template <class Entries>
std::string data_text(const Pool& pool, const Entries& pool_indices) {
  json::object entries;
  for (std::size_t entry : pool_indices) {
    json::object fields = pool.entries[entry].fields;
    fields.stable_erase("id");  // of its old file; the order of the others stays
    entries[std::to_string(entries.size())] = std::move(fields);
  }
  return indented_json(entries) + "\n";
}

json::array shares_json(const std::vector<double>& shares) {
  json::array out;
  for (double share : shares) out.emplace_back(share);
  return out;
}

/// Clusters of the split's entries and the shares that the hard part shall have.
Result<void> cluster_entries(const Pool& pool, const Mixture& mixture, const std::vector<std::size_t>& rows, const std::vector<std::string>& queries, const MixtureWish& wish, HardPart& out) {
  if (!wish.given) {
    std::vector<std::size_t> query_rows(queries.size());
    std::iota(query_rows.begin(), query_rows.end(), pool.entries.size());
    const Clusters clusters = k_means(*mixture.table, rows, wish.clusters, wish.cluster_rounds, wish.seed);
    out.clusters = clusters.of;
    out.reference = shares(queries.empty() ? clusters.of : nearest_centres(*mixture.table, query_rows, clusters.centres), clusters.centres.size());
    return {};
  }
  std::vector<std::string_view> texts;
  texts.reserve(rows.size());
  for (std::size_t row : rows) texts.push_back(mixture.texts[row]);
  auto own = wish.given->of(texts);
  if (!own) return std::unexpected(own.error());
  out.clusters = std::move(*own);
  out.reference = wish.given->shares;
  if (!out.reference.empty()) return {};
  texts.assign(queries.begin(), queries.end());
  auto asked = wish.given->of(texts);
  if (!asked) return std::unexpected(asked.error());
  out.reference = shares(queries.empty() ? out.clusters : *asked, wish.given->names.size());
  return {};
}

Result<HardPart> hard_part(const Pool& pool, const Mixture& mixture, Split split, const std::vector<std::string>& queries, const MixtureWish& wish) {
  HardPart out;
  std::vector<std::size_t> rows;
  std::vector<const Entry*> entries;
  for (const auto& [query, entry] : mixture.filled.side(split)) {
    rows.push_back(entry);
    entries.push_back(&pool.entries[entry]);
  }
  auto scores = scores_of(wish.judged, split, entries);
  if (!scores) return std::unexpected(scores.error());
  if (entries.empty()) {
    out.file = data_text(pool, rows);
    return out;
  }
  if (auto clustered = cluster_entries(pool, mixture, rows, queries, wish, out); !clustered) return std::unexpected(clustered.error());
  HardRules rules = wish.hard;
  rules.seed = wish.seed;
  out.subset = hard_subset(*scores, out.clusters, out.reference, rules);
  std::vector<std::size_t> chosen, chosen_clusters;
  for (std::size_t i : out.subset.entries) {
    chosen.push_back(rows[i]);
    chosen_clusters.push_back(out.clusters[i]);
  }
  out.drawn = shares(chosen_clusters, out.reference.size());
  out.file = data_text(pool, chosen);
  return out;
}

json::object hard_json(const HardPart& part, const MixtureWish& wish) {
  json::array ids, difficulty;
  for (std::size_t i : part.subset.entries) {
    ids.emplace_back(std::to_string(i));
    difficulty.emplace_back(part.subset.difficulty[i]);
  }
  json::object weights;
  for (std::size_t m = 0; m < part.subset.model_weights.size(); ++m) weights[wish.judged[m].model] = part.subset.model_weights[m];
  return {{"n", part.subset.entries.size()},      {"accepted", part.subset.accepted},         {"distance", part.subset.shift},
          {"tries", part.subset.tries},           {"model_weights", std::move(weights)},      {"cluster_shares_of_queries", shares_json(part.reference)},
          {"cluster_shares", shares_json(part.drawn)}, {"mixeval_ids", std::move(ids)},       {"difficulty", std::move(difficulty)}};
}

}  // namespace

std::string_view name(Strategy strategy) {
  for (const auto& [value, word] : kStrategies)
    if (value == strategy) return word;
  return "matched";
}

std::optional<Strategy> strategy_from(std::string_view name) {
  for (const auto& [value, word] : kStrategies)
    if (word == name) return value;
  return std::nullopt;
}

Async<Embedded> embed_material(const Pool& pool, const std::vector<std::string>& queries, MatchText what, Embedder& embedder, BuildProgress progress) {
  Embedded out;
  out.texts = match_texts(pool, what);
  std::vector<std::string_view> all(out.texts.begin(), out.texts.end());
  all.insert(all.end(), queries.begin(), queries.end());
  auto table = co_await embedder.embed(all, progress);
  if (!table) co_return std::unexpected(table.error());
  out.table = std::move(*table);
  out.facts = embedder.facts();
  co_return out;
}

Result<Mixture> build_mixture(const Pool& pool, const std::vector<std::string>& queries, MixtureWish wish, Embedded embedded, const BuildProgress& progress) {
  Mixture out;
  out.texts = std::move(embedded.texts);
  out.table = std::move(embedded.table);
  std::vector<std::size_t> pool_words, query_words;
  for (const std::string& text : out.texts) pool_words.push_back(count_words(text));
  for (const std::string& text : queries) query_words.push_back(count_words(text));
  out.matches = out.table->match({pool_words, query_words, wish.excluded, wish.rules}, progress);
  for (const Match& match : out.matches) out.dropped += !match.entry;
  out.filled = fill(out.matches, pool.splits, wish.free_form, wish.multiple_choice, wish.seed, wish.dedupe);
  if (wish.strategy != Strategy::matched) {
    std::vector<std::string> benchmark;
    benchmark.reserve(pool.entries.size());
    for (const Entry& entry : pool.entries) benchmark.push_back(entry.benchmark_name);
    out.filled = wish.strategy == Strategy::uniform ? fill_uniform(pool.splits, wish.excluded, wish.free_form, wish.multiple_choice, wish.seed, wish.dedupe)
                                                    : fill_by_benchmark(out.filled, pool.splits, benchmark, wish.excluded, wish.seed, wish.dedupe);
  }
  if (!wish.judged.empty()) {
    out.hard.emplace();
    for (std::size_t s = 0; s < 2; ++s) {
      if (progress) progress("drawing the hard part", s, 2);
      auto part = hard_part(pool, out, kSplits[s], queries, wish);
      if (!part) return std::unexpected(part.error());
      (*out.hard)[s] = std::move(*part);
    }
  }
  if (auto sound = out.table->trouble(); !sound) return std::unexpected(sound.error());

  std::size_t excluded = 0;
  for (char one : wish.excluded) excluded += one != 0;
  json::object record{{"format", kMixtureFormat},
                      {"seed", wish.seed},
                      {"embedding", std::move(embedded.facts)},
                      {"options",
                       {{"strategy", name(wish.strategy)},
                        {"match_text", name(wish.match_text)},
                        {"max_length_ratio", wish.rules.max_length_ratio},
                        {"min_similarity", wish.rules.min_similarity},
                        {"dedupe", wish.dedupe},
                        {"free_form", wish.free_form},
                        {"multiple_choice", wish.multiple_choice}}},
                      {"sources", std::move(wish.sources)},
                      {"queries", queries.size()},
                      {"dropped", out.dropped},
                      {"pool", pool.entries.size()},
                      {"excluded", excluded}};
  if (out.hard) {
    json::object hard{{"options",
                       {{"n", wish.hard.n},
                        {"weights", wish.hard.weigh_models ? "accuracy" : "uniform"},
                        {"lambda", wish.hard.lambda},
                        {"max_shift", wish.hard.max_shift},
                        {"tries", wish.hard.tries},
                        {"clusters", wish.given ? wish.given->names.size() : wish.clusters}}}};
    if (wish.given) hard["clusters"] = json::array(wish.given->names.begin(), wish.given->names.end());
    for (std::size_t s = 0; s < 2; ++s) hard[name(kSplits[s])] = hard_json((*out.hard)[s], wish);
    record["hard"] = std::move(hard);
  }
  for (Split split : kSplits) {
    json::array lines;
    std::vector<std::size_t> entries;
    for (const auto& [query, entry] : out.filled.side(split)) {
      entries.push_back(entry);
      json::object line;
      if (query != kNoQuery) line["query_sha256"] = sha256_hex(queries[query]);
      line["pool_id"] = pool.ids[entry];
      if (query != kNoQuery) line["similarity"] = out.matches[query].similarity;
      lines.push_back(std::move(line));
    }
    (split == Split::free_form ? out.free_form : out.multiple_choice) = data_text(pool, entries);
    record[name(split)] = std::move(lines);
  }
  out.record = indented_json(record) + "\n";
  return out;
}

}  // namespace assay::mixeval
