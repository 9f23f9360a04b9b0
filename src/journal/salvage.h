// Reading a journal that may be damaged: whatever can still be read, and how much cannot (docs/formats/journal.md, "Damage").
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "journal/journal.h"

namespace assay {

struct Salvage {
  std::int64_t saved = 0;
  /// Answers that the journal holds and that are not among the saved ones: on a damaged page, pointing to a text on one, changed
  /// since they were stored (their key no longer fits), or refused by the caller.
  std::int64_t unreadable = 0;
  /// False: the index that says how many answers there are is damaged as well; there may be more unreadable ones.
  bool exact = true;
  std::string first_problem;  // why the first unreadable one is, in words
};

/// Gets one answer; false = it is of no use and counts as unreadable; an error ends the walk.
using SalvageVisit = std::function<Result<bool>(const Answer&)>;

/// Every readable answer in the order stored, walking around damaged pages; opens files that Journal::open refuses as truncated.
/// On a sound journal it saves everything. One answer in memory at a time; the file is only read, and may be in use by others.
/// Errors: the visitor's; not_found, io; data when it is no journal of this version or its first page is gone.
Result<Salvage> salvage_answers(const std::filesystem::path& path, const SalvageVisit& visit);

}  // namespace assay
