#include "leaderboard/wide_board.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "leaderboard/ranking.h"
#include "run/display.h"

namespace assay {
namespace {

using Judges = std::map<std::string, std::string>;

struct Placed {
  const Report* report;
  const BoardColumn* column;
  WideBoard key;
};

bool same_standing(const WideBoard& a, const WideBoard& b) {
  return a.version == b.version && a.edition == b.edition && a.official == b.official;
}

/// What of one standing was judged, and by whom.
struct Judged {
  WideBoard standing;
  std::vector<Judges> judges;  // in order of appearance
  std::set<const BoardColumn*> columns;
};

std::vector<Judged> all_judged(const std::vector<Placed>& runs) {
  std::vector<Judged> out;
  for (const Placed& run : runs) {
    if (run.key.judges.empty()) continue;
    auto same = std::find_if(out.begin(), out.end(), [&](const Judged& one) { return same_standing(one.standing, run.key); });
    if (same == out.end()) same = out.insert(out.end(), {run.key, {}, {}});
    if (std::find(same->judges.begin(), same->judges.end(), run.key.judges) == same->judges.end()) same->judges.push_back(run.key.judges);
    same->columns.insert(run.column);
  }
  return out;
}

/// The judges of the boards that a run stands on. What needs no judge stands beside every judge's numbers; a run without a judge of what others had
/// judged is another measurement than theirs.
std::vector<Judges> boards_of(const Placed& run, const std::vector<Judged>& judged) {
  auto same = std::find_if(judged.begin(), judged.end(), [&](const Judged& one) { return same_standing(one.standing, run.key); });
  if (!run.key.judges.empty() || same == judged.end() || same->columns.contains(run.column)) return {run.key.judges};
  return same->judges;
}

struct Group {
  WideBoard board;
  // model -> family -> the run that counts
  std::vector<std::pair<std::string, std::map<std::string, const Report*>>> models;
};

bool better(const Report& a, const Report& b, const BoardColumn& column) {
  if ((a.status == "complete") != (b.status == "complete")) return a.status == "complete";
  const Metric *x = headline(a), *y = headline(b);
  if ((x && x->value) != (y && y->value)) return x && x->value;
  const auto more = coverage(a.deviates, a.total.counts), less = coverage(b.deviates, b.total.counts);
  if (more != less) return more > less;
  const double u = x && x->value ? column.merit(*x->value) : -HUGE_VAL, v = y && y->value ? column.merit(*y->value) : -HUGE_VAL;
  return u != v ? u > v : a.created > b.created;
}

void add_run(std::vector<Group>& groups, const Placed& placed, const Judges& judges) {
  auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& one) { return same_standing(one.board, placed.key) && one.board.judges == judges; });
  if (group == groups.end()) {
    group = groups.insert(groups.end(), {placed.key, {}});
    group->board.judges = judges;
  }
  const std::string model = model_label(*placed.report);
  auto row = std::find_if(group->models.begin(), group->models.end(), [&](const auto& one) { return one.first == model; });
  if (row == group->models.end()) row = group->models.insert(group->models.end(), {model, {}});
  const Report*& run = row->second[placed.column->benchmark];
  if (!run || better(*placed.report, *run, *placed.column)) run = placed.report;
}

const Part* part_at(const Report& report, const std::vector<std::string>& path) {
  const Part* part = &report.total;
  for (const std::string& name : path) {
    auto it = std::find_if(part->parts.begin(), part->parts.end(), [&](const Part& one) { return one.name == name; });
    if (it == part->parts.end()) return nullptr;
    part = &*it;
  }
  return part;
}

/// Null without a finite value.
const Metric* metric_of(const Report& report, const BoardColumn& column) {
  const Part* part = part_at(report, column.path);
  if (!part) return nullptr;
  const Metric* metric = column.metric.empty() ? part->metrics.empty() ? nullptr : &part->metrics.front() : part->metric(column.metric);
  return metric && metric->value && std::isfinite(*metric->value) ? metric : nullptr;
}

void add(std::optional<double>& sum, const std::optional<double>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

WideRow row_of(const std::string& model, const std::map<std::string, const Report*>& runs, const BoardLayout& layout) {
  WideRow row;
  row.model = model;
  for (const BoardColumn& column : layout.columns) {
    auto it = runs.find(column.benchmark);
    const Metric* metric = it == runs.end() ? nullptr : metric_of(*it->second, column);
    row.values.push_back(metric ? std::optional(*metric->value * column.scale) : std::nullopt);
    row.shown.push_back(metric ? display_value(*metric) : "");
  }
  bool priced = true;
  std::vector<std::pair<std::string, std::string>> said;  // departure -> families
  for (const auto& [family, run] : runs) {
    priced = priced && run->usage.usd;
    add(row.usd, run->usage.usd);
    if (run->usage.usd) row.prices[family] = *run->usage.usd;
    if (run->usage.seconds > 0) add(row.seconds, run->usage.seconds);
    if (run->status != "complete") row.notes.push_back(family + " " + run->status + (run->reason.empty() ? "" : ": " + run->reason));
    for (const std::string& deviation : run->deviates) {
      auto same = std::find_if(said.begin(), said.end(), [&](const auto& one) { return one.first == deviation; });
      if (same == said.end()) said.emplace_back(deviation, family);
      else same->second += ", " + family;
    }
  }
  for (const auto& [deviation, families] : said) row.notes.push_back(families + ": " + deviation);
  if (!priced) row.usd.reset();  // a part of the price is not the price
  return row;
}

/// The published table's column for each of the layout's.
std::vector<std::optional<std::size_t>> published_columns(const ScoreTable& table, const BoardLayout& layout) {
  std::vector<std::optional<std::size_t>> out(layout.columns.size());
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    for (std::size_t i = 0; i < table.columns.size() && !out[c]; ++i)
      if (lower(table.columns[i].name) == lower(layout.columns[c].title)) out[c] = i;
    if (!out[c] && c == layout.rating)
      for (std::size_t i = 0; i < table.columns.size() && !out[c]; ++i)
        if (lower(table.columns[i].name).find("elo") != std::string::npos) out[c] = i;
  }
  return out;
}

void join_published(WideBoard& board, const ScoreTable& table, const BoardLayout& layout) {
  const auto columns = published_columns(table, layout);
  auto published_row = [&](std::size_t model) {
    std::vector<std::optional<double>> values;
    values.reserve(columns.size());
    for (const auto& column : columns) values.push_back(column ? table.columns[*column].of(model) : std::nullopt);
    return values;
  };
  for (WideRow& row : board.rows) {
    row.differences.resize(layout.columns.size());
    const auto model = table.model(row.model);
    if (!model) continue;
    const auto values = published_row(*model);
    for (std::size_t c = 0; c < values.size(); ++c) {
      if (layout.columns[c].benchmark.empty()) row.values[c] = values[c];
      else if (row.values[c] && values[c]) row.differences[c] = *row.values[c] - *values[c];
    }
  }
  for (std::size_t m = 0; m < table.models.size(); ++m) {
    WideRow row;
    row.model = table.models[m];
    row.published = true;
    row.values = published_row(m);
    row.differences.resize(layout.columns.size());
    const bool scored = std::any_of(columns.begin(), columns.end(), [&, c = std::size_t{0}](const auto& column) mutable {
      const bool measured = !layout.columns[c].benchmark.empty() && row.values[c];
      ++c;
      return column && measured;
    });
    if (scored) board.rows.push_back(std::move(row));
  }
}

void estimate_ratings(WideBoard& board, const BoardLayout& layout) {
  if (layout.rating >= layout.columns.size()) return;
  std::vector<double> rating, score;
  for (const WideRow& row : board.rows)
    if (row.published && row.values[layout.rating] && row.values[layout.sort_by]) {
      rating.push_back(*row.values[layout.rating]);
      score.push_back(*row.values[layout.sort_by]);
    }
  if (rating.size() < 5) return;
  board.rating_line = least_squares(rating, score);
  if (!board.rating_line) return;
  for (WideRow& row : board.rows)
    if (!row.values[layout.rating] && row.values[layout.sort_by]) row.rating = predict_x(*board.rating_line, *row.values[layout.sort_by]);
}

/// A row's price of what another one ran, too: who ran less did not work cheaper.
double shared_price(const WideRow& of, const WideRow& with) {
  double sum = 0;
  for (const auto& [family, usd] : of.prices)
    if (with.prices.contains(family)) sum += usd;
  return sum;
}

/// Gaps in a whole column say of every model that it was not measured, though the column is another board's.
void drop_empty_columns(Group& group) {
  WideBoard& board = group.board;
  for (std::size_t c = board.layout.columns.size(); c-- > 0;) {
    const auto place = static_cast<std::ptrdiff_t>(c);
    const bool run = std::any_of(group.models.begin(), group.models.end(), [&](const auto& model) { return model.second.contains(board.layout.columns[c].benchmark); });
    if (run || std::any_of(board.rows.begin(), board.rows.end(), [&](const WideRow& row) { return row.values[c].has_value(); })) continue;
    board.layout.columns.erase(board.layout.columns.begin() + place);
    for (WideRow& row : board.rows) {
      row.values.erase(row.values.begin() + place);
      if (!row.published) row.shown.erase(row.shown.begin() + place);
      row.differences.erase(row.differences.begin() + place);
    }
  }
  board.layout.sort_by = 0;
  board.layout.rating = board.layout.columns.size();
}

void find_front(WideBoard& board, std::size_t by) {
  const BoardColumn& column = board.layout.columns[by];
  for (WideRow& row : board.rows) {
    if (row.published || !row.usd || !row.values[by]) continue;
    row.front = std::none_of(board.rows.begin(), board.rows.end(), [&](const WideRow& other) {
      if (other.published || !other.usd || !other.values[by]) return false;
      const double mine = column.merit(*row.values[by]), its = column.merit(*other.values[by]);
      const double my_price = shared_price(row, other), its_price = shared_price(other, row);
      return its >= mine && its_price <= my_price && (its > mine || its_price < my_price);
    });
  }
}

}  // namespace

std::size_t WideBoard::ours() const {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const WideRow& row) { return !row.published; }));
}

BoardLayout side_by_side(std::span<const Report> reports) {
  BoardLayout out{"side-by-side", "Benchmarks side by side", {}, 0, 0};
  for (const Report& report : reports) {
    if (std::any_of(out.columns.begin(), out.columns.end(), [&](const BoardColumn& column) { return column.benchmark == report.benchmark; })) continue;
    out.columns.push_back({report.benchmark, report.benchmark, {}, "", 1, std::nullopt});
  }
  for (BoardColumn& column : out.columns) {
    std::vector<const Metric*> headlines;
    for (const Report& report : reports)
      if (report.benchmark == column.benchmark) headlines.push_back(headline(report));
    column.lower_is_better = lower_is_better(headlines);
  }
  out.rating = out.columns.size();
  out.drops_empty = true;
  return out;
}

std::pair<std::string, std::string> family_and_version(const std::string& benchmark) {
  const std::size_t at = benchmark.find_first_of("@:");
  if (at == std::string::npos) return {benchmark, ""};
  return {benchmark.substr(0, at), benchmark.substr(at + 1)};
}

std::vector<WideBoard> wide_boards(std::span<const Report> reports, const BoardLayout& layout, const ScoreTable* published) {
  std::vector<Placed> placed;
  for (const Report& report : reports) {
    auto [name, version] = family_and_version(report.benchmark);
    auto column_of = [&layout](const std::string& one) {
      return std::find_if(layout.columns.begin(), layout.columns.end(), [&](const BoardColumn& column) { return column.benchmark == one; });
    };
    if (column_of(report.benchmark) != layout.columns.end()) name = report.benchmark, version.clear();  // a column of its own for this version
    const auto column = column_of(name);
    if (column == layout.columns.end()) continue;
    WideBoard key;
    key.version = version;
    key.edition = report.edition;
    key.official = report.edition == "official" && report.deviates.empty();
    for (const auto& [role, label] : report.roles)
      if (role != "model") key.judges[role] = label;
    placed.push_back({&report, &*column, std::move(key)});
  }
  const std::vector<Judged> judged = all_judged(placed);
  std::vector<Group> groups;
  for (const Placed& one : placed)
    for (const Judges& judges : boards_of(one, judged)) add_run(groups, one, judges);
  if (groups.empty() && published) groups.push_back({});
  std::vector<WideBoard> out;
  for (Group& group : groups) {
    WideBoard& board = group.board;
    board.layout = layout;
    board.title = layout.title;
    for (const auto& [model, runs] : group.models) board.rows.push_back(row_of(model, runs, layout));
    for (WideRow& row : board.rows) row.differences.resize(layout.columns.size());
    if (published) {
      join_published(board, *published, layout);
      estimate_ratings(board, layout);
    }
    if (layout.drops_empty) drop_empty_columns(group);
    const std::size_t by = board.layout.sort_by;
    find_front(board, by);
    const BoardColumn& first = board.layout.columns[by];
    std::stable_sort(board.rows.begin(), board.rows.end(), [&](const WideRow& a, const WideRow& b) {
      const auto &x = a.values[by], &y = b.values[by];
      if (x.has_value() != y.has_value()) return x.has_value();
      return x && first.merit(*x) > first.merit(*y);
    });
    out.push_back(std::move(board));
  }
  return out;
}

}  // namespace assay
