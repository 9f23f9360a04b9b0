// mixture.json, the record of a build, as a later build takes it up (docs/formats/mixeval.md). A folder of a mixture may be somebody else's:
// what its record says is data, and what it names is neither run nor asked here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmark/mixeval/mixture_build.h"

namespace assay::mixeval {

inline constexpr std::string_view kMixtureFormat = "assay-mixture/1";

/// What a mixture was built from, in the words of the command that built it.
struct MixtureSources {
  std::vector<std::string> pool;  // files, in their order; "sample" and "sample:PART" are part of the program
  std::vector<std::string> pool_sums;  // SHA-256 of each; "" where the record has none
  std::string queries;
  std::string embedding;  // "lexical", "file:PATH" or a model spec
  std::string filter;     // model spec; "" = none
  std::size_t most_characters = 0;

  /// Those of `embedding` and `filter` that are model specs: a program that is started or a place that keys are sent to.
  bool embedding_is_model() const { return embedding != "lexical" && !embedding.starts_with("file:"); }
};

/// Errors: data (no record of a mixture).
Result<json::object> parse_mixture_record(std::string_view text, const std::string& where);

/// SHA-256 of the queries that have an entry in the mixture.
std::vector<std::string> queries_of(const json::object& record);

/// Takes what every version of a mixture has in common into `wish` - options and seed - and returns its sources. Errors: data.
Result<MixtureSources> take_up(const json::object& record, const std::string& where, MixtureWish& wish);

}  // namespace assay::mixeval
