#include "benchmark/alpaca_eval/annotation_cache.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/pandas_json.h"
#include "benchmark/alpaca_eval/table.h"

namespace assay::alpaca_eval {
namespace {

/// Texts with their lengths, so that no two lists of values give the same key.
void append_part(std::string& key, std::string_view value) {
  key += std::to_string(value.size());
  key += ':';
  key += value;
}

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

std::string AnnotationCache::key_of(const json::object& row) const {
  std::string key;
  for (const std::string& column : keys_) {
    const json::value* cell = row.if_contains(column);
    append_part(key, cell_text(cell ? *cell : json::value(nullptr)));
  }
  return key;
}

Result<void> AnnotationCache::read(std::string_view text, std::string_view where) {
  auto table = read_table(text, ".json", where);
  if (!table) return std::unexpected(table.error());
  for (const std::string& key : keys_)
    if (!table->rows.empty() && !table->column(key))
      return fail(ErrorKind::data, "the cache of annotations has no column \"" + key + "\"", std::string(where),
                  "name another file with --caching_path, or remove this one: its answers are asked for again");
  for (json::object& row : table->records()) put(std::move(row));
  return {};
}

const json::object* AnnotationCache::find(std::span<const std::string> values) const {
  std::string key;
  for (const std::string& value : values) append_part(key, value);
  auto it = by_key_.find(key);
  return it == by_key_.end() ? nullptr : &*it->second;
}

void AnnotationCache::put(json::object row) {
  for (const auto& member : row)
    if (!has_column(member.key())) columns_.emplace_back(member.key());
  std::string key = key_of(row);
  rows_.push_back(std::move(row));
  auto [it, added] = by_key_.try_emplace(std::move(key), std::prev(rows_.end()));
  if (added) return;
  rows_.erase(it->second);
  it->second = std::prev(rows_.end());
}

bool AnnotationCache::has_column(std::string_view name) const { return std::find(columns_.begin(), columns_.end(), name) != columns_.end(); }

std::string AnnotationCache::write() const {
  std::vector<json::object> records;
  records.reserve(rows_.size());
  for (const json::object& row : rows_) {
    json::object& record = records.emplace_back();
    for (const std::string& column : columns_) {
      const json::value* cell = row.if_contains(column);
      record[column] = cell ? *cell : json::value(nullptr);
    }
  }
  return write_pandas_records(records);
}

}  // namespace assay::alpaca_eval
