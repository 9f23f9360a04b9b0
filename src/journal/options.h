// What tests and benches set and users do not: sizes of the write queue, the ways up from older versions.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

#include "journal/journal.h"

namespace assay {

/// Brings a journal from version `from` to version `from + 1`. Runs inside a transaction.
struct JournalMigration {
  int from;
  const char* sql;
};

/// The ways up to the version of this program.
inline constexpr JournalMigration kJournalMigrations[] = {
    {1, "ALTER TABLE answer ADD COLUMN sum INTEGER; ALTER TABLE former_answer ADD COLUMN sum INTEGER"},
};

struct JournalOptions {
  std::size_t group_rows = 256;                    // a group is due when so many rows wait
  std::chrono::milliseconds group_delay{50};       // or so long after its first row
  std::size_t queue_bytes = std::size_t{8} << 20;  // beyond this, put_*() waits for the disk
  std::span<const JournalMigration> migrations = kJournalMigrations;
};

/// Journal::open with everything settable.
Result<std::unique_ptr<Journal>> open_journal(const std::filesystem::path& path, Journal::Mode mode, Clock& clock,
                                              const JournalOptions& options);

}  // namespace assay
