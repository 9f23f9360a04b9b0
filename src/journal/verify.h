// Whether a journal is what docs/formats/journal.md says: pages, hashes, references, keys.
#pragma once

#include <string>
#include <vector>

#include "journal/journal.h"
#include "journal/sqlite.h"

namespace assay {

/// At most about a hundred problems, in words. `rekey` may be empty. Reads everything once or twice; memory stays small.
Result<std::vector<std::string>> verify_journal(Database& database, const Journal::Rekey& rekey);

}  // namespace assay
