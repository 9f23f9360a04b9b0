// SQLite's C API as owned values: a connection, a prepared statement, a transaction; result codes as Errors.
// Threading: a Database and its Statements belong to one thread at a time (opened without SQLite's own mutexes).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/hash.h"

struct sqlite3;
struct sqlite3_stmt;

namespace assay {

class Statement;

/// The failure that a call just returned as an Error: data (damaged, not a database), io (the rest), internal, with a hint.
Error sqlite_error(sqlite3* handle, int code, const std::filesystem::path& path);

/// The first `size` bytes of a file, with zeros where it is shorter. Read as SQLite reads: when a process closes a file by itself, the
/// locks that its connections have on it are gone, and other processes may delete the log under them. Errors: io.
Result<std::string> read_beginning(const std::filesystem::path& path, std::size_t size);

class Database {
 public:
  enum class Access { create, read_write, read_only };
  /// Opens lazily as SQLite does: a damaged file is noticed by the first statement. Errors: io, data.
  static Result<Database> open(const std::filesystem::path& path, Access access);

  Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), path_(std::move(other.path_)) {}
  Database& operator=(Database&& other) noexcept;
  ~Database();

  /// Runs statements without parameters and results.
  Result<void> execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row.
  Result<std::int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  std::int64_t last_insert_id() const;
  /// Rows that the last INSERT, UPDATE or DELETE changed.
  int changes() const;
  bool read_only() const;
  /// Copies all pages into a new file, which must not exist. Errors: io, data.
  Result<void> copy_to(const std::filesystem::path& target);

  sqlite3* handle() const { return handle_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  Database(sqlite3* handle, std::filesystem::path path) : handle_(handle), path_(std::move(path)) {}
  sqlite3* handle_ = nullptr;
  std::filesystem::path path_;
};

/// A prepared statement. Bound text must live until reset(); what a text() view shows lives until the next step() or reset().
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();
  explicit operator bool() const { return handle_ != nullptr; }

  /// Binds parameters 1, 2, ... in the order given.
  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_at(++index, values), ...);
    return *this;
  }
  void bind_at(int index, std::int64_t value);
  void bind_at(int index, int value) { bind_at(index, std::int64_t{value}); }
  void bind_at(int index, double value);
  void bind_at(int index, std::string_view text);
  void bind_at(int index, const std::string& text) { bind_at(index, std::string_view(text)); }
  void bind_at(int index, const char* text) { bind_at(index, std::string_view(text)); }
  void bind_at(int index, const Key& key);
  void bind_at(int index, std::nullptr_t);
  template <class T>
  void bind_at(int index, const std::optional<T>& value) {
    value ? bind_at(index, *value) : bind_at(index, nullptr);
  }
  void bind_blob(int index, std::string_view bytes);

  /// True when there is a row, false at the end (and the statement is reset). An error resets it too.
  Result<bool> step();
  /// For statements without rows.
  Result<void> run();
  /// Forgets the row, keeps the plan; ends the read transaction that the statement holds.
  void reset();

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // of text and of blobs
  bool is_null(int column) const;
  /// All zero when the column is not 16 bytes long.
  Key key(int column) const;

 private:
  sqlite3_stmt* handle_ = nullptr;
};

/// Resets a statement at the end of a scope, so that no read transaction stays open.
class ResetLater {
 public:
  explicit ResetLater(Statement& statement) : statement_(statement) {}
  ~ResetLater() { statement_.reset(); }
  ResetLater(const ResetLater&) = delete;
  ResetLater& operator=(const ResetLater&) = delete;

 private:
  Statement& statement_;
};

/// BEGIN IMMEDIATE ... COMMIT; rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Result<void> begin();
  Result<void> commit();

 private:
  Database& database_;
  bool open_ = false;
};

}  // namespace assay
