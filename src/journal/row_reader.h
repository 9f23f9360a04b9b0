// The reading side of the tables. Not thread-safe: the journal guards it, or opens one of its own for a long walk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "journal/journal.h"
#include "journal/sqlite.h"

namespace assay {

/// The rows of a small table that thousands of answers point to, remembered: they never change (invariant 5).
class SharedTexts {
 public:
  struct Row {
    std::string first, second;
  };
  /// `sql` selects one or two columns by id.
  static Result<SharedTexts> open(Database& database, const char* sql);
  /// Null when there is no such row. Valid until the next call.
  Result<const Row*> find(std::int64_t id);

 private:
  Statement statement_;
  std::unordered_map<std::int64_t, Row> rows_;
};

class RowReader {
 public:
  static Result<std::unique_ptr<RowReader>> open(Database database);

  Result<std::optional<Answer>> find(const Key& key);
  /// The answer in that row. Works for each row by itself: damage elsewhere does not matter.
  Result<std::optional<Answer>> at(std::int64_t id);
  Result<std::vector<Try>> tries(const Key& key);
  Result<void> for_each_answer(const std::function<bool(const Answer&)>& visit);
  enum class UnitColumns { all, outcome };
  Result<void> for_each_unit(std::string_view run, UnitColumns columns, const std::function<bool(const UnitRow&)>& visit);
  /// Counts; `bytes` is left 0.
  Result<JournalStats> stats();

  Result<std::vector<RunRow>> runs(std::size_t limit);
  /// As Journal::run.
  Result<RunRow> run(std::string_view id);
  Result<std::optional<RunRow>> latest_run(std::string_view plan_hash, std::string_view before);

  Result<std::int64_t> last_answer();
  /// The keys of the answers with those ids, both included.
  Result<void> for_each_key(std::int64_t first, std::int64_t last, const std::function<void(const Key&)>& visit);

  Database& database() { return database_; }

 private:
  explicit RowReader(Database database) : database_(std::move(database)) {}
  static Result<std::vector<RunRow>> select_runs(Statement& statement);
  Error unknown_run(std::string_view id);
  Result<Answer> read_answer(const Statement& row);
  Result<std::optional<Answer>> single_answer(Statement& statement);

  Database database_;
  Statement find_, at_, last_;  // at_, last_: prepared when first used
  SharedTexts identities_, draws_, origins_;
};

}  // namespace assay
