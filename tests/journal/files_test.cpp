// Which files are journals: creating, refusing without touching, reading only, migrating after a backup.
#include <fcntl.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "base/file.h"
#include "journal/salvage.h"
#include "journal/schema.h"
#include "journal_fixture.h"

namespace assay::test {
namespace {

class FilesTest : public JournalTest {
 protected:
  void write(std::string_view content) { ASSAY_OK(write_file(path(), content)); }
  std::string content() {
    auto text = read_file(path());
    return text ? *text : "unreadable";
  }
  /// Refused for `kind`, with a hint, and not one byte of it changed, nothing left beside it.
  void expect_untouched(ErrorKind kind, bool damaged = false) {
    std::string before = content();
    for (auto mode : {Journal::Mode::read_write, Journal::Mode::read_only}) {
      Error error = refusal(mode);
      EXPECT_EQ(error.kind, kind) << to_string(error);
      EXPECT_FALSE(error.hint.empty()) << to_string(error);
      EXPECT_NE(error.where.find("assay.db"), std::string::npos);
    }
    EXPECT_EQ(content(), before);
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      // Who opens a damaged journal of ours for reading may leave SQLite's empty companions; other people's files get no company
      // at all.
      EXPECT_TRUE(entry.path() == path() || (damaged && (entry.path().extension() == ".db-shm" || entry.file_size() == 0)))
          << entry.path();
    for (const char* companion : {"-shm", "-wal"}) std::filesystem::remove(path().string() + companion);
  }
  void make_journal() {
    auto journal = open();
    for (int n = 0; n < 200; ++n) journal->put_answer(make_answer(n));
  }
};

TEST_F(FilesTest, MakesItsFolderAndItsStamp) {
  auto deep = folder_ / "a" / "b" / "store.db";
  {
    auto journal = Journal::open(deep, Journal::Mode::read_write, clock_);
    ASSAY_OK(journal);
    // The stamp is in the main file, not only in the log: whoever looks at the file knows it, also after a crash.
    std::string head = read_file(deep)->substr(0, 100);
    EXPECT_EQ(head.substr(68, 4), "ASSY");
    EXPECT_EQ(head.substr(60, 4), std::string("\0\0\0\2", 4));
  }
  EXPECT_FALSE(std::filesystem::exists(deep.string() + "-wal")) << "a clean end leaves one file";
  ASSAY_OK(Journal::open(deep, Journal::Mode::read_only, clock_));
}

TEST_F(FilesTest, AnEmptyFileBecomesAJournalButNotForReading) {
  std::ofstream(path()).close();
  EXPECT_EQ(refusal(Journal::Mode::read_only).kind, ErrorKind::data);
  EXPECT_EQ(std::filesystem::file_size(path()), 0u);
  auto journal = open();
  journal->put_answer(make_answer(1));
  ASSAY_OK(journal->flush());
}

TEST_F(FilesTest, AbsentIsNotFoundWhenReading) {
  EXPECT_EQ(refusal(Journal::Mode::read_only).kind, ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(FilesTest, RefusesATextFile) {
  write("These are my notes, not a journal.\n");
  expect_untouched(ErrorKind::data);
}

TEST_F(FilesTest, RefusesALongTextFile) {
  write(std::string(100'000, 'x'));
  expect_untouched(ErrorKind::data);
}

TEST_F(FilesTest, RefusesAnotherProgramsDatabase) {
  sql("CREATE TABLE browser_history(url TEXT)");
  expect_untouched(ErrorKind::data);
}

TEST_F(FilesTest, RefusesAWrongApplicationId) {
  make_journal();
  sql("PRAGMA application_id = 7; PRAGMA wal_checkpoint(TRUNCATE)");
  expect_untouched(ErrorKind::data);
  EXPECT_NE(refusal().message.find("another program"), std::string::npos);
}

TEST_F(FilesTest, RefusesANewerVersion) {
  make_journal();
  sql("PRAGMA user_version = 3");
  expect_untouched(ErrorKind::data);
  Error error = refusal();
  EXPECT_NE(error.message.find("version 3"), std::string::npos) << error.message;
  EXPECT_NE(error.hint.find("newer"), std::string::npos);
}

TEST_F(FilesTest, RefusesATruncatedFile) {
  make_journal();
  std::string whole = content();
  for (std::size_t size : {std::size_t{20}, std::size_t{300}, std::size_t{4096}, whole.size() / 2, whole.size() - 4096}) {
    write(whole.substr(0, size));
    SCOPED_TRACE(size);
    expect_untouched(ErrorKind::data, size >= 4096);
  }
}

TEST_F(FilesTest, RefusesACorruptHeaderAndSchema) {
  make_journal();
  std::string whole = content();
  auto with = [&](std::size_t offset, std::string_view bytes) {
    std::string bad = whole;
    bad.replace(offset, bytes.size(), bytes);
    write(bad);
  };
  with(16, std::string_view("\x00\x03", 2));  // page size
  expect_untouched(ErrorKind::data, true);
  with(0, "SQLite format 4");
  expect_untouched(ErrorKind::data);
  with(100, std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff", 8));  // the schema's first page
  expect_untouched(ErrorKind::data, true);
}

TEST_F(FilesTest, RefusesAFolder) {
  std::filesystem::create_directory(path());
  for (auto mode : {Journal::Mode::read_write, Journal::Mode::read_only}) EXPECT_EQ(refusal(mode).kind, ErrorKind::io);
}

TEST_F(FilesTest, AFolderThatCannotBeMadeIsAnIoError) {
  auto below_a_file = folder_ / "file" / "assay.db";
  ASSAY_OK(write_file(folder_ / "file", "x"));
  auto journal = Journal::open(below_a_file, Journal::Mode::read_write, clock_);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, ErrorKind::io) << to_string(journal.error());
}

TEST_F(FilesTest, ReadingOnlyWritesNothingAndSaysSo) {
  make_journal();
  std::string before = content();
  auto journal = open(Journal::Mode::read_only);
  auto found = journal->find(make_answer(7).key);
  ASSAY_OK(found);
  ASSERT_TRUE(*found);
  expect_same(**found, make_answer(7));
  ASSAY_OK(journal->flush());
  EXPECT_EQ(journal->create_run({"01A", 1, "h", "{}", "running", ""}).error().kind, ErrorKind::usage);
  EXPECT_EQ(journal->finish_run("01A", "complete", "{}").error().kind, ErrorKind::usage);
  journal->put_answer(make_answer(1000));
  auto flushed = journal->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, ErrorKind::usage);
  journal.reset();
  EXPECT_EQ(content(), before);
}

TEST_F(FilesTest, AReaderSeesWhatAWriterCommitsMeanwhile) {
  auto writer = open();
  auto reader = open(Journal::Mode::read_only);
  for (int n = 0; n < 3; ++n) {
    writer->put_answer(make_answer(n));
    ASSAY_OK(writer->flush());
    auto found = reader->find(make_answer(n).key);
    ASSAY_OK(found);
    EXPECT_TRUE(*found);
  }
}

/// Runs `body` in a child that the permissions of files apply to (the tests may run as root); its number is the exit code.
template <class Body>
std::string as_nobody(Body body) {
  pid_t child = ::fork();
  if (child == 0) {
    limit_child();
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(99);
    ::_exit(body());
  }
  return ending_of(child);
}

TEST_F(FilesTest, AWriteProtectedPlace) {
  make_journal();
  using std::filesystem::perms;
  auto everybody_reads = perms::owner_read | perms::group_read | perms::others_read;
  auto everybody_enters = everybody_reads | perms::owner_exec | perms::group_exec | perms::others_exec;
  std::filesystem::permissions(path(), everybody_reads);
  std::filesystem::permissions(folder_, everybody_enters);
  std::string result = as_nobody([&] {
    auto writing = Journal::open(path(), Journal::Mode::read_write, clock_);
    if (writing || writing.error().kind != ErrorKind::io || writing.error().hint.empty()) return 1;
    auto elsewhere = Journal::open(folder_ / "new.db", Journal::Mode::read_write, clock_);
    if (elsewhere || elsewhere.error().kind != ErrorKind::io || elsewhere.error().hint.empty()) return 2;
    auto reading = Journal::open(path(), Journal::Mode::read_only, clock_);
    if (!reading) return 3;
    auto found = (*reading)->find(make_answer(5).key);
    if (!found || !*found) return 4;
    int seen = 0;
    if (!(*reading)->for_each_answer([&](const Answer&) { return ++seen > 0; }) || seen != 200) return 5;
    return 0;
  });
  EXPECT_EQ(result, "exited with 0");
}

TEST_F(FilesTest, WhoMayNotWriteTheFileLeavesNothingBesideIt) {
  make_journal();
  using std::filesystem::perms;
  std::filesystem::permissions(path(), perms::owner_read | perms::group_read | perms::others_read);
  std::filesystem::permissions(folder_, perms::all);  // shared with others
  EXPECT_EQ(as_nobody([&] {
              auto reading = Journal::open(path(), Journal::Mode::read_only, clock_);
              if (!reading) return 1;
              auto found = (*reading)->find(make_answer(5).key);
              return found && *found ? 0 : 2;
            }),
            "exited with 0");
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) EXPECT_EQ(entry.path(), path()) << "would belong to the reader, and lock the owner out";
}

TEST_F(FilesTest, CompanionsThatAreNotOursAreNamed) {
  make_journal();
  using std::filesystem::perms;
  auto everybody_reads = perms::owner_read | perms::group_read | perms::others_read;
  for (const char* companion : {"-wal", "-shm"}) {
    ASSAY_OK(write_file(path().string() + companion, ""));
    std::filesystem::permissions(path().string() + companion, everybody_reads);
  }
  std::filesystem::permissions(folder_, perms::all);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path().c_str(), 65534, 65534), 0);
  }
  std::string hint = folder_ / "hint";
  EXPECT_EQ(as_nobody([&] {
              auto journal = Journal::open(path(), Journal::Mode::read_write, clock_);
              Result<void> done = journal ? (*journal)->create_run({"01A", 1, "h", "{}", "running", ""}) : std::unexpected(journal.error());
              if (done) return 1;
              return write_file(hint, done.error().hint) ? 0 : 2;
            }),
            "exited with 0");
  EXPECT_NE(read_file(hint)->find("assay.db-wal"), std::string::npos) << *read_file(hint);
  EXPECT_NE(read_file(hint)->find("assay.db-shm"), std::string::npos) << *read_file(hint);
}

TEST_F(FilesTest, OpeningItAgainInThisProcessKeepsTheLocksOfTheFirst) {
  make_journal();
  // Without them another process that ends would take itself for the last one, and delete the log in use.
  auto locked = [&] {
    pid_t child = ::fork();
    if (child == 0) {
      limit_child();
      struct flock any {};
      any.l_type = F_WRLCK;
      any.l_whence = SEEK_SET;
      int fd = ::open(path().c_str(), O_RDWR | O_CLOEXEC);
      ::_exit(fd >= 0 && ::fcntl(fd, F_GETLK, &any) == 0 && any.l_type != F_UNLCK ? 0 : 1);
    }
    return ending_of(child) == "exited with 0";
  };
  for (auto mode : {Journal::Mode::read_write, Journal::Mode::read_only}) {
    auto first = open(mode);
    ASSAY_OK(first->find(make_answer(1).key));
    ASSERT_TRUE(locked());
    auto second = open();
    EXPECT_TRUE(locked());
    second.reset();
    EXPECT_TRUE(locked());
    open(Journal::Mode::read_only).reset();
    EXPECT_TRUE(locked());
    ASSAY_OK(salvage_answers(path(), [](const Answer&) -> Result<bool> { return true; }));
    EXPECT_TRUE(locked());
  }
}

TEST_F(FilesTest, ProcessesThatMakeItAtOnceAllGetIt) {
  for (int round = 0; round < 60; ++round) {
    const auto place = folder_ / ("together-" + std::to_string(round) + ".db");
    std::array<pid_t, 4> children{};
    for (pid_t& child : children) {
      child = ::fork();
      if (child != 0) continue;
      limit_child();
      auto journal = Journal::open(place, Journal::Mode::read_write, clock_);
      if (!journal) std::fprintf(stderr, "%s\n", to_string(journal.error()).c_str());
      ::_exit(journal ? 0 : 1);
    }
    for (pid_t child : children) ASSERT_EQ(ending_of(child), "exited with 0") << "round " << round;
  }
}

class MigrationTest : public FilesTest {
 protected:
  /// Version 0 never existed; it stands for any older one: it had no table of tries and spelled the status out.
  void make_version_0(const char* more = "") {
    make_journal();
    sql(std::string("DROP TABLE try; ALTER TABLE run RENAME COLUMN status TO state; PRAGMA user_version = 0;") + kWithoutSums + more);
  }
  /// What version 1 did not have.
  static constexpr const char* kWithoutSums = "ALTER TABLE answer DROP COLUMN sum; ALTER TABLE former_answer DROP COLUMN sum;";
  static constexpr JournalMigration kFrom0[] = {{0,
                                                 "CREATE TABLE try(id INTEGER PRIMARY KEY, key BLOB NOT NULL, started INTEGER "
                                                 "NOT NULL, seconds REAL NOT NULL, http_status INTEGER NOT NULL,"
                                                 " error_kind TEXT, message TEXT NOT NULL);"
                                                 "CREATE INDEX try_failed ON try(key) WHERE error_kind IS NOT NULL;"
                                                 "ALTER TABLE run RENAME COLUMN state TO status"},
                                                kJournalMigrations[0]};
  static JournalOptions with_migration() {
    JournalOptions options;
    options.migrations = kFrom0;
    return options;
  }
};

TEST_F(MigrationTest, MigratesAfterABackup) {
  make_version_0();
  std::string backup = path().string() + ".version-0.backup";
  {
    auto journal = open(with_migration());
    ASSERT_NE(journal, nullptr);
    auto found = journal->find(make_answer(9).key);
    ASSAY_OK(found);
    ASSERT_TRUE(*found);
    journal->put_try({make_answer(9).key, 1, 1, 200, "", ""});
    auto stats = journal->stats();
    ASSAY_OK(stats);
    EXPECT_EQ(stats->version, kJournalVersion);
    EXPECT_EQ(stats->answers, 200);
    EXPECT_EQ(stats->tries, 1);
  }
  auto old = Database::open(backup, Database::Access::read_only);
  ASSAY_OK(old);
  EXPECT_EQ(*old->integer("PRAGMA user_version"), 0);
  EXPECT_EQ(*old->integer("SELECT count(*) FROM answer"), 200);
  EXPECT_FALSE(old->integer("SELECT count(*) FROM try")) << "the backup is from before";
  open(with_migration()).reset();
  EXPECT_FALSE(std::filesystem::exists(backup + "-2")) << "migrated once";
}

TEST_F(MigrationTest, Version1HadNoSums) {
  {
    auto journal = open();
    journal->put_answer(make_answer(500, AnswerStatus::failed));
  }
  make_journal();
  sql(std::string(kWithoutSums) + "PRAGMA user_version = 1");
  {
    auto journal = open();
    ASSERT_NE(journal, nullptr);
    journal->put_answer(make_answer(1000));
    journal->put_answer(make_answer(500));
    auto problems = journal->verify(journal_key);
    ASSAY_OK(problems);
    EXPECT_EQ(*problems, std::vector<std::string>());
    int seen = 0;
    ASSAY_OK(journal->for_each_answer([&](const Answer&) { return ++seen > 0; }));
    EXPECT_EQ(seen, 202);
  }
  EXPECT_TRUE(std::filesystem::exists(path().string() + ".version-1.backup"));
  EXPECT_EQ(number("PRAGMA user_version"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM answer WHERE sum IS NULL"), 200);
  EXPECT_EQ(number("SELECT count(*) FROM former_answer WHERE sum IS NULL"), 1);
}

TEST_F(MigrationTest, AFailingMigrationLeavesTheJournalAsItWas) {
  make_version_0("CREATE TABLE try(unexpected INTEGER)");
  auto journal = open_journal(path(), Journal::Mode::read_write, clock_, with_migration());
  ASSERT_FALSE(journal);
  EXPECT_EQ(number("PRAGMA user_version"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM answer"), 200);
  EXPECT_EQ(number("SELECT count(*) FROM pragma_table_info('run') WHERE name = 'state'"), 1);
  EXPECT_TRUE(std::filesystem::exists(path().string() + ".version-0.backup"));
  ASSERT_FALSE(open_journal(path(), Journal::Mode::read_write, clock_, with_migration()));
  EXPECT_TRUE(std::filesystem::exists(path().string() + ".version-0.backup-2")) << "a backup is never overwritten";
}

TEST_F(MigrationTest, NoWayFromThatVersion) {
  make_version_0();
  expect_untouched(ErrorKind::data, true);
}

}  // namespace
}  // namespace assay::test
