#include "benchmark/alpaca_eval/annotation_cache.h"

#include <algorithm>
#include <functional>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/pandas_json.h"
#include "benchmark/alpaca_eval/table.h"

namespace assay::alpaca_eval {
namespace {

const json::value kNothing;

const json::value& cell_at(const AnnotationCache::Row& row, std::size_t column) { return column < row.size() ? row[column] : kNothing; }

}  // namespace

std::string cell_text(const json::value& cell) {
  switch (cell.kind()) {
    case json::kind::string:
      return std::string(cell.get_string());
    case json::kind::null:
      return "None";
    case json::kind::bool_:
      return cell.get_bool() ? "True" : "False";
    case json::kind::double_:
      return python_repr(cell.get_double());
    default:
      return write_json(cell, JsonStyle::python);
  }
}

std::string_view cell_view(const json::value& cell, std::string& scratch) {
  if (const json::string* text = cell.if_string()) return *text;
  scratch = cell_text(cell);
  return scratch;
}

std::size_t hash_of_texts(std::span<const std::string_view> texts) {
  std::size_t out = texts.size();
  for (std::string_view text : texts) out = (out ^ std::hash<std::string_view>()(text)) * 0x9E3779B97F4A7C15u + text.size();
  return out;
}

Result<void> AnnotationCache::read(std::string_view text, std::string_view where) {
  auto table = read_table(text, ".json", where);
  if (!table) return std::unexpected(table.error());
  for (const std::string& key : keys_)
    if (!table->rows.empty() && !table->column(key))
      return fail(ErrorKind::data, "the cache of annotations has no column \"" + key + "\"", std::string(where),
                  "name another file with --caching_path, or remove this one: its answers are asked for again");
  for (Row& row : table->rows) put(table->columns, std::move(row));
  return {};
}

AnnotationCache::ByKey::const_iterator AnnotationCache::find(std::span<const std::string_view> values, std::size_t hash) const {
  auto [it, end] = by_key_.equal_range(hash);
  if (it == end) return by_key_.end();
  std::vector<std::size_t> places;
  places.reserve(keys_.size());
  for (const std::string& key : keys_) places.push_back(static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), key) - columns_.begin()));
  std::string scratch;
  for (; it != end; ++it) {
    const Row& row = rows_[it->second];
    bool same = true;
    for (std::size_t k = 0; same && k < places.size(); ++k) same = cell_view(cell_at(row, places[k]), scratch) == values[k];
    if (same) return it;
  }
  return by_key_.end();
}

const AnnotationCache::Row* AnnotationCache::find(std::span<const std::string_view> values) const {
  if (by_key_.empty()) return nullptr;
  auto it = find(values, hash_of_texts(values));
  return it == by_key_.end() ? nullptr : &rows_[it->second];
}

std::size_t AnnotationCache::place_of(std::string_view column) {
  auto at = std::find(columns_.begin(), columns_.end(), column);
  if (at != columns_.end()) return static_cast<std::size_t>(at - columns_.begin());
  columns_.emplace_back(column);
  return columns_.size() - 1;
}

void AnnotationCache::put(std::span<const std::string> columns, Row cells) {
  bool in_order = true;  // as most rows are: their cells stay where they are
  std::vector<std::size_t> places;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    places.push_back(place_of(columns[c]));
    in_order = in_order && places.back() == c;
  }
  if (!in_order) {
    Row ordered;
    for (std::size_t c = 0; c < places.size() && c < cells.size(); ++c) {
      if (ordered.size() <= places[c]) ordered.resize(places[c] + 1);
      ordered[places[c]] = std::move(cells[c]);
    }
    cells = std::move(ordered);
  }
  std::vector<std::string> scratch(keys_.size());
  std::vector<std::string_view> values;
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    auto at = std::find(columns_.begin(), columns_.end(), keys_[k]);
    values.push_back(cell_view(cell_at(cells, static_cast<std::size_t>(at - columns_.begin())), scratch[k]));
  }
  const std::size_t hash = hash_of_texts(values);
  if (auto known = find(values, hash); known != by_key_.end()) {
    rows_[known->second].clear();
    by_key_.erase(known);
  }
  by_key_.emplace(hash, rows_.size());
  rows_.push_back(std::move(cells));
}

void AnnotationCache::put_all(AnnotationCache other) {
  for (Row& row : other.rows_)
    if (!row.empty()) put(other.columns_, std::move(row));
}

std::map<std::string, std::size_t> AnnotationCache::annotators() const {
  std::map<std::string, std::size_t> out;
  const auto at = std::find(columns_.begin(), columns_.end(), "annotator");
  if (at == columns_.end()) return out;
  for (const Row& row : rows_)
    if (!row.empty()) ++out[cell_text(cell_at(row, static_cast<std::size_t>(at - columns_.begin())))];
  return out;
}

bool AnnotationCache::has_column(std::string_view name) const { return std::find(columns_.begin(), columns_.end(), name) != columns_.end(); }

std::string AnnotationCache::write() const {
  std::vector<const Row*> rows;
  for (const Row& row : rows_)
    if (!row.empty()) rows.push_back(&row);
  return write_pandas_table(columns_, rows.size(), [&](std::size_t row, std::size_t column) { return &cell_at(*rows[row], column); });
}

}  // namespace assay::alpaca_eval
