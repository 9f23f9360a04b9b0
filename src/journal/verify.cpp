#include "journal/verify.h"

#include "base/json.h"
#include "journal/body_store.h"
#include "journal/response_sum.h"

namespace assay {
namespace {

constexpr std::size_t kMostProblems = 100;

class Verifier {
 public:
  explicit Verifier(Database& database) : database_(database) {}

  Result<void> pages() {
    return rows("PRAGMA integrity_check(100)", [&](Statement& row) {
      if (row.text(0) != "ok") add("page check: " + std::string(row.text(0)));
    });
  }

  Result<void> bodies() {
    return rows(
        "SELECT b.id, b.hash, b.base, b.head, b.tail, b.text, c.text, c.base, c.id FROM body b LEFT JOIN body c ON c.id = b.base "
        "ORDER BY b.id",
        [&](Statement& row) {
          std::string name = "request " + std::to_string(row.integer(0));
          if (!row.is_null(2) && row.is_null(8))
            return add(name + " is a difference to request " + std::to_string(row.integer(2)) + ", which is not there");
          if (!row.is_null(7)) add(name + " is a difference to a difference");
          auto text = whole_body(row.text(5), row.text(6), row.integer(3), row.integer(4));
          if (!text) return add(name + ": " + text.error().message);
          if (key_of(*text) != row.key(1)) add(name + " has changed: its text does not have the stored hash");
        });
  }

  Result<void> references() {
    struct {
      const char* what;
      const char* sql;
    } checks[] = {
        {"answers have an unknown status", "SELECT count(*) FROM answer WHERE status NOT IN (0, 1)"},
        {"former answers are not failures", "SELECT count(*) FROM former_answer WHERE status <> 1"},
        {"keys of answers are not 16 bytes long", "SELECT count(*) FROM answer WHERE length(key) <> 16 OR typeof(key) <> 'blob'"},
        {"answers name an identity, draw, origin or request that is not there",
         "SELECT count(*) FROM answer a WHERE NOT EXISTS (SELECT 1 FROM identity WHERE id = a.identity) OR NOT EXISTS (SELECT 1 "
         "FROM draw WHERE id = a.draw)"
         " OR NOT EXISTS (SELECT 1 FROM origin WHERE id = a.origin) OR NOT EXISTS (SELECT 1 FROM body WHERE id = a.body)"},
        {"former answers name an identity, draw, origin or request that is not there",
         "SELECT count(*) FROM former_answer a WHERE NOT EXISTS (SELECT 1 FROM identity WHERE id = a.identity) OR NOT EXISTS "
         "(SELECT 1 FROM draw WHERE id = a.draw)"
         " OR NOT EXISTS (SELECT 1 FROM origin WHERE id = a.origin) OR NOT EXISTS (SELECT 1 FROM body WHERE id = a.body)"},
        {"units belong to a run that is not there",
         "SELECT count(*) FROM run_unit u WHERE NOT EXISTS (SELECT 1 FROM run WHERE id = u.run)"},
        {"units hold a list of keys that is cut off", "SELECT count(*) FROM run_unit WHERE length(keys) % 16 <> 0"},
    };
    for (auto& [what, sql] : checks) {
      auto done = rows(sql, [&, what = what](Statement& row) {
        if (row.integer(0) != 0) add(std::to_string(row.integer(0)) + " " + what);
      });
      if (!done) return done;
    }
    return {};
  }

  Result<void> responses() {
    struct {
      const char* what;
      const char* sql;
    } tables[] = {{"answer ", "SELECT key, status, response, sum FROM answer ORDER BY id"},
                  {"former answer ", "SELECT key, status, response, sum FROM former_answer ORDER BY id"}};
    for (auto& [what, sql] : tables) {
      auto done = rows(sql, [&, what = what](Statement& row) {
        std::string name = what + row.key(0).hex();
        AnswerStatus status = row.integer(1) == 1 ? AnswerStatus::failed : AnswerStatus::answered;
        if (!row.is_null(3) && row.integer(3) != response_sum(status, row.text(2)))
          return add(name + " has changed: its response does not have the stored sum");
        if (auto response = parse_json(row.text(2)); !response)
          add(name + " is no JSON any more: " + response.error().message);
      });
      if (!done) return done;
    }
    return {};
  }

  Result<void> keys(const Journal::Rekey& rekey) {
    if (!rekey) return {};
    return rows(
        "SELECT a.key, i.text, d.text, b.text, c.text, b.head, b.tail FROM answer a JOIN identity i ON i.id = a.identity JOIN "
        "draw d ON d.id = a.draw"
        " JOIN body b ON b.id = a.body LEFT JOIN body c ON c.id = b.base ORDER BY a.id",
        [&](Statement& row) {
          std::string name = "answer " + row.key(0).hex();
          auto request = whole_body(row.text(3), row.text(4), row.integer(5), row.integer(6));
          if (!request) return;  // reported with the bodies
          auto key = rekey(row.text(1), *request, row.text(2));
          if (!key) return add(name + ": its key cannot be recomputed: " + key.error().message);
          if (*key != row.key(0)) add(name + " does not belong to its question: the recomputed key is " + key->hex());
        });
  }

  std::vector<std::string> take() { return std::move(problems_); }

 private:
  void add(std::string problem) {
    if (problems_.size() < kMostProblems) {
      problems_.push_back(std::move(problem));
    } else if (problems_.size() == kMostProblems) {
      problems_.emplace_back("and more");
    }
  }

  /// Damage that stops a walk is a finding; a disk that cannot be read is an error.
  template <class Visit>
  Result<void> rows(const char* sql, Visit visit) {
    auto statement = database_.prepare(sql);
    if (!statement) return damage(std::move(statement.error()));
    for (;;) {
      auto row = statement->step();
      if (!row) return damage(std::move(row.error()));
      if (!*row || problems_.size() > kMostProblems) return {};
      visit(*statement);
    }
  }

  Result<void> damage(Error error) {
    if (error.kind != ErrorKind::data) return fail(std::move(error));
    add(std::move(error.message));
    return {};
  }

  Database& database_;
  std::vector<std::string> problems_;
};

}  // namespace

Result<std::vector<std::string>> verify_journal(Database& database, const Journal::Rekey& rekey) {
  Verifier verifier(database);
  if (auto done = verifier.pages(); !done) return fail(std::move(done.error()));
  if (auto done = verifier.bodies(); !done) return fail(std::move(done.error()));
  if (auto done = verifier.references(); !done) return fail(std::move(done.error()));
  if (auto done = verifier.responses(); !done) return fail(std::move(done.error()));
  if (auto done = verifier.keys(rekey); !done) return fail(std::move(done.error()));
  return verifier.take();
}

}  // namespace assay
