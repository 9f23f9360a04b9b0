// A sign of contamination: a model that scores higher on entries of an old version alone than on those of a new version alone, more so than
// other models do, may have seen the old ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "benchmark/mixeval/judged_scores.h"
#include "benchmark/mixeval/version_folder.h"
#include "stats/cluster_bootstrap.h"

namespace assay::mixeval {

struct ModelGap {
  std::string model;
  double old_only = 0, new_only = 0;   // mean scores of distinct entries
  std::optional<double> common{};      // of entries in both; nothing where there are none
  double gap = 0;                      // old_only - new_only
  std::optional<double> unique{};      // of entries in one version alone
  double excess = 0;                   // gap less the mean gap of the reference models; the gap itself without any
  std::optional<PercentileInterval> interval{};  // of `excess`: 95 %, bootstrap over entries
};

struct VersionGap {
  std::size_t old_only = 0, new_only = 0, common = 0;  // distinct entries that all models were judged on
  std::size_t left_out = 0;                            // distinct entries that some model was not judged on
  std::vector<ModelGap> models;
  std::optional<double> reference_gap{};  // mean over the reference models
};

/// The MixEval parts of both versions, both splits together. Replicates draw, for all models alike, old and new entries with index floor(u * n),
/// u CPython's. Errors (data): no entry of one version alone that all models were judged on.
Result<VersionGap> version_gap(const VersionFolder& old_version, const VersionFolder& new_version, const std::vector<JudgedScores>& models, const std::vector<JudgedScores>& references,
                               std::size_t replicates = 2000, std::int64_t seed = 42);

}  // namespace assay::mixeval
