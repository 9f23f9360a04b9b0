#include "journal/row_reader.h"

#include <cctype>
#include <charconv>

#include "base/text.h"
#include "journal/body_store.h"
#include "journal/response_sum.h"

namespace assay {
namespace {

// LEFT JOINs, so that a row that points to nothing is an error and not a row less. Identity, draw and origin are joined by hand.
#define ASSAY_SELECT_ANSWER                                                                                        \
  "SELECT a.key, a.identity, a.draw, a.origin, a.sample, a.status, a.created, a.response, b.text, b.head, b.tail," \
  " b.base, c.text, a.sum FROM answer a LEFT JOIN body b ON b.id = a.body LEFT JOIN body c ON c.id = b.base "

#define ASSAY_SELECT_RUN "SELECT ulid, created, plan_hash, plan, status, report FROM run "

RunRow read_run(const Statement& row) {
  return RunRow{std::string(row.text(0)), row.integer(1),           std::string(row.text(2)),
                std::string(row.text(3)), std::string(row.text(4)), std::string(row.text(5))};
}

std::vector<Key> split_keys(std::string_view bytes) {
  std::vector<Key> keys(bytes.size() / sizeof(Key::bytes));
  for (std::size_t i = 0; i < keys.size(); ++i)
    std::memcpy(keys[i].bytes.data(), bytes.data() + i * sizeof(Key::bytes), sizeof(Key::bytes));
  return keys;
}

}  // namespace

Result<SharedTexts> SharedTexts::open(Database& database, const char* sql) {
  auto statement = database.prepare(sql);
  if (!statement) return fail(std::move(statement.error()));
  SharedTexts out;
  out.statement_ = std::move(*statement);
  return out;
}

Result<const SharedTexts::Row*> SharedTexts::find(std::int64_t id) {
  if (auto known = rows_.find(id); known != rows_.end()) return &known->second;
  statement_.bind(id);
  ResetLater later(statement_);
  auto found = statement_.step();
  if (!found) return fail(std::move(found.error()));
  if (!*found) return nullptr;
  if (rows_.size() >= 4096) rows_.clear();
  Row row{std::string(statement_.text(0)), std::string(statement_.text(1))};
  return &rows_.emplace(id, std::move(row)).first->second;
}

Result<std::unique_ptr<RowReader>> RowReader::open(Database database) {
  std::unique_ptr<RowReader> out(new RowReader(std::move(database)));
  struct {
    SharedTexts* texts;
    const char* sql;
  } tables[] = {{&out->identities_, "SELECT text, '' FROM identity WHERE id = ?"},
                {&out->draws_, "SELECT text, '' FROM draw WHERE id = ?"},
                {&out->origins_, "SELECT head, tail FROM origin WHERE id = ?"}};
  for (auto& [texts, sql] : tables) {
    auto opened = SharedTexts::open(out->database_, sql);
    if (!opened) return fail(std::move(opened.error()));
    *texts = std::move(*opened);
  }
  auto find = out->database_.prepare(ASSAY_SELECT_ANSWER "WHERE a.key = ?");
  if (!find) return fail(std::move(find.error()));
  out->find_ = std::move(*find);
  return out;
}

Result<Answer> RowReader::read_answer(const Statement& row) {
  Answer out;
  out.key = row.key(0);
  auto identity = identities_.find(row.integer(1));
  if (!identity) return fail(std::move(identity.error()));
  auto draw = draws_.find(row.integer(2));
  if (!draw) return fail(std::move(draw.error()));
  auto origin = origins_.find(row.integer(3));
  if (!origin) return fail(std::move(origin.error()));
  bool dangling = !*identity || !*draw || !*origin || row.is_null(8) || (!row.is_null(11) && row.is_null(12));
  if (dangling)
    return fail(ErrorKind::data, "answer " + out.key.hex() + " points to a text that is not in the journal",
                database_.path().string(), "`assay journal verify` lists the damage; restore a copy");
  auto body = whole_body(row.text(8), row.text(12), row.integer(9), row.integer(10));
  if (!body) {
    body.error().where = database_.path().string() + ", answer " + out.key.hex();
    return fail(std::move(body.error()));
  }
  out.identity = (*identity)->first;
  out.draw = (*draw)->first;
  std::string_view sample = row.text(4);
  out.origin.reserve((*origin)->first.size() + sample.size() + (*origin)->second.size());
  out.origin.append((*origin)->first).append(sample).append((*origin)->second);
  out.status = row.integer(5) == 1 ? AnswerStatus::failed : AnswerStatus::answered;
  out.created = row.integer(6);
  out.response = row.text(7);
  out.request = std::move(*body);
  // Rows of version 1 have no sum.
  if (!row.is_null(13) && row.integer(13) != response_sum(out.status, out.response))
    return fail(ErrorKind::data, "answer " + out.key.hex() + " has changed: its response does not have the stored sum",
                database_.path().string(), "`assay journal verify` lists the damage; restore a copy, or save the rest with `assay journal export`");
  return out;
}

Result<std::optional<Answer>> RowReader::find(const Key& key) {
  find_.bind(key);
  return single_answer(find_);
}

Result<std::optional<Answer>> RowReader::at(std::int64_t id) {
  if (!at_) {
    auto statement = database_.prepare(ASSAY_SELECT_ANSWER "WHERE a.id = ?");
    if (!statement) return fail(std::move(statement.error()));
    at_ = std::move(*statement);
  }
  at_.bind(id);
  return single_answer(at_);
}

Result<std::int64_t> RowReader::last_answer() {
  if (!last_) {
    auto statement = database_.prepare("SELECT max(id) FROM answer");
    if (!statement) return fail(std::move(statement.error()));
    last_ = std::move(*statement);
  }
  ResetLater later(last_);
  auto row = last_.step();
  if (!row) return fail(std::move(row.error()));
  return *row ? last_.integer(0) : 0;
}

Result<void> RowReader::for_each_key(std::int64_t first, std::int64_t last, const std::function<void(const Key&)>& visit) {
  // All of them are read from the index, which is a twentieth of the table.
  const bool all = first <= 1;
  auto statement = database_.prepare(all ? "SELECT key FROM answer" : "SELECT key FROM answer WHERE id BETWEEN ? AND ?");
  if (!statement) return fail(std::move(statement.error()));
  if (!all) statement->bind(first, last);
  for (;;) {
    auto row = statement->step();
    if (!row) return fail(std::move(row.error()));
    if (!*row) return {};
    visit(statement->key(0));
  }
}

Result<std::optional<Answer>> RowReader::single_answer(Statement& statement) {
  ResetLater later(statement);
  auto row = statement.step();
  if (!row) return fail(std::move(row.error()));
  if (!*row) return std::nullopt;
  auto answer = read_answer(statement);
  if (!answer) return fail(std::move(answer.error()));
  return std::move(*answer);
}

Result<std::vector<Try>> RowReader::tries(const Key& key) {
  auto statement =
      database_.prepare("SELECT started, seconds, http_status, error_kind, message FROM try WHERE key = ? ORDER BY id");
  if (!statement) return fail(std::move(statement.error()));
  statement->bind(key);
  std::vector<Try> out;
  for (;;) {
    auto row = statement->step();
    if (!row) return fail(std::move(row.error()));
    if (!*row) return out;
    out.push_back(Try{key, statement->integer(0), statement->real(1), static_cast<int>(statement->integer(2)),
                      std::string(statement->text(3)), std::string(statement->text(4))});
  }
}

Result<void> RowReader::for_each_answer(const std::function<bool(const Answer&)>& visit) {
  auto statement = database_.prepare(ASSAY_SELECT_ANSWER "ORDER BY a.id");
  if (!statement) return fail(std::move(statement.error()));
  for (;;) {
    auto row = statement->step();
    if (!row) return fail(std::move(row.error()));
    if (!*row) return {};
    auto answer = read_answer(*statement);
    if (!answer) return fail(std::move(answer.error()));
    if (!visit(*answer)) return {};
  }
}

Result<void> RowReader::for_each_unit(std::string_view run, UnitColumns columns, const std::function<bool(const UnitRow&)>& visit) {
  const bool all = columns == UnitColumns::all;
  auto statement = database_.prepare(
      std::string("SELECT ordinal, unit, iteration, epoch, outcome") + (all ? ", keys, result" : "") +
      " FROM run_unit WHERE run = (SELECT id FROM run WHERE ulid = ?) ORDER BY ordinal");
  if (!statement) return fail(std::move(statement.error()));
  statement->bind(run);
  UnitRow unit;
  unit.run = run;
  for (;;) {
    auto row = statement->step();
    if (!row) return fail(std::move(row.error()));
    if (!*row) return {};
    unit.ordinal = statement->integer(0);
    unit.unit = statement->text(1);
    unit.iteration = static_cast<int>(statement->integer(2));
    unit.epoch = static_cast<int>(statement->integer(3));
    unit.outcome = statement->text(4);
    if (all) {
      unit.keys = split_keys(statement->text(5));
      unit.result = statement->text(6);
    }
    if (!visit(unit)) return {};
  }
}

Result<JournalStats> RowReader::stats() {
  JournalStats out;
  struct {
    std::int64_t* value;
    const char* sql;
  } counts[] = {
      {&out.answers, "SELECT count(*) FROM answer"},      {&out.failed, "SELECT count(*) FROM answer WHERE status = 1"},
      {&out.tries, "SELECT count(*) FROM try"},           {&out.requests, "SELECT count(*) FROM body"},
      {&out.identities, "SELECT count(*) FROM identity"}, {&out.runs, "SELECT count(*) FROM run"},
      {&out.units, "SELECT count(*) FROM run_unit"},
  };
  for (auto& [value, sql] : counts) {
    auto count = database_.integer(sql);
    if (!count) return fail(std::move(count.error()));
    *value = *count;
  }
  auto version = database_.integer("PRAGMA user_version");
  if (!version) return fail(std::move(version.error()));
  out.version = static_cast<int>(*version);
  return out;
}

Result<std::vector<RunRow>> RowReader::select_runs(Statement& statement) {
  std::vector<RunRow> out;
  for (;;) {
    auto row = statement.step();
    if (!row) return fail(std::move(row.error()));
    if (!*row) return out;
    out.push_back(read_run(statement));
  }
}

Result<std::vector<RunRow>> RowReader::runs(std::size_t limit) {
  auto statement = database_.prepare(ASSAY_SELECT_RUN "ORDER BY id DESC LIMIT ?");
  if (!statement) return fail(std::move(statement.error()));
  statement->bind(static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
  return select_runs(*statement);
}

Result<std::optional<RunRow>> RowReader::latest_run(std::string_view plan_hash, std::string_view before) {
  auto statement = database_.prepare(ASSAY_SELECT_RUN
                                     "WHERE plan_hash = ?1 AND id < ifnull((SELECT id FROM run WHERE ulid = ?2), 9223372036854775807)"
                                     " ORDER BY id DESC LIMIT 1");
  if (!statement) return fail(std::move(statement.error()));
  statement->bind(plan_hash, before);
  auto found = select_runs(*statement);
  if (!found) return fail(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Result<RunRow> RowReader::run(std::string_view id) {
  if (id.starts_with('@')) {
    std::string_view which = id.substr(1);
    std::int64_t back = 0;
    if (which == "last") {
      back = 1;
    } else if (which.starts_with('-')) {
      auto [end, code] = std::from_chars(which.data() + 1, which.data() + which.size(), back);
      if (code != std::errc() || end != which.data() + which.size()) back = 0;
    }
    if (back <= 0)
      return fail(ErrorKind::usage, "\"" + std::string(id) + "\" names no run", {},
                  "write @last, @-2 for the one before it, an id or the beginning of one");
    auto statement = database_.prepare(ASSAY_SELECT_RUN "ORDER BY id DESC LIMIT 1 OFFSET ?");
    if (!statement) return fail(std::move(statement.error()));
    statement->bind(back - 1);
    auto found = select_runs(*statement);
    if (!found) return fail(std::move(found.error()));
    if (found->empty()) return fail(unknown_run(id));
    return std::move(found->front());
  }

  std::string prefix(id);
  for (char& c : prefix) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  // The id as written first, since ids are compared bytewise; then as the beginning of a ULID, which has capitals only.
  auto exact = database_.prepare(ASSAY_SELECT_RUN "WHERE ulid = ?");
  if (!exact) return fail(std::move(exact.error()));
  exact->bind(id);
  auto found = select_runs(*exact);
  if (!found) return fail(std::move(found.error()));
  if (!found->empty()) return std::move(found->front());
  if (prefix.empty()) return fail(unknown_run(id));

  auto statement = database_.prepare(
      ASSAY_SELECT_RUN "WHERE substr(ulid, 1, length(?1)) = ?1 AND ulid >= ?1 ORDER BY id DESC LIMIT 4");
  if (!statement) return fail(std::move(statement.error()));
  statement->bind(prefix);
  found = select_runs(*statement);
  if (!found) return fail(std::move(found.error()));
  if (found->size() == 1) return std::move(found->front());
  if (found->empty()) return fail(unknown_run(id));
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min<std::size_t>(found->size(), 3); ++i) ids.push_back((*found)[i].id);
  return fail(ErrorKind::usage,
              "\"" + std::string(id) + "\" fits several runs: " + join(ids, ", ") + (found->size() > 3 ? ", ..." : ""), {},
              "write more of the id");
}

Error RowReader::unknown_run(std::string_view id) {
  Error error{ErrorKind::not_found, "there is no run \"" + shorten(valid_utf8(id), 60) + "\"", database_.path().string()};
  auto recent = database_.prepare("SELECT ulid FROM run ORDER BY id DESC LIMIT 200");
  if (!recent) return error;
  std::vector<std::string> ids;
  for (;;) {
    auto row = recent->step();
    if (!row || !*row) break;
    ids.emplace_back(recent->text(0));
  }
  if (ids.empty()) {
    error.hint = "this journal holds no runs yet";
    return error;
  }
  auto near = did_you_mean(std::string(id), ids);
  error.hint = near.empty() ? "the newest one is " + ids.front() + "; `assay list runs` shows all"
                            : "did you mean " + join(near, " or ") + "?";
  return error;
}

}  // namespace assay
