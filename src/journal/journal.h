// Everything a model ever answered. Append-only in spirit: answers are never changed, only added (docs/formats/journal.md).
//
// Threading: all members may be called from any thread. put_*() queue and return at once; a writer thread commits in groups (at
// most 50 ms or 256 rows late). find() sees what was queued. flush() returns when everything queued so far is on disk. Losing the
// process loses at most the last group. When the disk refuses, find() and flush() and all who flush report it: rows stay queued,
// flush() tries again, and rows that the bounded queue could not keep are reported by every later call, never silently dropped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"

namespace assay {

enum class AnswerStatus { answered, failed };

struct Answer {
  Key key;
  std::string identity;  // ModelIdentity::text, stored once by hash
  std::string request;   // canonical JSON of the request; stored once by hash, long shared prefixes apart
  std::string draw;      // {"iteration":1,"ask":0,"epoch":0}
  std::string origin;    // JSON of the Origin that asked first
  AnswerStatus status = AnswerStatus::answered;
  std::string response;      // JSON of the Response (answered) or of the Error (failed)
  std::int64_t created = 0;  // unix microseconds; 0 when put = now
};

/// One transport attempt, successful or not; never part of a key.
struct Try {
  Key key;
  std::int64_t started = 0;  // unix microseconds
  double seconds = 0;
  int http_status = 0;
  std::string error_kind;  // "" = it worked
  std::string message;
};

struct RunRow {
  std::string id;  // ULID: 26 characters, sorts by time
  std::int64_t created = 0;
  std::string plan_hash;  // equal for runs that ask the same questions of the same models
  std::string plan;       // JSON
  std::string status;     // "running", "complete", "incomplete", "failed", "interrupted"
  std::string report;     // JSON of the Report, "" until published
};

struct UnitRow {
  std::string run;
  std::int64_t ordinal = 0;  // place in the plan
  std::string unit;
  int iteration = 1;
  int epoch = 0;
  std::vector<Key> keys;  // answers it rests on, in the order asked
  std::string outcome;    // the worst of its samples', for queries
  std::string result;     // JSON of the UnitResult
  /// Only for put_unit(), instead of `result`: makes it, on the writer's thread and perhaps more than once, so that whoever puts
  /// rows need not wait for that. Gives the same text each time and does not throw. `held` is about what it keeps in memory.
  std::function<std::string()> make_result{};
  std::size_t held = 0;
};

/// `answers` counts failed ones too; `bytes` is the file with its log.
struct JournalStats {
  std::int64_t answers = 0, failed = 0, tries = 0, requests = 0, identities = 0, runs = 0, units = 0, bytes = 0;
  int version = 0;
};

class Journal {
 public:
  enum class Mode { read_write, read_only };
  /// Creates the file and its folder when read_write and absent. Errors: data (not a journal, corrupt, newer version: refused,
  /// never overwritten), io (read-only place, disk), not_found (read_only and absent). Older versions are migrated after a
  /// backup.
  static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& path, Mode mode, Clock& clock);
  virtual ~Journal() = default;

  virtual Result<std::optional<Answer>> find(const Key& key) = 0;
  /// A key that is answered already keeps its answer; a failed one is replaced by whatever comes later, and kept as history.
  virtual void put_answer(Answer answer) = 0;
  /// Keys of answers put here that were not kept, since another process had answered first with something else: what was made of
  /// them rests on nothing. Of what is committed (flush() first); each is told once.
  virtual std::vector<Key> take_outrun() = 0;
  virtual void put_try(Try attempt) = 0;

  virtual Result<void> create_run(const RunRow& run) = 0;  // synchronous
  virtual void put_unit(UnitRow unit) = 0;
  virtual Result<void> finish_run(std::string_view run, std::string_view status, std::string_view report) = 0;  // flushes first
  /// Newest first: in the order in which they were created, whatever the clock said then. `id`: an id, a unique prefix, "@last",
  /// "@-2". Errors: not_found (names the nearest), usage (ambiguous prefix).
  virtual Result<std::vector<RunRow>> runs(std::size_t limit = 1000) = 0;
  virtual Result<RunRow> run(std::string_view id) = 0;
  /// The newest run with that plan hash; where there is a run `before`, of those created before it.
  virtual Result<std::optional<RunRow>> latest_run(std::string_view plan_hash, std::string_view before) = 0;
  /// In plan order. The callback returns false to stop. Flushes first.
  virtual Result<void> for_each_unit(std::string_view run, const std::function<bool(const UnitRow&)>& row) = 0;
  /// The same without `keys` and `result`, which stay empty: several times faster, for whoever only asks what is done.
  virtual Result<void> for_each_outcome(std::string_view run, const std::function<bool(const UnitRow&)>& row) = 0;

  virtual Result<void> flush() = 0;
  virtual Result<JournalStats> stats() = 0;
  /// Problems found (page checks, hashes of bodies, keys recomputed through `rekey`), empty when sound.
  using Rekey = std::function<Result<Key>(std::string_view identity, std::string_view request, std::string_view draw)>;
  virtual Result<std::vector<std::string>> verify(const Rekey& rekey) = 0;
  /// Every answer in the order stored. The callback returns false to stop, and may call the journal.
  virtual Result<void> for_each_answer(const std::function<bool(const Answer&)>& answer) = 0;
  /// The transport attempts for a key, oldest first. Flushes first; reads the whole table, so it is for people, not for loops.
  virtual Result<std::vector<Try>> tries(const Key& key) = 0;
};

/// 26 characters, Crockford base 32: 48 bits of milliseconds, 80 of randomness (the low 16 of `random_high`, all of
/// `random_low`).
std::string make_ulid(std::int64_t unix_micros, std::uint64_t random_high, std::uint64_t random_low);

}  // namespace assay
