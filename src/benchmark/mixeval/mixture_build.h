// From a pool of entries and a list of queries to a mixture: vectors, matches, both splits, and the hard part where models' scores are given.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/mixeval/embedder.h"
#include "benchmark/mixeval/given_clusters.h"
#include "benchmark/mixeval/judged_scores.h"
#include "benchmark/mixeval/mixture.h"
#include "benchmark/mixeval/mixture_pool.h"

namespace assay::mixeval {

enum class Strategy { matched, uniform, benchmark_level };
std::string_view name(Strategy strategy);
std::optional<Strategy> strategy_from(std::string_view name);

struct MixtureWish {
  MatchRules rules;
  MatchText match_text = MatchText::automatic;
  Strategy strategy = Strategy::matched;
  std::size_t free_form = 2000, multiple_choice = 2000;
  std::int64_t seed = 42;
  bool dedupe = false;
  std::vector<char> excluded;         // pool entries that are no candidates; empty = none
  HardRules hard;                     // `n` of each split; the seed is `seed`
  std::size_t clusters = 20, cluster_rounds = 50;
  std::optional<GivenClusters> given;  // in place of them
  std::vector<JudgedScores> judged;   // none: no hard part
  /// Of mixture.json: what a later build needs to take up this one (files and their sums).
  json::object sources;
};

/// The hard part of one split.
struct HardPart {
  HardSubset subset;                       // places in the mixture's split
  std::vector<std::size_t> clusters;       // of the split's entries
  std::vector<double> reference, drawn;    // shares of the clusters: of the queries or as given, of the hard part
  std::string file;
};

struct Mixture {
  std::string free_form, multiple_choice;  // data files
  std::string record;                      // mixture.json
  std::vector<std::string> texts;          // what each pool entry was compared by
  std::vector<Match> matches;              // of each query
  std::size_t dropped = 0;                 // queries without a match
  Filled filled;
  std::optional<std::array<HardPart, 2>> hard;
  std::unique_ptr<EmbeddingTable> table;   // rows: pool, then queries
};

/// Pool and queries as vectors.
struct Embedded {
  std::vector<std::string> texts;         // what each pool entry is compared by
  std::unique_ptr<EmbeddingTable> table;  // rows: pool, then queries
  json::object facts;                     // of the embedder
};
/// `pool`, `queries` and `embedder` outlive the coroutine; errors are the embedder's.
Async<Embedded> embed_material(const Pool& pool, const std::vector<std::string>& queries, MatchText what, Embedder& embedder, BuildProgress progress);

/// The same bytes for the same input. Errors: those of scores_of() and GivenClusters::of(), and io where the vectors' file cannot be read.
Result<Mixture> build_mixture(const Pool& pool, const std::vector<std::string>& queries, MixtureWish wish, Embedded embedded, const BuildProgress& progress);

}  // namespace assay::mixeval
