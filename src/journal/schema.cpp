#include "journal/schema.h"

#include <sqlite3.h>

#include <array>
#include <cstring>
#include <fstream>
#include <system_error>

namespace assay {
namespace {

constexpr const char* kCreate = R"sql(
CREATE TABLE identity(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE draw(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE origin(id INTEGER PRIMARY KEY, head TEXT NOT NULL, tail TEXT NOT NULL, UNIQUE(head, tail));

CREATE TABLE body(id INTEGER PRIMARY KEY, hash BLOB NOT NULL, base INTEGER, head INTEGER NOT NULL, tail INTEGER NOT NULL,
  text TEXT NOT NULL);
CREATE UNIQUE INDEX body_hash ON body(hash);

CREATE TABLE answer(id INTEGER PRIMARY KEY, key BLOB NOT NULL, identity INTEGER NOT NULL, draw INTEGER NOT NULL,
  body INTEGER NOT NULL, origin INTEGER NOT NULL, sample TEXT, status INTEGER NOT NULL, created INTEGER NOT NULL,
  response TEXT NOT NULL, sum INTEGER);
CREATE UNIQUE INDEX answer_key ON answer(key);
CREATE INDEX answer_failed ON answer(id) WHERE status = 1;

CREATE TABLE former_answer(id INTEGER PRIMARY KEY, key BLOB NOT NULL, identity INTEGER NOT NULL, draw INTEGER NOT NULL,
  body INTEGER NOT NULL, origin INTEGER NOT NULL, sample TEXT, status INTEGER NOT NULL, created INTEGER NOT NULL,
  response TEXT NOT NULL, sum INTEGER);
CREATE INDEX former_answer_key ON former_answer(key);

CREATE TABLE try(id INTEGER PRIMARY KEY, key BLOB NOT NULL, started INTEGER NOT NULL, seconds REAL NOT NULL,
  http_status INTEGER NOT NULL, error_kind TEXT, message TEXT NOT NULL);
CREATE INDEX try_failed ON try(key) WHERE error_kind IS NOT NULL;

CREATE TABLE run(id INTEGER PRIMARY KEY, ulid TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, plan_hash TEXT NOT NULL,
  plan TEXT NOT NULL, status TEXT NOT NULL, report TEXT NOT NULL);
CREATE INDEX run_plan_hash ON run(plan_hash);

CREATE TABLE run_unit(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, ordinal INTEGER NOT NULL, unit TEXT NOT NULL,
  iteration INTEGER NOT NULL, epoch INTEGER NOT NULL, keys BLOB NOT NULL, outcome TEXT NOT NULL, result TEXT NOT NULL);
CREATE UNIQUE INDEX run_unit_place ON run_unit(run, ordinal);
)sql";

constexpr const char* kElsewhere = "name another file with --store; this file was left as it is";

/// An unsigned number in SQLite's file header.
std::int64_t header_field(const std::array<char, 100>& header, std::size_t offset) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(header[offset + i]);
  return value;
}

Error newer_version(std::int64_t version, const std::filesystem::path& path) {
  return {ErrorKind::data,
          "the journal has version " + std::to_string(version) + "; this program knows versions up to " +
              std::to_string(kJournalVersion),
          path.string(), "use a newer assay, or name another file with --store; this file was left as it is"};
}

bool is_our_header(const std::array<char, 100>& header) {
  return std::memcmp(header.data(), "SQLite format 3", 16) == 0 && header_field(header, 68) == kJournalApplicationId;
}

// Where the process or the power ended while the first page was written into the file, what stands there says nothing, down to the
// noise of a torn sector. SQLite repairs it when it opens the file, from what lies beside it; so that is what tells whose file it
// is. Formats: sqlite.org/fileformat2.html, sections 3 and 4.

/// The rollback journal: made before the journal's tables and its write-ahead log. It says that the file was empty before, or how
/// its first page was.
bool rollback_holds_our_header(const std::filesystem::path& path) {
  constexpr std::string_view kMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  std::array<char, 100> head{};
  std::ifstream in(path.string() + "-journal", std::ios::binary);
  in.read(head.data(), 28);
  if (in.gcount() != 28 || std::string_view(head.data(), 8) != kMagic) return false;
  if (header_field(head, 16) == 0) return true;
  const std::int64_t page_size = header_field(head, 24);
  for (std::int64_t left = header_field(head, 8), record = header_field(head, 20); left > 0; --left, record += page_size + 8) {
    std::array<char, 100> number{}, page{};
    in.seekg(record);
    if (!in.read(number.data(), 4).read(page.data(), page.size())) return false;
    if (header_field(number, 0) == 1) return is_our_header(page);
  }
  return false;
}

/// The write-ahead log, which is copied into the file from time to time.
bool log_holds_our_header(const std::filesystem::path& path) {
  std::array<char, 100> log{};
  std::ifstream in(path.string() + "-wal", std::ios::binary);
  in.read(log.data(), 32);
  const std::int64_t page_size = header_field(log, 8);
  if (in.gcount() != 32 || (header_field(log, 0) | 1) != 0x377f0683) return false;
  for (std::int64_t frame = 32;; frame += 24 + page_size) {
    std::array<char, 100> head{}, page{};
    in.seekg(frame);
    if (!in.read(head.data(), 24).read(page.data(), page.size())) return false;
    if (std::memcmp(head.data() + 8, log.data() + 16, 8) != 0) return false;  // other salts: left from an earlier round
    if (header_field(head, 0) == 1 && is_our_header(page)) return true;
  }
}

/// Recognises a file that is not for us before SQLite opens it, which would leave traces beside it. A journal's main file carries
/// the application id from its first byte on, and its version there may lag behind (the log has the rest) but never lead.
Result<void> check_header(const std::filesystem::path& path, std::uintmax_t size) {
  std::array<char, 100> header{};
  auto beginning = read_beginning(path, header.size());
  if (!beginning) return fail(std::move(beginning.error()));
  std::memcpy(header.data(), beginning->data(), header.size());
  if (!is_our_header(header) && (rollback_holds_our_header(path) || log_holds_our_header(path))) return {};
  if (std::memcmp(header.data(), "SQLite format 3", 16) != 0)
    return fail(ErrorKind::data, "this file is no journal", path.string(), kElsewhere);
  if (size < 512)
    return fail(ErrorKind::data, "the journal is truncated to " + std::to_string(size) + " bytes", path.string(), kElsewhere);
  if (header_field(header, 68) != kJournalApplicationId)
    return fail(ErrorKind::data, "this is another program's database, no journal", path.string(), kElsewhere);
  if (header_field(header, 60) > kJournalVersion) return fail(newer_version(header_field(header, 60), path));
  return {};
}

struct Stamp {
  std::int64_t application = 0, version = 0, tables = 0;
  bool empty() const { return application == 0 && version == 0 && tables == 0; }
};

/// In one statement: of a journal that another process is making, all is seen or nothing.
Result<Stamp> read_stamp(Database& database) {
  auto statement = database.prepare(
      "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),"
      " (SELECT count(*) FROM sqlite_schema)");
  if (!statement) return fail(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return fail(std::move(row.error()));
  return Stamp{statement->integer(0), statement->integer(1), statement->integer(2)};
}

/// read_stamp() for a reader. Where a process ended while it made the journal, only a connection that may write can take back what
/// was begun; nothing that was stored is in it, since answers come later and go into the log.
Result<Stamp> read_stamp_of_unfinished(Database& database) {
  auto stamp = read_stamp(database);
  if (stamp || sqlite3_extended_errcode(database.handle()) != SQLITE_READONLY_ROLLBACK) return stamp;
  auto writer = Database::open(database.path(), Database::Access::read_write);
  if (!writer || !read_stamp(*writer)) return stamp;
  return read_stamp(database);
}

Result<void> set_version(Database& database, int version) {
  return database.execute(("PRAGMA user_version = " + std::to_string(version)).c_str());
}

/// In one transaction in rollback mode, so that the main file carries the stamp from its first byte on.
Result<void> create(Database& database) {
  Transaction transaction(database);
  if (auto begun = transaction.begin(); !begun) return begun;
  auto stamp = read_stamp(database);
  if (!stamp) return fail(std::move(stamp.error()));
  if (!stamp->empty()) return {};  // another process was first
  if (auto done = database.execute(kCreate); !done) return done;
  if (auto done = database.execute(("PRAGMA application_id = " + std::to_string(kJournalApplicationId)).c_str()); !done)
    return done;
  if (auto done = set_version(database, kJournalVersion); !done) return done;
  return transaction.commit();
}

std::filesystem::path backup_path(const std::filesystem::path& path, std::int64_t version) {
  std::string name = path.string() + ".version-" + std::to_string(version) + ".backup";
  std::error_code ignored;
  if (!std::filesystem::exists(name, ignored)) return name;
  for (int n = 2;; ++n) {
    std::string numbered = name + "-" + std::to_string(n);
    if (!std::filesystem::exists(numbered, ignored)) return numbered;
  }
}

Result<void> migrate(Database& database, const std::filesystem::path& path, std::span<const JournalMigration> migrations) {
  Transaction transaction(database);  // from here on nobody else writes: the backup and the migration see the same content
  if (auto begun = transaction.begin(); !begun) return begun;
  auto stamp = read_stamp(database);
  if (!stamp) return fail(std::move(stamp.error()));
  if (stamp->version == kJournalVersion) return {};  // another process was first
  std::vector<const JournalMigration*> steps;
  for (std::int64_t version = stamp->version; version < kJournalVersion; ++version) {
    auto step = std::find_if(migrations.begin(), migrations.end(), [&](const JournalMigration& m) { return m.from == version; });
    if (step == migrations.end())
      return fail(ErrorKind::data,
                  "the journal has version " + std::to_string(version) + ", from which no way leads to version " +
                      std::to_string(kJournalVersion),
                  path.string(), kElsewhere);
    steps.push_back(&*step);
  }
  // The connection that holds the write lock cannot be copied from; another one can.
  auto reader = Database::open(path, Database::Access::read_write);
  if (!reader) return fail(std::move(reader.error()));
  if (auto copied = reader->copy_to(backup_path(path, stamp->version)); !copied) return copied;
  for (const JournalMigration* step : steps)
    if (auto done = database.execute(step->sql); !done) return done;
  if (auto done = set_version(database, kJournalVersion); !done) return done;
  return transaction.commit();
}

/// Switching to WAL needs the file alone for a moment, and SQLite does not wait for it as it waits for locks.
Result<void> use_wal(Database& database) {
  Result<std::string> mode;
  for (int attempt = 0; attempt < 200; ++attempt) {
    mode = database.text("PRAGMA journal_mode = WAL");
    if (mode && *mode == "wal") return {};
    if (!mode && mode.error().kind != ErrorKind::io) break;
    sqlite3_sleep(25);
  }
  if (!mode) return fail(std::move(mode.error()));
  return fail(ErrorKind::io, "this place cannot hold a journal: no write-ahead log here (mode " + *mode + ")",
              database.path().string(), "put the journal on a local disk with --store");
}

Result<void> configure(Database& database) {
  return database.execute(
      "PRAGMA synchronous = FULL; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
      "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;");
}

}  // namespace

Result<Database> open_journal_file(const std::filesystem::path& path, Journal::Mode mode,
                                   std::span<const JournalMigration> migrations) {
  bool writing = mode == Journal::Mode::read_write;
  std::error_code code;
  auto status = std::filesystem::status(path, code);
  bool exists = std::filesystem::exists(status);
  if (!exists && !writing)
    return fail(ErrorKind::not_found, "there is no journal here", path.string(),
                "run something first, or name the journal with --store");
  if (exists && !std::filesystem::is_regular_file(status))
    return fail(ErrorKind::io, "the journal must be a file, and this is something else", path.string(), kElsewhere);
  if (!exists && path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), code);
    if (code)
      return fail(ErrorKind::io, "cannot create the journal's folder: " + code.message(), path.parent_path().string(),
                  "name another place with --store");
  }
  if (exists) {
    auto size = std::filesystem::file_size(path, code);
    if (code) return fail(ErrorKind::io, "the journal cannot be read: " + code.message(), path.string());
    if (size > 0)
      if (auto checked = check_header(path, size); !checked) return fail(std::move(checked.error()));
  }

  bool log_left = std::filesystem::exists(path.string() + "-wal", code);
  auto database = Database::open(path, writing ? Database::Access::create : Database::Access::read_only);
  if (!database) return fail(std::move(database.error()));
  // Until we know the file for sound, closing it must not carry the log of a crashed process into it.
  sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log_left ? 1 : 0, nullptr);
  if (writing && database->read_only())
    return fail(ErrorKind::io, "the journal is write-protected", path.string(),
                "change its permissions, or name another file with --store");
  auto stamp = writing ? read_stamp(*database) : read_stamp_of_unfinished(*database);
  if (!stamp) return fail(std::move(stamp.error()));
  if (stamp->empty() && writing) {
    if (auto created = create(*database); !created) return fail(std::move(created.error()));
    stamp = read_stamp(*database);
    if (!stamp) return fail(std::move(stamp.error()));
  }
  if (stamp->application != kJournalApplicationId)
    return fail(ErrorKind::data,
                stamp->empty() ? "this database is empty: no journal" : "this is another program's database, no journal",
                path.string(), kElsewhere);
  if (stamp->version > kJournalVersion) return fail(newer_version(stamp->version, path));
  if (stamp->version < kJournalVersion) {
    if (!writing)
      return fail(ErrorKind::data, "the journal has the older version " + std::to_string(stamp->version), path.string(),
                  "the next `assay run` with it brings it up to date, after a backup");
    if (auto migrated = migrate(*database, path, migrations); !migrated) return fail(std::move(migrated.error()));
  }
  if (writing) {
    if (auto wal = use_wal(*database); !wal) return fail(std::move(wal.error()));
    sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  }
  if (auto configured = configure(*database); !configured) return fail(std::move(configured.error()));
  return database;
}

Result<Database> connect_journal_file(const std::filesystem::path& path, Journal::Mode mode) {
  auto database =
      Database::open(path, mode == Journal::Mode::read_write ? Database::Access::read_write : Database::Access::read_only);
  if (!database) return database;
  if (auto configured = configure(*database); !configured) return fail(std::move(configured.error()));
  return database;
}

Result<Database> open_damaged_journal_file(const std::filesystem::path& path) {
  std::error_code code;
  auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status))
    return fail(ErrorKind::not_found, "there is no journal here", path.string(), "name the journal with --store");
  if (!std::filesystem::is_regular_file(status))
    return fail(ErrorKind::io, "the journal must be a file, and this is something else", path.string(), kElsewhere);
  auto size = std::filesystem::file_size(path, code);
  if (code) return fail(ErrorKind::io, "the journal cannot be read: " + code.message(), path.string());
  if (auto checked = check_header(path, size); !checked) return fail(std::move(checked.error()));
  auto database = Database::open(path, Database::Access::read_only);
  if (!database) return database;
  // SQLite refuses a file that is shorter than its header says, and a schema with a flaw, unless it is told that somebody is
  // repairing. The connection reads only: nothing can be written through what this opens.
  sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  if (auto done = database->execute("PRAGMA writable_schema = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"); !done)
    return fail(std::move(done.error()));
  auto version = database->integer("PRAGMA user_version");
  if (!version) return fail(std::move(version.error()));
  if (*version > kJournalVersion) return fail(newer_version(*version, path));
  if (*version < kJournalVersion)
    return fail(ErrorKind::data, "the journal has the older version " + std::to_string(*version), path.string(),
                "the next `assay run` with it brings it up to date, after a backup");
  return database;
}

}  // namespace assay
