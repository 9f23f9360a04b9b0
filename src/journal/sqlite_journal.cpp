// The journal on SQLite: a write queue with its own connection, a guarded connection for look-ups, one more for each long walk.
#include <sqlite3.h>

#include <atomic>
#include <mutex>
#include <system_error>
#include <tuple>
#include <utility>

#include "journal/journal.h"
#include "journal/known_keys.h"
#include "journal/options.h"
#include "journal/row_reader.h"
#include "journal/row_writer.h"
#include "journal/schema.h"
#include "journal/verify.h"
#include "journal/write_queue.h"

namespace assay {
namespace {

/// Of a connection beside the writing one: what it reads is dropped with each group that the other commits, and a walk reads each
/// page once.
constexpr const char* kSmallCache = "PRAGMA cache_size = -1024";

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(std::filesystem::path path, Mode mode, Clock& clock, std::unique_ptr<RowReader> reader)
      : path_(std::move(path)), mode_(mode), clock_(clock), reader_(std::move(reader)) {}

  Result<void> start_writing(Database database, const JournalOptions& options) {
    write_connection_.emplace(std::move(database));
    auto writer = RowWriter::open(*write_connection_);
    if (!writer) return fail(std::move(writer.error()));
    writer_ = std::move(*writer);
    // Instead of SQLite's own checkpoints, which happen inside a commit: then our look-ups hold an older state of the log, which
    // therefore is never emptied and must be read whole after a crash.
    sqlite3_wal_hook(
        write_connection_->handle(),
        [](void* pages, sqlite3*, const char*, int now) {
          *static_cast<int*>(pages) = now;
          return SQLITE_OK;
        },
        &log_pages_);
    queue_ = std::make_unique<WriteQueue>(
        [this](std::span<const JournalItem> items) {
          empty_log();
          auto written = writer_->write(items);
          if (!written) return written;
          known_.wrote(writer_->added());
          if (!writer_->outrun().empty()) {
            std::lock_guard lock(outrun_mutex_);
            outrun_.insert(outrun_.end(), writer_->outrun().begin(), writer_->outrun().end());
          }
          return written;
        },
        options);
    return {};
  }

  Result<std::optional<Answer>> find(const Key& key) override {
    if (!queue_) {
      std::lock_guard lock(reading_);
      return reader_->find(key);
    }
    auto waiting = queue_->look_up(key);
    if (!waiting) return fail(std::move(waiting.error()));
    // The table is asked even when an answer waits: a committed one is final, whatever waits in the queue. Asking it second means
    // that what leaves the queue in between is found in the table.
    std::lock_guard lock(reading_);
    if (auto begun = snapshot(waiting->groups); !begun) return fail(std::move(begun.error()));
    if (!waiting->answer && !known_.may_have(key)) return std::nullopt;
    auto stored = reader_->find(key);
    if (!stored || !waiting->answer) return stored;
    if (*stored && (*stored)->status == AnswerStatus::answered) return stored;
    return *waiting->answer;
  }

  void put_answer(Answer answer) override {
    if (answer.created == 0) answer.created = clock_.unix_micros();
    known_.add(answer.key);
    push(std::make_shared<const Answer>(std::move(answer)));
  }
  std::vector<Key> take_outrun() override {
    std::lock_guard lock(outrun_mutex_);
    return std::exchange(outrun_, {});
  }
  void put_try(Try attempt) override { push(std::move(attempt)); }
  void put_unit(UnitRow unit) override { push(std::move(unit)); }

  Result<void> create_run(const RunRow& run) override {
    if (auto writable = check_writable(); !writable) return writable;
    std::lock_guard lock(reading_);
    end_snapshot();
    Database& database = reader_->database();
    Transaction transaction(database);
    if (auto begun = transaction.begin(); !begun) return begun;
    auto insert = database.prepare(
        "INSERT INTO run(ulid, created, plan_hash, plan, status, report) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(ulid) DO NOTHING");
    if (!insert) return fail(std::move(insert.error()));
    insert->bind(run.id, run.created != 0 ? run.created : clock_.unix_micros(), run.plan_hash, run.plan, run.status, run.report);
    if (auto done = insert->run(); !done) return done;
    if (database.changes() == 0) return fail(ErrorKind::usage, "there is a run " + run.id + " already", path_.string());
    return transaction.commit();
  }

  Result<void> finish_run(std::string_view run, std::string_view status, std::string_view report) override {
    if (auto writable = check_writable(); !writable) return writable;
    if (auto flushed = flush(); !flushed) return flushed;
    std::lock_guard lock(reading_);
    end_snapshot();
    Database& database = reader_->database();
    Transaction transaction(database);
    if (auto begun = transaction.begin(); !begun) return begun;
    auto update = database.prepare("UPDATE run SET status = ?, report = ? WHERE ulid = ?");
    if (!update) return fail(std::move(update.error()));
    update->bind(status, report, run);
    if (auto done = update->run(); !done) return done;
    if (database.changes() == 0) return fail(ErrorKind::not_found, "there is no run " + std::string(run), path_.string());
    return transaction.commit();
  }

  Result<std::vector<RunRow>> runs(std::size_t limit) override {
    std::lock_guard lock(reading_);
    end_snapshot();
    return reader_->runs(limit);
  }
  Result<RunRow> run(std::string_view id) override {
    std::lock_guard lock(reading_);
    end_snapshot();
    return reader_->run(id);
  }
  Result<std::optional<RunRow>> latest_run(std::string_view plan_hash, std::string_view before) override {
    std::lock_guard lock(reading_);
    end_snapshot();
    return reader_->latest_run(plan_hash, before);
  }

  Result<void> for_each_unit(std::string_view run, const std::function<bool(const UnitRow&)>& row) override {
    auto reader = walk();
    if (!reader) return fail(std::move(reader.error()));
    return (*reader)->for_each_unit(run, RowReader::UnitColumns::all, row);
  }
  Result<void> for_each_outcome(std::string_view run, const std::function<bool(const UnitRow&)>& row) override {
    auto reader = walk();
    if (!reader) return fail(std::move(reader.error()));
    return (*reader)->for_each_unit(run, RowReader::UnitColumns::outcome, row);
  }
  Result<void> for_each_answer(const std::function<bool(const Answer&)>& answer) override {
    auto reader = walk();
    if (!reader) return fail(std::move(reader.error()));
    return (*reader)->for_each_answer(answer);
  }
  Result<std::vector<Try>> tries(const Key& key) override {
    auto reader = walk();
    if (!reader) return fail(std::move(reader.error()));
    return (*reader)->tries(key);
  }

  Result<void> flush() override {
    if (!queue_) return check_discarded();
    {
      std::lock_guard lock(reading_);
      end_snapshot();
    }
    return queue_->flush();
  }

  Result<JournalStats> stats() override {
    if (auto flushed = flush(); !flushed) return fail(std::move(flushed.error()));
    std::lock_guard lock(reading_);
    end_snapshot();
    auto out = reader_->stats();
    if (!out) return out;
    for (const char* suffix : {"", "-wal"}) {
      std::error_code absent;
      auto size = std::filesystem::file_size(path_.string() + suffix, absent);
      if (!absent) out->bytes += static_cast<std::int64_t>(size);
    }
    return out;
  }

  Result<std::vector<std::string>> verify(const Rekey& rekey) override {
    if (auto flushed = flush(); !flushed) return fail(std::move(flushed.error()));
    auto database = connect_journal_file(path_, mode_);
    if (!database) return fail(std::move(database.error()));
    return verify_journal(*database, rekey);
  }

 private:
  void push(JournalItem item) {
    if (queue_) {
      queue_->push(std::move(item));
    } else {
      discarded_.store(true, std::memory_order_relaxed);
    }
  }

  /// Look-ups share a read transaction: beginning one for each costs three times the look-up itself. A new one begins when we
  /// have committed something, and after 64 look-ups, so that other processes' answers are seen. An idle transaction would hold
  /// the log back from being emptied; a writing journal always ends it (flush, finish_run), one open for reading only never
  /// begins one.
  Result<void> snapshot(std::uint64_t groups) {
    if (in_snapshot_ && groups == snapshot_groups_ && ++snapshot_finds_ < 64) return {};
    end_snapshot();
    if (auto begun = reader_->database().execute("BEGIN"); !begun) return begun;
    in_snapshot_ = true;
    snapshot_groups_ = groups;
    snapshot_finds_ = 0;
    auto learned = known_.learn(*reader_);
    // Keys that could not be read would look like absent ones to every further look-up, and be asked for and paid again.
    if (!learned) end_snapshot();
    return learned;
  }
  void end_snapshot() {
    if (!in_snapshot_) return;
    in_snapshot_ = false;
    // Nothing was written in it; if even this fails, the next BEGIN says why.
    std::ignore = reader_->database().execute("ROLLBACK");
  }

  /// On the writer's thread, between transactions: carries a long log into the file and lets go of it, so that the next commit
  /// begins it anew. Another process that reads may prevent that; then it is tried again when the log has grown as much again.
  void empty_log() {
    constexpr int kLongLog = 4000;  // pages
    if (log_pages_ < checkpoint_at_) {
      if (log_pages_ < kLongLog) checkpoint_at_ = kLongLog;
      return;
    }
    checkpoint_at_ = log_pages_ + kLongLog;
    auto let_go = [this] {
      std::lock_guard lock(reading_);
      end_snapshot();
    };
    let_go();  // the next look-up reads the newest state, which may be carried over whole
    // A failure is no loss: the log keeps what it has, and a broken disk will tell the next commit.
    sqlite3_wal_checkpoint_v2(write_connection_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    let_go();  // and after that it needs the log no more
  }

  Result<void> check_writable() const {
    if (queue_) return {};
    return fail(ErrorKind::usage, "the journal is open for reading only", path_.string());
  }
  Result<void> check_discarded() const { return discarded_.load(std::memory_order_relaxed) ? check_writable() : Result<void>{}; }

  /// A connection of its own: a callback may look things up, and sees nothing of what is written meanwhile.
  Result<std::unique_ptr<RowReader>> walk() {
    if (auto flushed = flush(); !flushed) return fail(std::move(flushed.error()));
    auto database = connect_journal_file(path_, mode_);
    if (!database) return fail(std::move(database.error()));
    if (auto small = database->execute(kSmallCache); !small) return fail(std::move(small.error()));
    return RowReader::open(std::move(*database));
  }

  const std::filesystem::path path_;
  const Mode mode_;
  Clock& clock_;
  std::mutex reading_;
  std::unique_ptr<RowReader> reader_;
  bool in_snapshot_ = false;  // these three guarded by reading_
  std::uint64_t snapshot_groups_ = 0;
  int snapshot_finds_ = 0;
  KnownKeys known_;  // learn() and may_have() with reading_ held
  std::mutex outrun_mutex_;
  std::vector<Key> outrun_;
  std::atomic<bool> discarded_{false};  // somebody put rows into a journal open for reading
  // Destroyed from below: the queue ends its thread before the writer and the connection go.
  int log_pages_ = 0;  // after the last commit; these two belong to the writer's thread
  int checkpoint_at_ = 4000;
  std::optional<Database> write_connection_;
  std::unique_ptr<RowWriter> writer_;
  std::unique_ptr<WriteQueue> queue_;
};

}  // namespace

Result<std::unique_ptr<Journal>> open_journal(const std::filesystem::path& path, Journal::Mode mode, Clock& clock,
                                              const JournalOptions& options) {
  auto database = open_journal_file(path, mode, options.migrations);
  if (!database) return fail(std::move(database.error()));
  bool writing = mode == Journal::Mode::read_write;
  std::optional<Database> to_write;
  if (writing) {
    to_write = std::move(*database);
    database = connect_journal_file(path, mode);
    if (!database) return fail(std::move(database.error()));
    if (auto small = database->execute(kSmallCache); !small) return fail(std::move(small.error()));
  }
  auto reader = RowReader::open(std::move(*database));
  if (!reader) return fail(std::move(reader.error()));
  auto journal = std::make_unique<SqliteJournal>(path, mode, clock, std::move(*reader));
  if (to_write)
    if (auto started = journal->start_writing(std::move(*to_write), options); !started) return fail(std::move(started.error()));
  return std::unique_ptr<Journal>(std::move(journal));
}

Result<std::unique_ptr<Journal>> Journal::open(const std::filesystem::path& path, Mode mode, Clock& clock) {
  return open_journal(path, mode, clock, JournalOptions{});
}

}  // namespace assay
