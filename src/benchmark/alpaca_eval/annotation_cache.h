// What judges said before: the original's cache file (`annotations_seed0_configs.json`), in its format, with failures as -1.
#pragma once

#include <map>
#include <cstddef>
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
/// The same, in the cell itself where it is a text, else in `scratch`.
std::string_view cell_view(const json::value& cell, std::string& scratch);
/// Of several texts: different lists of texts with the same bytes in a row have different ones.
std::size_t hash_of_texts(std::span<const std::string_view> texts);

class AnnotationCache {
 public:
  /// A row's cells in the order of columns(); columns that came later have none.
  using Row = std::vector<json::value>;

  /// `keys`: the columns that tell rows apart, `annotator` among them.
  explicit AnnotationCache(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  /// Puts the rows of a cache file. `data` errors: no such file's content, rows that lack a key.
  Result<void> read(std::string_view text, std::string_view where);
  /// The row with these key values, in the order of keys(); null where there is none, valid until the next put().
  const Row* find(std::span<const std::string_view> values) const;
  /// Puts a row at the end, in place of one with the same keys. `columns`: of `cells`.
  void put(std::span<const std::string> columns, Row cells);
  /// Puts all rows of another cache, in their order.
  void put_all(AnnotationCache other);
  /// The file's text: every row has every column.
  std::string write() const;

  const std::vector<std::string>& keys() const { return keys_; }
  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t size() const { return by_key_.size(); }
  /// Whose annotations these are, with how many there are of each.
  std::map<std::string, std::size_t> annotators() const;
  bool has_column(std::string_view name) const;

 private:
  using ByKey = std::unordered_multimap<std::size_t, std::size_t>;  // hash of the key values -> row

  ByKey::const_iterator find(std::span<const std::string_view> values, std::size_t hash) const;
  std::size_t place_of(std::string_view column);  // made where it is new

  std::vector<std::string> keys_, columns_;
  std::vector<Row> rows_;  // without cells where a later row took the place
  ByKey by_key_;
};

}  // namespace assay::alpaca_eval
