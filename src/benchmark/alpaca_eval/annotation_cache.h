// What judges said before: the original's cache file (`annotations_seed0_configs.json`), in its format, with failures as -1.
#pragma once

#include <cstddef>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::alpaca_eval {

/// A cell as Python's str() writes it; nothing is "None".
std::string cell_text(const json::value& cell);

class AnnotationCache {
 public:
  /// `keys`: the columns that tell rows apart, `annotator` among them.
  explicit AnnotationCache(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  /// Puts the rows of a cache file. `data` errors: no such file's content, rows that lack a key.
  Result<void> read(std::string_view text, std::string_view where);
  /// The row with these key values, in the order of keys(); null where there is none.
  const json::object* find(std::span<const std::string> values) const;
  /// Puts a row at the end, in place of one with the same keys.
  void put(json::object row);
  /// The file's text: every row has every column.
  std::string write() const;

  const std::vector<std::string>& keys() const { return keys_; }
  std::size_t size() const { return rows_.size(); }
  const std::list<json::object>& rows() const { return rows_; }
  bool has_column(std::string_view name) const;

 private:
  std::string key_of(const json::object& row) const;

  std::vector<std::string> keys_, columns_;
  std::list<json::object> rows_;
  std::unordered_map<std::string, std::list<json::object>::iterator> by_key_;
};

}  // namespace assay::alpaca_eval
