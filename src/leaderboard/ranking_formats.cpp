#include "leaderboard/ranking_formats.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "dataset/csv.h"
#include "run/chart.h"
#include "run/display.h"
#include "run/html.h"
#include "run/html_page.h"

namespace assay {
namespace {

json::value number_or_null(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}
json::value count_or_null(const std::optional<std::size_t>& value) {
  if (!value) return nullptr;
  return *value;
}

std::string csv_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? python_repr(*value) : "";
}
std::string csv_count(const std::optional<std::size_t>& value) {
  return value ? std::to_string(*value) : "";
}

std::string why_unranked(const RankedRow& row) {
  if (row.rank) return "";
  if (row.status != "complete") return row.status + (row.reason.empty() ? "" : ": " + row.reason);
  return row.metric.why_null.empty() ? "no number" : row.metric.why_null;
}

std::string notes(const RankedRow& row) {
  std::string out = why_unranked(row);
  if (!row.deviates.empty()) out += (out.empty() ? "" : "; ") + std::string("deviates: ") + join(row.deviates, "; ");
  return out;
}

/// Markdown has no quoting: signs that would start a mark are escaped.
std::string markdown(std::string_view text) {
  std::string out;
  for (char c : visible_line(text)) {
    if (std::string_view("\\`*_[]|~").find(c) != std::string_view::npos) out += '\\';
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

std::string title_of(const Board& board) {
  std::string out = board.benchmark + ", " + standing(board);
  if (!board.judges.empty()) out += ", " + judges_text(board);
  return out;
}

}  // namespace

json::object ranking_json(const Leaderboard& leaderboard) {
  json::object out;
  json::array& boards = out["boards"].emplace_array();
  for (const Board& board : leaderboard.boards) {
    json::object b;
    b["benchmark"] = board.benchmark;
    b["edition"] = board.edition;
    b["official"] = board.official;
    json::object& judges = b["roles"].emplace_object();
    for (const auto& [role, label] : board.judges) judges[role] = label;
    b["metric"] = board.metric;
    b["lower_is_better"] = board.lower_is_better;
    json::array& rows = b["rows"].emplace_array();
    for (const RankedRow& row : board.rows) {
      json::object r;
      r["rank"] = count_or_null(row.rank);
      r["rank_interval"] = nullptr;
      if (row.rank_best && row.rank_worst) r["rank_interval"] = json::array{*row.rank_best, *row.rank_worst};
      r["model"] = row.model;
      r["value"] = number_or_null(row.metric.value);
      if (row.metric.raw) r["raw"] = number_or_null(row.metric.raw);
      r["stderr"] = number_or_null(row.metric.stderr_);
      r["ci95"] = nullptr;
      if (row.metric.ci_low && row.metric.ci_high)
        r["ci95"] = json::array{number_or_null(row.metric.ci_low), number_or_null(row.metric.ci_high)};
      r["n"] = count_or_null(row.metric.n);
      json::object& counts = r["counts"].emplace_object();
      counts["scored"] = row.counts.scored;
      counts["unparseable"] = row.counts.unparseable;
      counts["truncated"] = row.counts.truncated;
      counts["failed"] = row.counts.failed;
      counts["missing"] = row.counts.missing;
      r["status"] = row.status;
      if (!row.reason.empty()) r["reason"] = row.reason;
      json::array& deviates = r["deviates"].emplace_array();
      for (const std::string& deviation : row.deviates) deviates.push_back(json::string(deviation));
      r["usd"] = number_or_null(row.usd);
      r["run"] = row.run;
      r["created"] = row.created;
      rows.push_back(std::move(r));
    }
    boards.push_back(std::move(b));
  }
  return out;
}

std::string ranking_csv(const Leaderboard& leaderboard) {
  auto line = [](const CsvRow& row) { return write_csv_row(row, {}, "\n"); };
  std::string out =
      line({"benchmark", "edition", "official", "roles",  "rank",     "rank_best", "rank_worst", "model",       "metric",
            "value",     "raw",     "stderr",   "ci_low", "ci_high",  "n",         "scored",     "unparseable", "truncated",
            "failed",    "missing", "status",   "reason", "deviates", "usd",       "run",        "created",     "lower_is_better"});
  for (const Board& board : leaderboard.boards) {
    for (const RankedRow& row : board.rows) {
      out += line({board.benchmark,
                   board.edition,
                   board.official ? "true" : "false",
                   judges_text(board),
                   csv_count(row.rank),
                   csv_count(row.rank_best),
                   csv_count(row.rank_worst),
                   row.model,
                   board.metric,
                   csv_number(row.metric.value),
                   csv_number(row.metric.raw),
                   csv_number(row.metric.stderr_),
                   csv_number(row.metric.ci_low),
                   csv_number(row.metric.ci_high),
                   csv_count(row.metric.n),
                   std::to_string(row.counts.scored),
                   std::to_string(row.counts.unparseable),
                   std::to_string(row.counts.truncated),
                   std::to_string(row.counts.failed),
                   std::to_string(row.counts.missing),
                   row.status,
                   row.reason,
                   join(row.deviates, "; "),
                   csv_number(row.usd),
                   row.run,
                   row.created,
                   board.lower_is_better ? "true" : "false"});
    }
  }
  return out;
}

std::string ranking_markdown(const Leaderboard& leaderboard) {
  std::string out;
  for (const Board& board : leaderboard.boards) {
    if (!out.empty()) out += "\n";
    out += "### " + markdown(title_of(board)) + "\n\n| Rank | Model | " +
           markdown(board.metric.empty() ? "score" : board.metric) + std::string(direction_note(board.lower_is_better)) +
           " | 95 % interval | Scored | Notes |\n|---:|:---|---:|:---:|---:|:---|\n";
    for (const RankedRow& row : board.rows)
      out += "| " + rank_text(row) + " | " + markdown(row.model) + " | " + display_value(row.metric) + " | " +
             display_interval(row.metric) + " | " + display_count(row.counts.scored) + " of " +
             display_count(row.counts.total()) + " | " + markdown(notes(row)) + " |\n";
  }
  return out;
}

std::string ranking_html(const Leaderboard& leaderboard) {
  std::string out;
  for (const Board& board : leaderboard.boards) {
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (const RankedRow& row : board.rows) {
      for (const auto& value : {row.metric.value, row.metric.ci_low, row.metric.ci_high}) {
        if (!value || !std::isfinite(*value)) continue;
        low = std::min(low, *value);
        high = std::max(high, *value);
      }
    }
    Scale scale = low > high ? nice_scale(0, 1) : nice_scale(low, high, 6);
    std::string metric = html_line(board.metric.empty() ? "score" : board.metric, 60);
    out += "<section class=\"run\"><h2>" + html_line(board.benchmark, 80) + " <span class=\"tag" +
           (board.official ? " good" : "") + "\">" + html_line(standing(board), 60) + "</span></h2>";
    if (!board.judges.empty()) out += "<p class=\"facts\">" + html_line(judges_text(board), 300) + "</p>";
    out +=
        "<table class=\"board\"><thead><tr><th scope=\"col\" class=\"number\">Rank</th><th scope=\"col\">Model</th><th "
        "scope=\"col\" "
        "class=\"plot\">" +
        metric + " with 95 % interval" + std::string(direction_note(board.lower_is_better)) + "</th><th scope=\"col\" class=\"number\">" + metric +
        "</th><th scope=\"col\" class=\"number\">Interval</th><th scope=\"col\" class=\"number\">Scored</th></tr></thead><tbody>";
    for (const RankedRow& row : board.rows) {
      std::string spoken = row.model + ": " + display_value(row.metric);
      if (!display_interval(row.metric).empty()) spoken += ", 95 % " + display_interval(row.metric);
      out += "<tr><td class=\"number rank\">" + rank_text(row) + "</td><th scope=\"row\"><bdi>" + html_line(row.model, 80) +
             "</bdi>";
      if (std::string note = notes(row); !note.empty()) out += "<p class=\"note\">" + html_line(note, 400) + "</p>";
      out += "</th><td class=\"plot\">" +
             interval_strip(scale, row.metric.value, row.metric.ci_low, row.metric.ci_high, spoken, row.rank ? "" : "weak") +
             "</td><td class=\"number value\">" + display_value(row.metric) + "</td><td class=\"number soft\">" +
             display_interval(row.metric) + "</td><td class=\"number soft\">" + display_count(row.counts.scored) + " of " +
             display_count(row.counts.total()) + "</td></tr>";
    }
    out += "</tbody><tfoot><tr><td></td><td></td><td class=\"plot\">" + axis_strip(scale) +
           "</td><td colspan=\"3\"></td></tr></tfoot></table></section>";
  }
  return out;
}

std::string ranking_page(const Leaderboard& leaderboard, std::string_view version) {
  std::string body = ranking_html(leaderboard);
  if (body.empty()) body = "<section class=\"run\"><h2>No runs yet</h2></section>";
  return html_page_head("Leaderboard", "leaderboard", version) + "<section class=\"hero many\"><h1>Leaderboard</h1></section>" + body + html_page_end(version);
}

}  // namespace assay
