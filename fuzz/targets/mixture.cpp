// What a mixture is built from: pools of both kinds, queries and chats, vectors made elsewhere, tables of scores, records of builds.
#include <cmath>

#include "base/text.h"
#include "benchmark/mixeval/embedder.h"
#include "benchmark/mixeval/given_clusters.h"
#include "benchmark/mixeval/mixture_pool.h"
#include "benchmark/mixeval/mixture_record.h"
#include "benchmark/mixeval/query_filter.h"
#include "benchmark/mixeval/version_overlap.h"
#include "benchmark/mixeval/version_stability.h"
#include "fuzz.h"

namespace assay::fuzz {

using namespace assay::mixeval;

void fuzz_one(std::string_view input) {
  switch (take_byte(input) % 6) {
    case 0: {
      PoolReader reader;
      if (!reader.add(input, "pool")) return;
      const Pool& pool = reader.pool();
      REQUIRE(pool.entries.size() == pool.splits.size() && pool.entries.size() == pool.ids.size());
      for (MatchText what : {MatchText::automatic, MatchText::prompt, MatchText::context_prompt, MatchText::formatted}) {
        const auto texts = match_texts(pool, what);
        REQUIRE(texts.size() == pool.entries.size());
        for (const std::string& text : texts) REQUIRE(is_valid_utf8(text));
      }
      KnownEntries known;
      for (std::size_t i = 0; i < pool.entries.size(); ++i) {
        known.add(pool.splits[i], pool.entries[i]);
        REQUIRE(known.of(pool.splits[i], pool.entries[i]) == Kinship::identical);
      }
      break;
    }
    case 1: {
      auto queries = read_queries(input, "queries");
      if (!queries) return;
      for (const std::string& query : *queries) {
        REQUIRE(!query.empty() && is_valid_utf8(query) && strip(query) == query);
        (void)yes_or_no(query);
      }
      std::vector<std::string_view> texts(queries->begin(), queries->end());
      const auto vectors = lexical_embeddings(texts);
      for (const SparseVector& vector : vectors) {
        double square = 0;
        for (double w : vector.weights) square += w * w;
        REQUIRE(vector.indices.empty() || std::abs(square - 1) < 1e-9);
      }
      break;
    }
    case 2: {
      auto file = read_vector_file(valid_utf8(input), "vectors", {});
      if (file) REQUIRE((*file)->facts().contains("dimension"));
      break;
    }
    case 4: {
      auto given = read_given_clusters(valid_utf8(input), "clusters");
      if (!given) return;
      REQUIRE(!given->names.empty() && (given->shares.empty() || given->shares.size() == given->names.size()));
      for (const auto& [sum, cluster] : given->by_text) REQUIRE(cluster < given->names.size());
      break;
    }
    case 5: {
      auto record = parse_mixture_record(input, "mixture.json");
      if (!record) return;
      for (const std::string& sum : queries_of(*record)) REQUIRE(is_valid_utf8(sum));
      MixtureWish wish;
      auto sources = take_up(*record, "mixture.json", wish);
      if (!sources) return;
      REQUIRE(sources->pool.size() == sources->pool_sums.size() && std::isfinite(wish.rules.max_length_ratio) && wish.seed + 1 > wish.seed);
      REQUIRE(strategy_from(name(wish.strategy)) == wish.strategy);
      break;
    }
    default:
      if (auto stability = version_stability(input, "scores"))
        for (const ModelStability& model : stability->models) REQUIRE(model.scores.size() == stability->versions.size() && !std::isnan(model.mean));
  }
}

}  // namespace assay::fuzz
