#include "journal/salvage.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "journal/row_reader.h"
#include "journal/schema.h"

namespace assay {
namespace {

/// No row of `answer` is smaller: its key, a date and six numbers.
constexpr std::int64_t kSmallestRow = 40;

struct Extent {
  std::int64_t last = 0;              // no answer has a higher id
  bool last_known = false;            // false: `last` is what fits the file
  std::optional<std::int64_t> count;  // unknown when the index of keys cannot be walked
};

/// How far the answers reach. Three sources, since any of them may lie on a damaged page: the index of keys, the table's own end,
/// and the size of the file, which bounds them.
Result<Extent> extent_of(Database& database, const std::filesystem::path& path) {
  Extent out;
  auto walk = database.prepare("SELECT count(key), max(id) FROM answer INDEXED BY answer_key");
  if (!walk) return fail(std::move(walk.error()));
  auto row = walk->step();
  if (row && *row) {
    out.count = walk->integer(0);
    out.last = walk->integer(1);
    out.last_known = true;
  } else if (!row && row.error().kind != ErrorKind::data) {
    return fail(std::move(row.error()));
  }
  auto end = database.integer("SELECT max(id) FROM answer");
  if (end) {
    out.last = std::max(out.last, *end);
    out.last_known = true;
  } else if (end.error().kind != ErrorKind::data) {
    return fail(std::move(end.error()));
  }
  std::uintmax_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code absent;
    auto size = std::filesystem::file_size(path.string() + suffix, absent);
    if (!absent) bytes += size;
  }
  // Ids count up from 1 without large gaps, so a higher one than the file has room for is itself damage.
  std::int64_t room = static_cast<std::int64_t>(bytes) / kSmallestRow;
  if (!out.last_known || out.last > room) {
    out.last = room;
    out.last_known = false;
  }
  return out;
}

bool belongs(const Answer& answer) {
  std::string text;
  text.reserve(answer.identity.size() + answer.request.size() + answer.draw.size() + 2);
  text.append(answer.identity).append("\n").append(answer.request).append("\n").append(answer.draw);
  return key_of(text) == answer.key;
}

}  // namespace

Result<Salvage> salvage_answers(const std::filesystem::path& path, const SalvageVisit& visit) {
  auto database = open_damaged_journal_file(path);
  if (!database) return fail(std::move(database.error()));
  auto opened = RowReader::open(std::move(*database));
  if (!opened) return fail(std::move(opened.error()));
  RowReader& reader = **opened;
  // One view of the file for all that follows: counts and answers must belong together while others go on writing.
  if (auto begun = reader.database().execute("BEGIN"); !begun) return fail(std::move(begun.error()));
  auto extent = extent_of(reader.database(), path);
  if (!extent) return fail(std::move(extent.error()));

  Salvage out;
  std::int64_t refused = 0, pending = 0;  // pending: rows that could not be read since the last one that could
  auto note = [&](std::string problem) {
    if (out.first_problem.empty()) out.first_problem = std::move(problem);
  };
  for (std::int64_t id = 1; id <= extent->last; ++id) {
    // Row by row: a walk of the table would end at the first damaged page.
    auto answer = reader.at(id);
    if (!answer) {
      if (answer.error().kind != ErrorKind::data) return fail(std::move(answer.error()));
      note(std::move(answer.error().message));
      ++pending;
      continue;
    }
    if (!*answer) continue;  // a failure that a later answer replaced
    refused += std::exchange(pending, 0);
    if (!belongs(**answer)) {
      note("answer " + (*answer)->key.hex() + " does not belong to its question");
      ++refused;
      continue;
    }
    auto taken = visit(**answer);
    if (!taken) return fail(std::move(taken.error()));
    if (*taken) {
      ++out.saved;
    } else {
      note("answer " + (*answer)->key.hex() + " cannot be written as JSON");
      ++refused;
    }
  }
  // Beyond the last readable row, an unreadable place is an answer only if one is known to be there; a table whose end cannot be
  // found has lost one at least.
  if (pending > 0) refused += extent->last_known ? pending : 1;
  out.unreadable = extent->count ? std::max<std::int64_t>(*extent->count - out.saved, refused > 0 ? 1 : 0) : refused;
  out.exact = extent->count.has_value();
  return out;
}

}  // namespace assay
