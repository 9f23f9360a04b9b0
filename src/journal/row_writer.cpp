#include "journal/row_writer.h"

#include "journal/response_sum.h"

namespace assay {
namespace {
std::int64_t number(AnswerStatus status) {
  return status == AnswerStatus::failed ? 1 : 0;
}
}  // namespace

Result<std::unique_ptr<RowWriter>> RowWriter::open(Database& database) {
  auto bodies = BodyStore::open(database);
  if (!bodies) return fail(std::move(bodies.error()));
  auto identities = Interner::open(database, "identity", "text");
  if (!identities) return fail(std::move(identities.error()));
  auto draws = Interner::open(database, "draw", "text");
  if (!draws) return fail(std::move(draws.error()));
  auto origins = Interner::open(database, "origin", "head", "tail");
  if (!origins) return fail(std::move(origins.error()));
  std::unique_ptr<RowWriter> out(
      new RowWriter(database, std::move(*bodies), std::move(*identities), std::move(*draws), std::move(*origins)));
  struct {
    Statement* statement;
    const char* sql;
  } statements[] = {
      {&out->insert_answer_,
       "INSERT INTO answer(key, identity, draw, body, origin, sample, status, created, response, sum)"
       " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO NOTHING"},
      {&out->find_answer_, "SELECT id, status, created, response FROM answer WHERE key = ?"},
      {&out->keep_former_,
       "INSERT INTO former_answer(key, identity, draw, body, origin, sample, status, created, response, sum)"
       " SELECT key, identity, draw, body, origin, sample, status, created, response, sum FROM answer WHERE id = ?"},
      {&out->remove_answer_, "DELETE FROM answer WHERE id = ?"},
      {&out->insert_try_, "INSERT INTO try(key, started, seconds, http_status, error_kind, message) VALUES(?, ?, ?, ?, ?, ?)"},
      {&out->insert_unit_,
       "INSERT INTO run_unit(run, ordinal, unit, iteration, epoch, keys, outcome, result) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
       " ON CONFLICT(run, ordinal) DO UPDATE SET unit = excluded.unit, iteration = excluded.iteration, epoch = excluded.epoch,"
       " keys = excluded.keys, outcome = excluded.outcome, result = excluded.result"},
      {&out->find_run_, "SELECT id FROM run WHERE ulid = ?"},
  };
  for (auto& [statement, sql] : statements) {
    auto prepared = database.prepare(sql);
    if (!prepared) return fail(std::move(prepared.error()));
    *statement = std::move(*prepared);
  }
  return out;
}

Result<std::size_t> RowWriter::write(std::span<const JournalItem> items) {
  added_ = {};
  outrun_.clear();
  auto written = write_rows(items);
  if (!written) {
    // Ids handed out by the rolled-back transaction belong to nothing now.
    bodies_.forget();
    identities_.forget();
    draws_.forget();
    origins_.forget();
  }
  return written;
}

Result<std::size_t> RowWriter::write_rows(std::span<const JournalItem> items) {
  Transaction transaction(database_);
  if (auto begun = transaction.begin(); !begun) return fail(std::move(begun.error()));
  std::size_t rejected = 0;
  for (const JournalItem& item : items) {
    Result<void> done;
    if (const auto* answer = std::get_if<std::shared_ptr<const Answer>>(&item)) {
      done = put(**answer);
    } else if (const auto* attempt = std::get_if<Try>(&item)) {
      done = put(*attempt);
    } else {
      auto placed = put(std::get<UnitRow>(item));
      if (!placed) return fail(std::move(placed.error()));
      if (!*placed) ++rejected;
    }
    if (!done) return fail(std::move(done.error()));
  }
  if (auto committed = transaction.commit(); !committed) return fail(std::move(committed.error()));
  return rejected;
}

Result<void> RowWriter::put(const Answer& answer) {
  auto identity = identities_.put(answer.identity);
  if (!identity) return fail(std::move(identity.error()));
  auto draw = draws_.put(answer.draw);
  if (!draw) return fail(std::move(draw.error()));
  auto split = split_origin(answer.origin);
  auto origin = origins_.put(split.head, split.tail);
  if (!origin) return fail(std::move(origin.error()));
  auto body = bodies_.put(answer.request);
  if (!body) return fail(std::move(body.error()));
  insert_answer_.bind(answer.key, *identity, *draw, *body, *origin, split.sample, number(answer.status), answer.created,
                      answer.response, response_sum(answer.status, answer.response));
  if (auto done = insert_answer_.run(); !done) return done;
  if (database_.changes() == 0) {
    auto former = retire_failure(answer);
    if (!former) return fail(std::move(former.error()));
    if (*former == Former::other) outrun_.push_back(answer.key);
    if (*former != Former::retired) return {};
    if (auto done = insert_answer_.run(); !done) return done;
  }
  note_added();
  return {};
}

void RowWriter::note_added() {
  std::int64_t id = database_.last_insert_id();
  if (added_.first > added_.last) added_.first = id;
  added_.last = id;
}

/// Makes room for `answer` when the row of its key is another failure.
Result<RowWriter::Former> RowWriter::retire_failure(const Answer& answer) {
  find_answer_.bind(answer.key);
  ResetLater later(find_answer_);
  auto row = find_answer_.step();
  if (!row) return fail(std::move(row.error()));
  if (!*row) return Former::same;
  bool same = find_answer_.integer(1) == number(answer.status) && find_answer_.text(3) == answer.response;
  if (find_answer_.integer(1) == number(AnswerStatus::answered)) return same ? Former::same : Former::other;
  if (same && find_answer_.integer(2) == answer.created) return Former::same;
  std::int64_t id = find_answer_.integer(0);
  find_answer_.reset();
  keep_former_.bind(id);
  if (auto done = keep_former_.run(); !done) return fail(std::move(done.error()));
  remove_answer_.bind(id);
  if (auto done = remove_answer_.run(); !done) return fail(std::move(done.error()));
  return Former::retired;
}

Result<void> RowWriter::put(const Try& attempt) {
  std::optional<std::string_view> kind;
  if (!attempt.error_kind.empty()) kind = attempt.error_kind;
  insert_try_.bind(attempt.key, attempt.started, attempt.seconds, attempt.http_status, kind, attempt.message);
  return insert_try_.run();
}

Result<bool> RowWriter::put(const UnitRow& unit) {
  if (unit.run != run_ulid_ || run_id_ == 0) {
    find_run_.bind(unit.run);
    ResetLater later(find_run_);
    auto row = find_run_.step();
    if (!row) return row;
    if (!*row) return false;
    run_id_ = find_run_.integer(0);
    run_ulid_ = unit.run;
  }
  keys_.clear();
  for (const Key& key : unit.keys) keys_.append(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  std::string made;
  if (unit.make_result) made = unit.make_result();
  insert_unit_.bind(run_id_, unit.ordinal, unit.unit, unit.iteration, unit.epoch, nullptr, unit.outcome,
                    unit.make_result ? made : unit.result);
  insert_unit_.bind_blob(6, keys_);
  if (auto done = insert_unit_.run(); !done) return fail(std::move(done.error()));
  return true;
}

}  // namespace assay
