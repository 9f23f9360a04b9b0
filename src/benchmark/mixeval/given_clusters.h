// Clusters that a file gives for the hard part in place of k-means: topics that people or a classifier named. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::mixeval {

struct GivenClusters {
  std::vector<std::string> names;                        // in the order of their first line
  std::vector<double> shares;                            // that each shall have, in that order; empty: the queries' count
  std::unordered_map<std::string, std::size_t> by_text;  // SHA-256 of a text -> place in `names`
  std::string where;

  /// The cluster of each text. `data` error naming the first that has none, and how many lack one.
  Result<std::vector<std::size_t>> of(std::span<const std::string_view> texts) const;
};

/// JSON lines `{"text": ..., "cluster": NAME}` or `{"sha256": of the text, "cluster": NAME}`, and `{"cluster": NAME, "share": S}`. NAME: text or
/// whole number. Errors (data): another line, a text in two clusters, shares that are not in 0 to 1, do not add up to 1 or lack a cluster.
Result<GivenClusters> read_given_clusters(std::string_view text, const std::string& where);

}  // namespace assay::mixeval
