// The decorator that makes running, resuming and scoring the same act: answers come from the journal where it has them, and every new
// answer goes into it. Order of decorators: configured(journaled(retrying(limited(backend)))).
#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "journal/journal.h"
#include "model/model.h"

namespace assay {

/// live: what the journal does not have is asked. recorded: nothing is ever asked; what is not there is an error of kind `missing`.
enum class JournalPolicy { live, recorded };

struct JournaledOptions {
  JournalPolicy policy = JournalPolicy::live;
  /// live: a failure in the journal counts as missing and is asked again; false replays it.
  bool retry_failed = true;
  /// The identity to use instead of asking the model for it (recorded: the model need not be reachable).
  std::optional<ModelIdentity> known_identity{};
};

/// `inner`, `journal` and `clock` outlive the model. identify() must have been called before the first answer().
///
/// - An answer replayed from the journal has from_journal = true; every answer has its key.
/// - Every answer and every final failure is stored, except `cancelled` and `missing`, which say nothing about the model.
/// - Two equal requests in flight share one: the second waits for the first. If the first is cancelled, the second asks itself.
/// - A model that answers by origin (capabilities().recorded_by_origin) is passed through: its answers are not functions of their keys.
std::unique_ptr<Model> make_journaled(Model& inner, Journal& journal, const Clock& clock, JournaledOptions options = {});

}  // namespace assay
