// The writer thread's side of the tables: one transaction a group.
#pragma once

#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "journal/body_store.h"
#include "journal/interner.h"
#include "journal/journal.h"

namespace assay {

/// What waits to be written. Answers are shared with readers that look them up meanwhile.
using JournalItem = std::variant<std::shared_ptr<const Answer>, Try, UnitRow>;

class RowWriter {
 public:
  static Result<std::unique_ptr<RowWriter>> open(Database& database);
  /// All or nothing. Returns how many rows fit nowhere: units of a run that was never created.
  Result<std::size_t> write(std::span<const JournalItem> items);
  /// Ids of the answers that the last write() added: nobody else's are between them. None when first > last.
  struct Ids {
    std::int64_t first = 1, last = 0;
  };
  Ids added() const { return added_; }
  /// Keys that the last write() found answered otherwise: those answers were not kept.
  const std::vector<Key>& outrun() const { return outrun_; }

 private:
  RowWriter(Database& database, BodyStore bodies, Interner identities, Interner draws, Interner origins)
      : database_(database),
        bodies_(std::move(bodies)),
        identities_(std::move(identities)),
        draws_(std::move(draws)),
        origins_(std::move(origins)) {}
  Result<void> put(const Answer& answer);
  void note_added();
  Result<void> put(const Try& attempt);
  Result<bool> put(const UnitRow& unit);  // false: no such run
  enum class Former { retired, same, other };
  Result<Former> retire_failure(const Answer& answer);
  Result<std::size_t> write_rows(std::span<const JournalItem> items);

  Database& database_;
  BodyStore bodies_;
  Interner identities_, draws_, origins_;
  Statement insert_answer_, find_answer_, keep_former_, remove_answer_, insert_try_, insert_unit_, find_run_;
  std::string run_ulid_;  // of the unit written last
  std::int64_t run_id_ = 0;
  std::string keys_;
  Ids added_;
  std::vector<Key> outrun_;
};

}  // namespace assay
