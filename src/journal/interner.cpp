#include "journal/interner.h"

namespace assay {

// More different texts than this are no longer "a few texts that many share"; then memory matters more than look-ups.
static constexpr std::size_t kMostRemembered = 4096;

SplitOrigin split_origin(std::string_view origin) {
  static constexpr std::string_view marker = "\"sample\":\"";
  std::size_t at = origin.find(marker);
  if (at == std::string_view::npos) return {origin, std::nullopt, {}};
  std::size_t begin = at + marker.size();
  for (std::size_t end = begin; end < origin.size(); ++end) {
    if (origin[end] == '\\') {
      ++end;
    } else if (origin[end] == '"') {
      return {origin.substr(0, begin), origin.substr(begin, end - begin), origin.substr(end)};
    }
  }
  return {origin, std::nullopt, {}};
}

Result<Interner> Interner::open(Database& database, std::string_view table, std::string_view first, std::string_view second) {
  Interner out;
  out.database_ = &database;
  out.two_columns_ = !second.empty();
  std::string name(table), a(first), b(second);
  std::string find = "SELECT id FROM " + name + " WHERE " + a + " = ?", insert = "INSERT INTO " + name + "(" + a;
  if (out.two_columns_) {
    find += " AND " + b + " = ?";
    insert += ", " + b + ") VALUES(?, ?)";
  } else {
    insert += ") VALUES(?)";
  }
  auto finder = database.prepare(find);
  if (!finder) return fail(std::move(finder.error()));
  auto inserter = database.prepare(insert);
  if (!inserter) return fail(std::move(inserter.error()));
  out.find_ = std::move(*finder);
  out.insert_ = std::move(*inserter);
  return out;
}

Result<std::int64_t> Interner::put(std::string_view first, std::string_view second) {
  name_.assign(first);
  name_ += '\0';
  name_ += second;
  if (auto known = ids_.find(name_); known != ids_.end()) return known->second;
  for (Statement* statement : {&find_, &insert_}) {
    statement->bind_at(1, first);
    if (two_columns_) statement->bind_at(2, second);
  }
  auto row = find_.step();
  if (!row) return fail(std::move(row.error()));
  std::int64_t id = *row ? find_.integer(0) : 0;
  find_.reset();
  if (!*row) {
    if (auto done = insert_.run(); !done) return fail(std::move(done.error()));
    id = database_->last_insert_id();
  }
  if (ids_.size() >= kMostRemembered) ids_.clear();
  ids_.emplace(name_, id);
  return id;
}

}  // namespace assay
