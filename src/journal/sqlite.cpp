#include "journal/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace assay {
namespace {

// Another process may be inside a group commit, or checkpointing a large log on a slow disk.
constexpr int kBusyMilliseconds = 30'000;

/// A file name as a URI, so that `immutable` can be asked for.
std::string immutable_uri(const std::filesystem::path& path) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (unsigned char c : path.string()) {
    if (c == '%' || c == '?' || c == '#' || c < 0x20) {
      uri += '%';
      uri += digits[c >> 4];
      uri += digits[c & 15];
    } else {
      uri += static_cast<char>(c);
    }
  }
  return uri + "?immutable=1";
}

/// A journal in a folder that cannot be written is readable as long as nobody else writes it: no log, no shared memory file. One that
/// cannot be written itself is read in the same way, since the files that SQLite would make beside it would be ours, and lock out
/// whoever may write it.
bool must_be_immutable(const std::filesystem::path& path) {
  std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code ignored;
  bool writable = ::access(folder.c_str(), W_OK) == 0 && ::access(path.c_str(), W_OK) == 0;
  return !writable && !std::filesystem::exists(path.string() + "-wal", ignored);
}

/// Why nothing can be written although the file may be: what another user's process has left beside it.
std::string cure_of_write_protection(const std::filesystem::path& path) {
  std::string names;
  for (const char* companion : {"-wal", "-shm"}) {
    const std::string name = path.string() + companion;
    if (::access(name.c_str(), F_OK) == 0 && ::access(name.c_str(), W_OK) != 0)
      names += (names.empty() ? "" : " and ") + std::filesystem::path(name).filename().string();
  }
  if (names.empty()) return "check that the folder exists and can be written, or name another file with --store";
  return "another user has left " + names + " beside it: remove that while nobody has the journal open (the -wal only if it is empty), or name " +
         "another file with --store";
}

}  // namespace

Error sqlite_error(sqlite3* handle, int code, const std::filesystem::path& path) {
  std::string detail = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  Error out{ErrorKind::io, "the journal cannot be used: " + detail, path.string()};
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
      out.kind = ErrorKind::data;
      out.message = "the journal is damaged: " + detail;
      out.hint =
          "`assay journal export` saves what can be read; restore a copy, or name another file with --store; this file was left "
          "as it is";
      break;
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:  // "no such table", "malformed database schema": the file is not what its header says
      out.kind = ErrorKind::data;
      out.message = "the journal is damaged or no journal: " + detail;
      out.hint = "name another file with --store, or restore a copy; this file was left as it is";
      break;
    case SQLITE_FULL:
      out.message = "the disk is full: the journal cannot grow";
      out.hint = "free some space and run the same command again; what was stored stays";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      out.message = "another process holds the journal";
      out.hint = "wait for it to end, or use another file with --store";
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      out.hint = cure_of_write_protection(path);
      break;
    case SQLITE_IOERR:
      if (handle && sqlite3_system_errno(handle) != 0)
        out.message += std::string(" (") + std::strerror(sqlite3_system_errno(handle)) + ")";
      out.hint = "check the disk and its free space; what was stored stays";
      break;
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      out.kind = ErrorKind::internal;
      break;
    default:
      break;
  }
  return out;
}

Result<std::string> read_beginning(const std::filesystem::path& path, std::size_t size) {
  sqlite3_vfs* files = sqlite3_vfs_find(nullptr);
  if (!files) return fail(ErrorKind::internal, "SQLite has no file system", path.string());
  std::string name = path.string();
  name += '\0';  // SQLite looks for parameters behind the name's own zero
  std::vector<std::max_align_t> memory(static_cast<std::size_t>(files->szOsFile) / sizeof(std::max_align_t) + 1);
  auto* file = reinterpret_cast<sqlite3_file*>(memory.data());
  std::string out(size, '\0');
  int code = files->xOpen(files, name.c_str(), file, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, nullptr);
  if (code == SQLITE_OK) code = file->pMethods->xRead(file, out.data(), static_cast<int>(size), 0);
  if (file->pMethods) file->pMethods->xClose(file);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
    return fail(ErrorKind::io, "the journal cannot be read", path.string(), "check its permissions, or name another file with --store");
  return out;
}

Result<Database> Database::open(const std::filesystem::path& path, Access access) {
  int flags = SQLITE_OPEN_NOMUTEX;
  std::string name = path.string();
  if (access == Access::read_only) {
    flags |= SQLITE_OPEN_READONLY;
    if (must_be_immutable(path)) {
      name = immutable_uri(path);
      flags |= SQLITE_OPEN_URI;
    }
  } else {
    flags |= SQLITE_OPEN_READWRITE;
    if (access == Access::create) flags |= SQLITE_OPEN_CREATE;
  }
  // "-" and "file:..." and ":memory:" are names of files here, never SQLite's own syntax.
  if (!(flags & SQLITE_OPEN_URI) && path.is_relative()) name = "./" + name;
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  Database database(handle, path);
  if (!handle) throw std::bad_alloc();
  if (code != SQLITE_OK) return fail(sqlite_error(handle, code, path));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  // A journal comes from a disk, maybe from somebody else's: its schema may not run functions with side effects.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  return database;
}

Database& Database::operator=(Database&& other) noexcept {
  if (this != &other) {
    sqlite3_close_v2(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
    path_ = std::move(other.path_);
  }
  return *this;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<void> Database::execute(const char* sql) {
  int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(handle_, code, path_));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  int code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(handle_, code, path_));
  return Statement(statement);
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return fail(std::move(row.error()));
  return *row ? statement->integer(0) : 0;
}

Result<std::string> Database::text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return fail(std::move(row.error()));
  return *row ? std::string(statement->text(0)) : std::string();
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_);
}
int Database::changes() const {
  return sqlite3_changes(handle_);
}
bool Database::read_only() const {
  return sqlite3_db_readonly(handle_, "main") == 1;
}

Result<void> Database::copy_to(const std::filesystem::path& target) {
  int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return fail(ErrorKind::io, std::string("cannot create the copy: ") + std::strerror(errno), target.string());
  ::close(fd);
  auto copy = open(target, Access::read_write);
  if (!copy) return fail(std::move(copy.error()));
  sqlite3_backup* backup = sqlite3_backup_init(copy->handle_, "main", handle_, "main");
  if (!backup) return fail(sqlite_error(copy->handle_, sqlite3_errcode(copy->handle_), target));
  int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return fail(sqlite_error(copy->handle_, code, target));
  return {};
}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

// A failing bind (wrong index, use after step) is a bug of ours; exhausted memory is the only other reason.
static void check_bind(int code) {
  if (code != SQLITE_OK) throw std::logic_error(std::string("sqlite3_bind: ") + sqlite3_errstr(code));
}
void Statement::bind_at(int index, std::int64_t value) {
  check_bind(sqlite3_bind_int64(handle_, index, value));
}
void Statement::bind_at(int index, double value) {
  check_bind(sqlite3_bind_double(handle_, index, value));
}
void Statement::bind_at(int index, std::nullptr_t) {
  check_bind(sqlite3_bind_null(handle_, index));
}
void Statement::bind_at(int index, std::string_view text) {
  // A null pointer would bind NULL.
  check_bind(sqlite3_bind_text64(handle_, index, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8));
}
void Statement::bind_at(int index, const Key& key) {
  check_bind(sqlite3_bind_blob(handle_, index, key.bytes.data(), static_cast<int>(key.bytes.size()), SQLITE_STATIC));
}
void Statement::bind_blob(int index, std::string_view bytes) {
  check_bind(sqlite3_bind_blob64(handle_, index, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_STATIC));
}

Result<bool> Statement::step() {
  int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_);
    return false;
  }
  sqlite3* connection = sqlite3_db_handle(handle_);
  const char* file = sqlite3_db_filename(connection, "main");
  Error error = sqlite_error(connection, code, file ? file : "");
  sqlite3_reset(handle_);
  return fail(std::move(error));
}

Result<void> Statement::run() {
  auto row = step();
  if (!row) return fail(std::move(row.error()));
  sqlite3_reset(handle_);
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(handle_, column);
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const {
  // column_blob gives the bytes of a text as they are stored, without a copy for a terminating zero.
  const void* data = sqlite3_column_blob(handle_, column);
  if (!data) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

Key Statement::key(int column) const {
  Key key;
  std::string_view bytes = text(column);
  if (bytes.size() == key.bytes.size()) std::memcpy(key.bytes.data(), bytes.data(), bytes.size());
  return key;
}

Transaction::~Transaction() {
  // A failed COMMIT may have rolled back by itself; then ROLLBACK says so and changes nothing.
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::begin() {
  auto done = database_.execute("BEGIN IMMEDIATE");
  open_ = done.has_value();
  return done;
}

Result<void> Transaction::commit() {
  auto done = database_.execute("COMMIT");
  if (done) open_ = false;
  return done;
}

}  // namespace assay
