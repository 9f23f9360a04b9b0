// How alike benchmarks rank models: correlations of every two columns of a score table over the models that have both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "leaderboard/score_table.h"
#include "stats/correlation_bootstrap.h"
#include "stats/least_squares.h"

namespace assay {

struct CorrelationOptions {
  std::string reference{};             // a column; "" = the first whose name has "Elo" in it, if any
  std::vector<std::string> columns{};  // beside the reference; empty = all
  std::size_t least = 5;               // models that two columns must share
  std::size_t replicates = 2000;       // of the bootstrap; 0 = no intervals
  std::int64_t seed = 42;              // of every pair's resamples, so that a pair's interval does not depend on the others
};

struct PairCorrelation {
  std::size_t a = 0, b = 0;  // columns of the table
  std::size_t n = 0;         // models that have both
  std::optional<double> spearman, pearson, kendall_tau_b;
  CorrelationIntervals intervals;
  std::optional<LineFit> line;  // b = intercept + slope * a
};

struct Correlations {
  std::optional<std::size_t> reference;
  std::vector<std::size_t> columns;    // reference first, then by falling correlation with it; without one in the table's order
  std::vector<PairCorrelation> pairs;  // every two of `columns`, the earlier one as `a`; those with the reference first
  std::vector<std::string> notes;      // columns left out, and why
  const PairCorrelation* find(std::size_t a, std::size_t b) const;  // in either order
};

/// At most 64 columns. Errors: usage (no such column, too many, fewer than two that share enough models).
Result<Correlations> correlate(const ScoreTable& table, const CorrelationOptions& options);

/// The models that have both columns, with their values.
struct CommonScores {
  std::vector<std::size_t> models;
  std::vector<double> a, b;
};
CommonScores common_scores(const ScoreTable& table, std::size_t a, std::size_t b);

}  // namespace assay
