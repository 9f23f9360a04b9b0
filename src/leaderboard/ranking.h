// Reports -> boards of ranked rows. Only what is comparable shares a board: the same benchmark, data edition, judges and headline
// metric; runs that depart from the official settings never stand among official ones. Only complete runs with a number have a
// rank.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/report.h"

namespace assay {

/// Which of a model's runs on the same board are shown.
enum class RunChoice {
  best,    // complete before incomplete, then the one over more samples (coverage()), then the better value, then the newer
  newest,  // by `created`
  all,
};

struct RankOptions {
  RunChoice runs = RunChoice::best;
  std::vector<std::string> benchmarks{};  // "eq-bench@2" or "eq-bench" (every version); empty = all
  std::string metric{};                   // "" = each report's headline
};

struct RankedRow {
  std::optional<std::size_t> rank;  // equal values share it: 1, 2, 2, 4
  /// The ranks that the 95 % intervals leave open: 1 + rows certainly better, and rows minus those certainly worse. "Certainly" =
  /// the intervals do not overlap. Empty where this row has no interval.
  std::optional<std::size_t> rank_best, rank_worst;
  std::string model, run, created, status, reason;
  Metric metric;  // value empty where there is none
  Counts counts;
  std::vector<std::string> deviates;
  std::optional<double> usd;
};

struct Board {
  std::string benchmark, edition, metric;
  bool official = false;  // official data, nothing deviates
  bool lower_is_better = false;  // as the first run says that says it, else by the metric's name
  std::map<std::string, std::string> judges;  // every role but the tested model
  std::vector<RankedRow> rows;                // ranked ones first, best first
  std::size_t ranked() const;
};

struct Leaderboard {
  std::vector<Board> boards;  // benchmarks in order of appearance; a benchmark's official board first
};

/// What comes before the value where one of a model's runs is chosen; the larger one counts. A run over a part of the samples (`--limit`, `--samples`)
/// never takes the place of one over all of them, because a few samples are easily lucky; of two parts the larger one counts. All runs over all samples are equal.
std::pair<bool, std::size_t> coverage(const std::vector<std::string>& deviates, const Counts& counts);

Leaderboard rank(std::span<const Report> reports, const RankOptions& options = {});

/// "official", "official data, other settings", "sample data".
std::string standing(const Board& board);
/// "judge=MODEL; ROLE=MODEL".
std::string judges_text(const Board& board);
/// "3", "3 (2-5)", "-".
std::string rank_text(const RankedRow& row);

}  // namespace assay
