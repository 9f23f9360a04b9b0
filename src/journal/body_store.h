// Request texts, each stored once: whole, or as the difference to a whole one (docs/formats/journal.md, table `body`).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "journal/sqlite.h"

namespace assay {

/// How a text is made from a base: its first `head` bytes, then something new, then its last `tail` bytes.
struct Overlap {
  std::size_t head = 0, tail = 0;
  std::size_t bytes() const { return head + tail; }
};

/// The longest common head and, of what is left, tail; both end at code point boundaries.
Overlap overlap(std::string_view text, std::string_view base);

/// The whole text of a body row. Errors: data, when head and tail do not fit the base.
Result<std::string> whole_body(std::string_view text, std::string_view base, std::int64_t head, std::int64_t tail);

/// The writing side. Part of the writer's transaction: after a rollback call forget().
class BodyStore {
 public:
  static Result<BodyStore> open(Database& database);
  /// The id of the row that holds `text`, made if there is none.
  Result<std::int64_t> put(std::string_view text);
  void forget();

 private:
  struct Base {
    std::int64_t id;
    std::string text;
  };
  explicit BodyStore(Database& database) : database_(&database) {}
  void remember(std::int64_t id, std::string_view text);

  Database* database_;
  Statement find_, insert_;
  std::unordered_map<Key, std::int64_t, KeyHash> known_;  // rows written or found lately: a text asked again costs a hash
  std::vector<Base> bases_;  // whole texts, the last used first
  std::size_t base_bytes_ = 0;
};

}  // namespace assay
