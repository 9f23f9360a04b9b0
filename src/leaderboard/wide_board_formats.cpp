#include "leaderboard/wide_board_formats.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "dataset/csv.h"
#include "run/display.h"

namespace assay {
namespace {

bool has_rating(const WideBoard& board) { return board.rating_line.has_value(); }
bool has_money(const WideBoard& board) {
  return std::any_of(board.rows.begin(), board.rows.end(), [](const WideRow& row) { return row.usd || row.seconds; });
}
bool has_difference(const WideBoard& board) {
  return std::any_of(board.rows.begin(), board.rows.end(), [&](const WideRow& row) { return row.differences[board.layout.sort_by].has_value(); });
}
std::string rating_text(const WideRow& row) {
  if (!row.rating) return "";
  std::string out = fixed(row.rating->value, 0);
  if (row.rating->low) out += " \u00B1" + fixed(*row.rating->high - row.rating->value, 0);
  return out;
}
std::string money(const WideRow& row) { return row.usd ? display_money(row.usd) + (row.front ? " *" : "") : ""; }

std::vector<std::string> lower_is_better(const BoardLayout& layout) {
  std::vector<std::string> out;
  for (const BoardColumn& column : layout.columns)
    if (column.lower_is_better) out.push_back(column.title);
  return out;
}

/// The titles of all columns after the model, and each row's cells for them.
std::vector<std::string> heads(const WideBoard& board) {
  std::vector<std::string> out;
  out.reserve(board.layout.columns.size() + 4);
  for (const BoardColumn& column : board.layout.columns) out.push_back(column.title + std::string(direction_note(column.lower_is_better)));
  if (has_rating(board)) out.emplace_back("estimated Elo (\u00B1 95 %)");
  if (has_difference(board)) out.emplace_back("to published");
  if (has_money(board)) out.insert(out.end(), {"cost", "time"});
  return out;
}
std::vector<std::string> cells(const WideBoard& board, const WideRow& row) {
  std::vector<std::string> out;
  out.reserve(board.layout.columns.size() + 4);
  for (std::size_t c = 0; c < board.layout.columns.size(); ++c) out.push_back(cell_text(board, row, c));
  if (has_rating(board)) out.push_back(rating_text(row));
  if (has_difference(board)) out.push_back(difference_text(board, row));
  if (has_money(board)) {
    out.push_back(money(row));
    out.push_back(row.seconds ? display_duration(*row.seconds) : "");
  }
  return out;
}

std::string markdown(std::string_view text) {
  std::string out;
  for (char c : visible_line(text)) {
    if (std::string_view("\\`*_[]|~").find(c) != std::string_view::npos) out += '\\';
    if (c == '<') out += "&lt;";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

/// Heads that do not fit are numbers, and the legend says what they stand for: cut ones look alike.
std::pair<std::string, std::string> table_and_legend(std::vector<TextColumn> columns, const std::vector<std::vector<TextCell>>& lines, const TextStyle& style) {
  auto drawn = [&] {
    TextTable table(columns);
    for (const auto& line : lines) table.row(line);
    return table.render(style);
  };
  const std::string table = drawn(), head = table.substr(0, table.find('\n'));
  const bool fits = std::all_of(columns.begin() + 1, columns.end(), [&](const TextColumn& one) { return !one.shrinks || contains(head, one.title); });
  if (fits) return {table, ""};
  std::string legend;
  for (std::size_t c = 1; c < columns.size(); ++c) {
    if (!columns[c].shrinks) continue;
    const std::string sign = "[" + std::to_string(c) + "]";
    legend += "  " + sign + ": " + columns[c].title + "\n";
    columns[c].title = sign;
  }
  return {drawn(), legend};
}

}  // namespace

std::string cell_text(const WideBoard& board, const WideRow& row, std::size_t column) {
  const auto& value = row.values[column];
  if (!value) return "-";
  if (const auto decimals = board.layout.columns[column].decimals) return fixed(*value, *decimals);
  return row.published ? display_number(value) : row.shown[column];
}

std::string difference_text(const WideBoard& board, const WideRow& row) {
  const std::size_t by = board.layout.sort_by;
  const auto& difference = row.differences[by];
  if (!difference) return "";
  const int decimals = board.layout.columns[by].decimals.value_or(std::abs(*row.values[by]) <= 1 ? 4 : 2);
  return (*difference >= 0 ? "+" : "") + fixed(*difference, decimals);
}

std::string board_title(const WideBoard& board) {
  std::string out = board.title;
  if (!board.version.empty()) out += ", " + board.version;
  if (!board.edition.empty() && !board.official) out += board.edition == "official" ? ", official data, other settings" : ", " + board.edition + " data";
  for (const auto& [role, label] : board.judges) out += ", " + role + " " + label;
  return out;
}

std::string wide_boards_text(std::span<const WideBoard> boards, const TextStyle& style) {
  if (boards.empty()) return "No runs of these benchmarks to rank yet.\n";
  std::string out;
  for (const WideBoard& board : boards) {
    if (!out.empty()) out += "\n";
    const std::string title = visible_line(board_title(board));
    out += ink(fit(title, std::min(display_width(title), style.width), false, style), Ink::bold, style) + "\n\n";
    std::vector<TextColumn> columns{{"model", false, true, 18}};
    const std::vector<std::string> titles = heads(board);
    for (std::size_t c = 0; c < titles.size(); ++c) {
      const bool own = c < board.layout.columns.size();
      const std::string brief = own ? board.layout.columns[c].brief : titles[c].starts_with("estimated") ? "est. Elo" : titles[c];
      columns.push_back({visible_line(!brief.empty() ? brief : own ? board.layout.columns[c].title : titles[c]), true, own && brief.empty(), 6});
    }
    std::vector<std::vector<TextCell>> lines;
    std::string notes;
    bool published = false, front = false;
    for (const WideRow& row : board.rows) {
      const Ink colour = row.published ? Ink::dim : Ink::plain;
      std::vector<TextCell> line{{(row.published ? "" : "> ") + visible_line(row.model), row.published ? Ink::dim : Ink::bold}};
      for (const std::string& text : cells(board, row)) line.push_back({plain_punctuation(text, style), colour});
      lines.push_back(std::move(line));
      published = published || row.published;
      front = front || row.front;
      if (!row.notes.empty()) notes += plain_punctuation("  " + visible_line(row.model) + ": " + visible_line(join(row.notes, "; ")), style) + "\n";
    }
    const auto [table, legend] = table_and_legend(std::move(columns), lines, style);
    notes = legend + notes;
    out += table;
    if (published) notes += "  > runs of yours; the other rows are the published table's\n";
    if (front) notes += "  *: no other run is both better and cheaper, over what both ran\n";
    if (const auto lower = lower_is_better(board.layout); !lower.empty()) notes += "  lower is better: " + visible_line(join(lower, ", ")) + "\n";
    if (!notes.empty()) out += "\n" + ink(notes.substr(0, notes.size() - 1), Ink::dim, style) + "\n";
  }
  return out;
}

std::string wide_boards_csv(std::span<const WideBoard> boards) {
  auto number = [](const std::optional<double>& value) { return value && std::isfinite(*value) ? python_repr(*value) : std::string(); };
  std::string out;
  if (boards.empty()) return out;
  CsvRow head{"version", "edition", "official", "roles", "model", "published"};
  std::vector<std::string> titles;  // of all boards: one head holds for all lines
  for (const WideBoard& board : boards)
    for (const BoardColumn& column : board.layout.columns)
      if (std::find(titles.begin(), titles.end(), column.title) == titles.end()) titles.push_back(column.title);
  head.insert(head.end(), titles.begin(), titles.end());
  head.insert(head.end(), {"estimated_elo", "estimated_elo_low", "estimated_elo_high", "difference_to_published", "usd", "seconds", "front", "notes", "lower_is_better"});
  out += write_csv_row(head, {}, "\n");
  for (const WideBoard& board : boards) {
    std::string judges;
    for (const auto& [role, label] : board.judges) judges += (judges.empty() ? "" : "; ") + role + "=" + label;
    for (const WideRow& row : board.rows) {
      CsvRow line{board.version, board.edition, board.official ? "true" : "false", judges, row.model, row.published ? "true" : "false"};
      for (const std::string& title : titles) {
        const auto& columns = board.layout.columns;
        const auto column = std::find_if(columns.begin(), columns.end(), [&](const BoardColumn& one) { return one.title == title; });
        line.push_back(column == columns.end() ? "" : number(row.values[static_cast<std::size_t>(column - columns.begin())]));
      }
      line.push_back(row.rating ? number(row.rating->value) : "");
      line.push_back(row.rating ? number(row.rating->low) : "");
      line.push_back(row.rating ? number(row.rating->high) : "");
      line.push_back(number(row.differences[board.layout.sort_by]));
      line.push_back(number(row.usd));
      line.push_back(number(row.seconds));
      line.emplace_back(row.front ? "true" : "false");
      line.push_back(join(row.notes, "; "));
      line.push_back(join(lower_is_better(board.layout), "; "));
      out += write_csv_row(line, {}, "\n");
    }
  }
  return out;
}

json::object wide_boards_json(std::span<const WideBoard> boards) {
  auto number = [](const std::optional<double>& value) -> json::value {
    if (!value || !std::isfinite(*value)) return nullptr;
    return *value;
  };
  json::object out;
  json::array& list = out["wide_boards"].emplace_array();
  for (const WideBoard& board : boards) {
    json::object b;
    b["layout"] = board.layout.name;
    b["title"] = board.title;
    b["version"] = board.version;
    b["edition"] = board.edition;
    b["official"] = board.official;
    json::object& judges = b["roles"].emplace_object();
    for (const auto& [role, label] : board.judges) judges[role] = label;
    json::array& columns = b["columns"].emplace_array();
    for (const BoardColumn& column : board.layout.columns) columns.push_back(json::string(column.title));
    json::array& lower = b["lower_is_better"].emplace_array();
    for (const std::string& title : lower_is_better(board.layout)) lower.push_back(json::string(title));
    b["sorted_by"] = board.layout.columns[board.layout.sort_by].title;
    b["rating_line"] = nullptr;
    if (board.rating_line)
      b["rating_line"] = json::object{{"slope", board.rating_line->slope}, {"intercept", board.rating_line->intercept}, {"rmse", board.rating_line->rmse}, {"models", board.rating_line->n}};
    json::array& rows = b["rows"].emplace_array();
    for (const WideRow& row : board.rows) {
      json::object r;
      r["model"] = row.model;
      r["published"] = row.published;
      json::object values, differences;
      for (std::size_t c = 0; c < row.values.size(); ++c) {
        values[board.layout.columns[c].title] = number(row.values[c]);
        if (row.differences[c]) differences[board.layout.columns[c].title] = number(row.differences[c]);
      }
      r["values"] = std::move(values);
      r["differences"] = std::move(differences);
      r["estimated_elo"] = nullptr;
      if (row.rating) {
        json::object& rating = r["estimated_elo"].emplace_object();
        rating["value"] = number(row.rating->value);
        rating["interval95"] = nullptr;
        if (row.rating->low) rating["interval95"] = json::array{number(row.rating->low), number(row.rating->high)};
      }
      r["usd"] = number(row.usd);
      r["seconds"] = number(row.seconds);
      r["front"] = row.front;
      json::array& notes = r["notes"].emplace_array();
      for (const std::string& note : row.notes) notes.push_back(json::string(note));
      rows.push_back(std::move(r));
    }
    list.push_back(std::move(b));
  }
  return out;
}

std::string wide_boards_markdown(std::span<const WideBoard> boards) {
  std::string out;
  for (const WideBoard& board : boards) {
    if (!out.empty()) out += "\n";
    out += "### " + markdown(board_title(board)) + "\n\n| Model |";
    std::string rule = "|:---|";
    for (const std::string& head : heads(board)) {
      out += " " + markdown(head) + " |";
      rule += "---:|";
    }
    out += "\n" + rule + "\n";
    for (const WideRow& row : board.rows) {
      out += "| " + (row.published ? markdown(row.model) : "**" + markdown(row.model) + "**") + " |";
      for (const std::string& text : cells(board, row)) out += " " + markdown(text) + " |";
      out += "\n";
    }
  }
  return out;
}

}  // namespace assay
