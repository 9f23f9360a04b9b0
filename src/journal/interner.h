// Texts that thousands of rows share (identities, draws, origins), stored once each, with their ids remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "journal/sqlite.h"

namespace assay {

/// An origin's JSON cut at the value of its "sample" member: head + sample + tail is the origin again, byte for byte.
struct SplitOrigin {
  std::string_view head;
  std::optional<std::string_view> sample;  // as escaped in the JSON; none: `head` is everything
  std::string_view tail;
};
SplitOrigin split_origin(std::string_view origin);

/// Ids of the rows of one small table. Part of the writer's transaction: after a rollback call forget().
class Interner {
 public:
  /// `columns`: the text columns, one or two.
  static Result<Interner> open(Database& database, std::string_view table, std::string_view first, std::string_view second = {});
  Result<std::int64_t> put(std::string_view first, std::string_view second = {});
  void forget() { ids_.clear(); }

 private:
  Interner() = default;
  Database* database_ = nullptr;
  bool two_columns_ = false;
  Statement find_, insert_;
  std::unordered_map<std::string, std::int64_t> ids_;
  std::string name_;  // reused, to build the map's key without allocating
};

}  // namespace assay
