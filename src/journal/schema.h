// The journal's file: recognising it, creating it, migrating it (docs/formats/journal.md).
#pragma once

#include <filesystem>
#include <span>

#include "journal/options.h"
#include "journal/sqlite.h"

namespace assay {

inline constexpr std::int64_t kJournalApplicationId = 0x41535359;  // "ASSY"
inline constexpr int kJournalVersion = 2;

/// Opens `path` as a journal of the current version; creates or migrates it when `mode` allows. Nothing is written to a file that
/// is not a journal. Errors as Journal::open.
Result<Database> open_journal_file(const std::filesystem::path& path, Journal::Mode mode,
                                   std::span<const JournalMigration> migrations);

/// Another connection to a file that open_journal_file() has accepted.
Result<Database> connect_journal_file(const std::filesystem::path& path, Journal::Mode mode);

/// A journal that open_journal_file() may refuse as damaged, for reading what is left of it: also a truncated one. Errors:
/// not_found, io; data when it is no journal, of another version, or its first page cannot be read.
Result<Database> open_damaged_journal_file(const std::filesystem::path& path);

}  // namespace assay
