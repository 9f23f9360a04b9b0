// The page of boards with several columns: the table, score against cost, and the line that ratings are estimated from.
#include <cmath>

#include "base/number.h"
#include "leaderboard/wide_board_formats.h"
#include "run/chart.h"
#include "run/display.h"
#include "run/html.h"
#include "run/html_page.h"

namespace assay {
namespace {

std::string figure(std::string_view title, std::string_view says, const std::string& chart) {
  if (chart.empty()) return "";
  return "<figure><figcaption><b>" + html_line(title, 120) + "</b>" + html_line(says, 300) + "</figcaption>" + chart + "</figure>";
}

std::string table(const WideBoard& board) {
  const BoardLayout& layout = board.layout;
  const bool rating = board.rating_line.has_value();
  bool money = false, difference = false;
  for (const WideRow& row : board.rows) {
    money = money || row.usd || row.seconds;
    difference = difference || row.differences[layout.sort_by];
  }
  std::string out = "<div class=\"scroll\"><table class=\"data wide-board\"><thead><tr><th scope=\"col\">Model</th>";
  auto head = [&](std::string_view text, std::string_view note = "") { out += "<th scope=\"col\" class=\"number\">" + html_line(text, 60) + std::string(note) + "</th>"; };
  for (const BoardColumn& column : layout.columns) head(column.title, direction_note(column.lower_is_better));
  if (rating) head("Estimated Elo (\u00B1 95 %)");
  if (difference) head("To published");
  if (money) head("Cost"), head("Time");
  out += "</tr></thead><tbody>";
  for (const WideRow& row : board.rows) {
    out += "<tr><th scope=\"row\"><bdi>" + html_line(row.model, 80) + "</bdi>" + (row.published ? "" : " <span class=\"tag good\">your run</span>") + (row.front ? " <span class=\"tag\">front</span>" : "");
    if (!row.notes.empty()) {
      std::string all;
      for (const std::string& note : row.notes) all += (all.empty() ? "" : "; ") + note;
      out += "<p class=\"note\">" + html_line(all, 400) + "</p>";
    }
    out += "</th>";
    for (std::size_t c = 0; c < layout.columns.size(); ++c)
      out += std::string("<td class=\"number") + (c == layout.sort_by ? " value" : "") + "\">" + html_line(cell_text(board, row, c), 60) + "</td>";
    if (rating) {
      out += "<td class=\"number soft\">";
      if (row.rating) out += fixed(row.rating->value, 0) + (row.rating->low ? " \u00B1" + fixed(*row.rating->high - row.rating->value, 0) : "");
      out += "</td>";
    }
    if (difference) out += "<td class=\"number soft\">" + difference_text(board, row) + "</td>";
    if (money) out += "<td class=\"number soft\">" + (row.usd ? display_money(row.usd) : "") + "</td><td class=\"number soft\">" + (row.seconds ? display_duration(*row.seconds) : "") + "</td>";
    out += "</tr>";
  }
  return out + "</tbody></table></div>";
}

std::string cost_chart(const WideBoard& board, const std::string& id) {
  std::vector<ScatterPoint> points;
  const BoardColumn& column = board.layout.columns[board.layout.sort_by];
  const std::string& score = column.title;
  for (const WideRow& row : board.rows)
    if (!row.published && row.usd && row.values[board.layout.sort_by])
      points.push_back({*row.usd, *row.values[board.layout.sort_by], row.model + ": " + display_money(row.usd) + ", " + score + " " + display_number(row.values[board.layout.sort_by]), row.front ? "strong" : "", row.model});
  if (points.size() < 2) return "";
  ScatterOptions options;
  options.x = AxisKind::symlog;
  const std::string says = "Runs that no other run beats in both, over what both ran, are highlighted.";
  return figure("Score and cost", says, scatter(points, {id + "-cost", "Score and cost", "USD", score + std::string(direction_note(column.lower_is_better)), says}, options));
}

std::string rating_chart(const WideBoard& board, const std::string& id) {
  const BoardLayout& layout = board.layout;
  if (!board.rating_line) return "";
  std::vector<ScatterPoint> points;
  for (const bool published : {false, true})
    for (const WideRow& row : board.rows) {
      if (row.published != published || !row.values[layout.sort_by]) continue;
      const auto& known = row.values[layout.rating];
      if (!known && (row.published || !row.rating)) continue;
      ScatterPoint point{known ? *known : row.rating->value, *row.values[layout.sort_by], "", published ? "" : "strong", row.model};
      point.label = row.model + ": " + (known ? "" : "estimated ") + layout.columns[layout.rating].title + " " + fixed(point.x, 0) + ", " + layout.columns[layout.sort_by].title + " " + display_number(point.y);
      if (!known) point.x_low = row.rating->low, point.x_high = row.rating->high;
      points.push_back(std::move(point));
    }
  ScatterOptions options;
  options.line = ChartLine{board.rating_line->slope, board.rating_line->intercept, "least squares over " + std::to_string(board.rating_line->n) + " published rows"};
  const std::string says = "The line, through " + std::to_string(board.rating_line->n) + " published rows, estimates what has no rating; bars are 95 % intervals.";
  return figure("Score and rating", says,
                scatter(points, {id + "-rating", "Score and rating", layout.columns[layout.rating].title, layout.columns[layout.sort_by].title, says}, options));
}

}  // namespace

std::string wide_boards_page(std::span<const WideBoard> boards, std::string_view version) {
  std::string out = html_page_head("Leaderboard", "leaderboard", version) + "<section class=\"hero many\"><h1>Leaderboard</h1></section>";
  if (boards.empty()) out += "<section class=\"run\"><h2>No runs of these benchmarks yet</h2></section>";
  std::size_t number = 0;
  for (const WideBoard& board : boards) {
    const std::string id = "board-" + std::to_string(++number);
    out += "<section class=\"run\"><h2>" + html_line(board_title(board), 160) + "</h2>" + table(board);
    const std::string charts = cost_chart(board, id) + rating_chart(board, id);
    if (!charts.empty()) out += "<div class=\"plots\">" + charts + "</div>";
    out += "</section>";
  }
  return out + html_page_end(version);
}

}  // namespace assay
