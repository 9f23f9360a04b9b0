#include "leaderboard/ranking.h"

#include <algorithm>
#include <cmath>

#include "run/display.h"

namespace assay {
namespace {

bool wanted(const Report& report, const RankOptions& options) {
  if (options.benchmarks.empty()) return true;
  for (const std::string& name : options.benchmarks) {
    if (report.benchmark == name) return true;
    // A bare name means every version and variant of it.
    if (report.benchmark.size() > name.size() && report.benchmark.starts_with(name) &&
        (report.benchmark[name.size()] == '@' || report.benchmark[name.size()] == ':'))
      return true;
  }
  return false;
}

bool has_number(const RankedRow& row) {
  return row.metric.value && std::isfinite(*row.metric.value);
}
bool rankable(const RankedRow& row) {
  return row.status == "complete" && has_number(row);
}

/// Larger is better, whatever the metric.
double merit(const Board& board, double value) {
  return board.lower_is_better ? -value : value;
}

bool better(const Board& board, const RankedRow& a, const RankedRow& b) {
  if (rankable(a) != rankable(b)) return rankable(a);
  if (has_number(a) != has_number(b)) return has_number(a);
  if (has_number(a) && *a.metric.value != *b.metric.value) return merit(board, *a.metric.value) > merit(board, *b.metric.value);
  return false;
}

/// Of two runs of one model: whether the first one stands for it.
bool preferred(const Board& board, const RankedRow& a, const RankedRow& b) {
  if (rankable(a) != rankable(b)) return rankable(a);
  if (has_number(a) != has_number(b)) return has_number(a);
  const auto x = coverage(a.deviates, a.counts), y = coverage(b.deviates, b.counts);
  if (x != y) return x > y;
  if (better(board, a, b) || better(board, b, a)) return better(board, a, b);
  return a.created > b.created;
}

/// Keeps one row a model; the order of first appearance stays.
void choose(Board& board, RunChoice choice) {
  if (choice == RunChoice::all) return;
  std::vector<RankedRow> kept;
  for (RankedRow& row : board.rows) {
    auto same = std::find_if(kept.begin(), kept.end(), [&](const RankedRow& other) { return other.model == row.model; });
    if (same == kept.end()) {
      kept.push_back(std::move(row));
      continue;
    }
    bool takes = choice == RunChoice::newest ? row.created > same->created : preferred(board, row, *same);
    if (takes) *same = std::move(row);
  }
  board.rows = std::move(kept);
}

struct Span {
  double low, high;
};
/// A row's interval as merits; without one, its value alone.
Span merits(const Board& board, const RankedRow& row) {
  double value = merit(board, *row.metric.value);
  if (!row.metric.ci_low || !row.metric.ci_high) return {value, value};
  double a = merit(board, *row.metric.ci_low), b = merit(board, *row.metric.ci_high);
  return {std::min(a, b), std::max(a, b)};
}

void assign_ranks(Board& board) {
  std::stable_sort(board.rows.begin(), board.rows.end(), [&](const RankedRow& a, const RankedRow& b) {
    if (better(board, a, b) || better(board, b, a)) return better(board, a, b);
    return a.model < b.model;
  });
  std::size_t count = board.ranked();
  for (std::size_t i = 0; i < count; ++i) {
    RankedRow& row = board.rows[i];
    bool tied = i > 0 && *board.rows[i - 1].metric.value == *row.metric.value;
    row.rank = tied ? *board.rows[i - 1].rank : i + 1;
    if (!row.metric.ci_low || !row.metric.ci_high) continue;
    Span mine = merits(board, row);
    std::size_t above = 0, below = 0;
    for (std::size_t j = 0; j < count; ++j) {
      if (i == j) continue;
      Span other = merits(board, board.rows[j]);
      above += other.low > mine.high;
      below += other.high < mine.low;
    }
    row.rank_best = 1 + above;
    row.rank_worst = count - below;
  }
}

}  // namespace

std::size_t Board::ranked() const {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), rankable));
}

std::pair<bool, std::size_t> coverage(const std::vector<std::string>& deviates, const Counts& counts) {
  const bool whole = std::find(deviates.begin(), deviates.end(), "a part of the samples only") == deviates.end();
  return {whole, whole ? 0 : counts.total()};
}

std::string standing(const Board& board) {
  if (board.official) return "official";
  if (board.edition == "official") return "official data, other settings";
  return board.edition.empty() ? "unnamed data" : board.edition + " data";
}

std::string judges_text(const Board& board) {
  std::string out;
  for (const auto& [role, label] : board.judges) out += (out.empty() ? "" : "; ") + role + "=" + label;
  return out;
}

std::string rank_text(const RankedRow& row) {
  if (!row.rank) return "-";
  std::string out = std::to_string(*row.rank);
  if (row.rank_best && row.rank_worst && (*row.rank_best != *row.rank || *row.rank_worst != *row.rank))
    out += " (" + std::to_string(*row.rank_best) + "-" + std::to_string(*row.rank_worst) + ")";
  return out;
}

Leaderboard rank(std::span<const Report> reports, const RankOptions& options) {
  Leaderboard out;
  for (const Report& report : reports) {
    if (!wanted(report, options)) continue;
    Board key;
    key.benchmark = report.benchmark;
    key.edition = report.edition;
    key.official = report.edition == "official" && report.deviates.empty();
    for (const auto& [role, label] : report.roles)
      if (role != "model") key.judges[role] = label;
    const Metric* metric = options.metric.empty() ? headline(report) : report.total.metric(options.metric);
    RankedRow row;
    if (metric) {
      row.metric = *metric;
    } else {
      row.metric.name = options.metric;
      row.metric.why_null = "the report has no such metric";
    }
    key.metric = row.metric.name;
    row.model = model_label(report);
    row.run = report.run;
    row.created = report.created;
    row.status = report.status;
    row.reason = report.reason;
    row.counts = report.total.counts;
    row.deviates = report.deviates;
    row.usd = report.usage.usd;
    auto same = std::find_if(out.boards.begin(), out.boards.end(), [&](const Board& board) {
      return board.benchmark == key.benchmark && board.edition == key.edition && board.official == key.official &&
             board.judges == key.judges && board.metric == key.metric;
    });
    if (same == out.boards.end()) same = out.boards.insert(out.boards.end(), std::move(key));
    same->rows.push_back(std::move(row));
  }
  for (Board& board : out.boards) {
    std::vector<const Metric*> metrics;
    metrics.reserve(board.rows.size());
    for (const RankedRow& row : board.rows) metrics.push_back(&row.metric);
    board.lower_is_better = lower_is_better(metrics);
    choose(board, options.runs);
    assign_ranks(board);
  }
  std::vector<std::string> order;
  for (const Board& board : out.boards)
    if (std::find(order.begin(), order.end(), board.benchmark) == order.end()) order.push_back(board.benchmark);
  auto place = [&](const Board& board) { return std::find(order.begin(), order.end(), board.benchmark) - order.begin(); };
  std::stable_sort(out.boards.begin(), out.boards.end(), [&](const Board& a, const Board& b) {
    return place(a) != place(b) ? place(a) < place(b) : a.official && !b.official;
  });
  return out;
}

}  // namespace assay
