#include "leaderboard/ranking_text.h"

#include <algorithm>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "run/chart.h"
#include "run/display.h"

namespace assay {
namespace {

constexpr std::size_t kBesideBar = 72;  // columns that everything but the bar likes to have

Scale scale_of(const Board& board) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const RankedRow& row : board.rows) {
    for (const auto& value : {row.metric.value, row.metric.ci_low, row.metric.ci_high}) {
      if (!value || !std::isfinite(*value)) continue;
      low = std::min(low, *value);
      high = std::max(high, *value);
    }
  }
  return low > high ? nice_scale(0, 1) : nice_scale(low, high, 5);
}

std::string scale_title(const Scale& scale, std::size_t width) {
  std::string low = fixed(scale.low, scale.decimals), high = fixed(scale.high, scale.decimals);
  if (low.size() + high.size() + 1 > width) return "";
  return low + std::string(width - low.size() - high.size(), ' ') + high;
}

void board_text(const Board& board, const TextStyle& style, std::string& out) {
  std::string title = visible_line(board.benchmark) + (style.utf8 ? "  \u00B7  " : "  |  ") + visible_line(standing(board));
  for (const auto& [role, label] : board.judges)
    title += (style.utf8 ? "  \u00B7  " : "  |  ") + visible_line(role) + " " + visible_line(label);
  out += ink(fit(title, std::min(display_width(title), style.width), false, style), Ink::bold, style) + "\n\n";

  std::size_t bar = style.width >= kBesideBar + 12 ? std::min<std::size_t>(style.width - kBesideBar, 36) : 0;
  Scale scale = scale_of(board);
  std::string metric = board.metric.empty() ? "score" : visible_line(board.metric);
  std::vector<TextColumn> columns{{"rank"}, {"model", false, true, 12}, {metric, true}, {"95 % interval", true}};
  if (bar) columns.push_back({scale_title(scale, bar)});
  columns.push_back({"scored", true});
  TextTable table(std::move(columns));
  bool unranked = false;
  for (const RankedRow& row : board.rows) {
    if (!row.rank && !unranked && board.ranked() > 0) table.rule();
    unranked = unranked || !row.rank;
    Ink colour = row.rank ? (*row.rank == 1 ? Ink::bold : Ink::plain) : Ink::dim;
    std::vector<TextCell> cells{{rank_text(row), colour},
                                {(row.deviates.empty() ? "" : "* ") + visible_line(row.model), colour},
                                {display_value(row.metric), colour},
                                {display_interval(row.metric), row.rank ? Ink::plain : Ink::dim}};
    if (bar)
      cells.push_back({row.metric.value ? interval_bar(*row.metric.value, row.metric.ci_low, row.metric.ci_high, scale.low,
                                                       scale.high, bar, style)
                                        : "",
                       row.rank ? Ink::cyan : Ink::dim});
    cells.push_back({display_count(row.counts.scored) + "/" + display_count(row.counts.total()), Ink::dim});
    table.row(std::move(cells));
  }
  out += table.render(style);

  std::string notes;
  for (const RankedRow& row : board.rows) {
    std::string label = visible_line(row.model);
    if (!row.rank) {
      std::string why = row.status != "complete"      ? row.status + (row.reason.empty() ? "" : ": " + visible_line(row.reason))
                        : row.metric.why_null.empty() ? "no number"
                                                      : visible_line(row.metric.why_null);
      notes += plain_punctuation("  - " + label + " is not ranked (" + why + ")", style) + "\n";
    }
    if (!row.deviates.empty()) {
      std::string all;
      for (const std::string& deviation : row.deviates) all += (all.empty() ? "" : "; ") + visible_line(deviation);
      notes += plain_punctuation("  * " + label + ": " + all, style) + "\n";
    }
  }
  auto open = std::ranges::find_if(board.rows, [](const RankedRow& row) { return row.rank && row.rank_best && *row.rank_best != *row.rank_worst; });
  if (open != board.rows.end())
    notes += "  (" + std::to_string(*open->rank_best) + "-" + std::to_string(*open->rank_worst) + "): the ranks that the 95 % intervals leave open\n";
  if (board.lower_is_better) notes += "  lower is better\n";
  if (!notes.empty()) out += "\n" + ink(notes.substr(0, notes.size() - 1), Ink::dim, style) + "\n";
}

}  // namespace

std::string ranking_text(const Leaderboard& leaderboard, const TextStyle& style) {
  if (leaderboard.boards.empty()) return "No runs to rank yet.\n";
  std::string out;
  for (const Board& board : leaderboard.boards) {
    if (!out.empty()) out += "\n";
    board_text(board, style, out);
  }
  return out;
}

}  // namespace assay
