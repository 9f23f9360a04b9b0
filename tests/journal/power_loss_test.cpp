// The power fails at hundreds of moments: the journal that is left is sound and holds every answer that flush() promised.
#include <fstream>
#include <random>

#include "base/file.h"
#include "journal_fixture.h"
#include "support/power_loss_vfs.h"

namespace assay::test {
namespace {

class PowerLossTest : public JournalTest {
 protected:
  struct Promise {
    std::size_t event;  // made after so many
    int answers;
    bool run;  // and the run's row
  };

  /// Several sittings with one journal: groups of odd sizes, look-ups, a run's row, a log emptied into the file at each end.
  void work() {
    int n = 0;
    for (int sitting = 0; sitting < 4; ++sitting) {
      JournalOptions options;
      options.group_rows = 1'000'000;  // only flush() commits: the recording is the same every time
      options.group_delay = std::chrono::hours(1);
      auto journal = open(options);
      ASSERT_NE(journal, nullptr);
      std::string run = "01RUN" + std::to_string(sitting);
      ASSAY_OK(journal->create_run({run, 1, "h", "{}", "running", ""}));
      for (int group = 0; group < 8; ++group) {
        for (int i = 0; i < 1 + (group * 7 + sitting * 3) % 23; ++i, ++n) {
          journal->put_answer(answer(n));
          journal->put_unit({run, n, "u", 1, 0, {answer(n).key}, "scored", "{}"});
        }
        ASSAY_OK(journal->find(answer(n / 2).key));
        ASSAY_OK(journal->flush());
        promises_.push_back({vfs_->events(), n, true});
      }
      ASSAY_OK(journal->finish_run(run, "complete", "{}"));
    }
    answers_ = n;
  }
  static Answer answer(int n) {
    return n % 5 == 0 ? make_answer(n, "{\"prompt\":\"" + std::string(3000, 'x') + std::to_string(n) + "\"}") : make_answer(n);
  }
  int promised(std::size_t moment) const {
    int out = 0;
    for (const Promise& promise : promises_)
      if (promise.event <= moment) out = promise.answers;
    return out;
  }

  /// Puts that disk into a folder of its own and opens it as the program does. What is wrong, or "".
  std::string open_after(const std::map<std::string, std::string>& disk, int promised, const JournalOptions& options = {},
                         bool read_first = false) {
    auto place = folder_ / "after";
    PowerLossVfs fast;  // it never waits for the real disk, and the power does not fail again
    std::filesystem::remove_all(place);
    std::filesystem::create_directories(place);
    for (const auto& [name, content] : disk) std::ofstream(place / name, std::ios::binary) << content;
    if (read_first) {
      auto reader = Journal::open(place / "assay.db", Journal::Mode::read_only, clock_);
      // "Not there" and "no journal yet" are true; "cannot be used" is not.
      if (!reader && reader.error().kind != ErrorKind::not_found && reader.error().kind != ErrorKind::data)
        return "for a reader: " + to_string(reader.error());
    }
    auto journal = open_journal(place / "assay.db", Journal::Mode::read_write, clock_, options);
    if (!journal) return to_string(journal.error());
    auto problems = (*journal)->verify(journal_key);
    if (!problems) return to_string(problems.error());
    if (!problems->empty()) return problems->front();
    int found = 0;
    std::string wrong;
    auto walked = (*journal)->for_each_answer([&](const Answer& got) {
      Answer want = answer(found);
      if (got.key != want.key || got.response != want.response || got.request != want.request)
        wrong = "answer " + std::to_string(found) + " is another one: what is lost must be the end";
      ++found;
      return wrong.empty();
    });
    if (!walked) return to_string(walked.error());
    if (!wrong.empty()) return wrong;
    if (found < promised) return "holds " + std::to_string(found) + " of " + std::to_string(promised) + " flushed answers";
    (*journal)->put_answer(make_answer(1'000'000));
    if (auto flushed = (*journal)->flush(); !flushed) return to_string(flushed.error());
    return {};
  }

  std::unique_ptr<PowerLossVfs> vfs_;
  std::vector<Promise> promises_;
  int answers_ = 0;
};

using Unsynced = PowerLossVfs::Unsynced;

TEST_F(PowerLossTest, HundredsOfMoments) {
  vfs_ = std::make_unique<PowerLossVfs>();
  work();
  ASSERT_FALSE(HasFatalFailure());
  std::size_t events = vfs_->events();
  ASSERT_GT(events, 300u);
  ASSERT_GT(vfs_->syncs(), 40u);
  std::mt19937 random(20260101);
  int moments = 0;
  std::map<std::size_t, std::vector<std::map<std::string, std::string>>> disks;
  for (std::size_t moment = 0; moment <= events; moment += 1 + events / 200) {
    for (auto unsynced : {Unsynced::lost, Unsynced::in_order, Unsynced::any})
      disks[moment].push_back(vfs_->disk_after(moment, unsynced, random));
  }
  vfs_.reset();
  for (const auto& [moment, variants] : disks) {
    for (const auto& disk : variants) {
      ++moments;
      EXPECT_EQ(open_after(disk, promised(moment)), "") << "moment " << moment << " of " << events;
    }
  }
  EXPECT_GE(moments, 300);
  EXPECT_EQ(promised(events), answers_);
}

TEST_F(PowerLossTest, ADiskThatLiesAboutSyncsIsFoundOut) {
  // The same check with a disk that keeps nothing: were it to pass, the test above would prove nothing.
  vfs_ = std::make_unique<PowerLossVfs>();
  work();
  ASSERT_FALSE(HasFatalFailure());
  std::mt19937 random(3);
  std::size_t middle = vfs_->events() / 2;
  auto forgetful = vfs_->disk_after(middle, Unsynced::lost, random, false);
  auto reordering = vfs_->disk_after(middle, Unsynced::any, random, false);
  vfs_.reset();
  EXPECT_NE(open_after(forgetful, promised(middle)), "");
  EXPECT_NE(open_after(reordering, promised(middle)), "");
}

TEST_F(PowerLossTest, WhileTheJournalIsMade) {
  vfs_ = std::make_unique<PowerLossVfs>();
  open().reset();
  std::size_t events = vfs_->events();
  ASSERT_GT(events, 10u);
  std::mt19937 random(7);
  std::vector<std::map<std::string, std::string>> disks;
  for (std::size_t moment = 0; moment <= events; ++moment)
    for (auto unsynced : {Unsynced::lost, Unsynced::in_order, Unsynced::any})
      for (int dice = 0; dice < 5; ++dice) disks.push_back(vfs_->disk_after(moment, unsynced, random));
  vfs_.reset();
  for (std::size_t i = 0; i < disks.size(); ++i)
    for (bool read_first : {false, true})
      EXPECT_EQ(open_after(disks[i], 0, {}, read_first), "") << "moment " << i / 15 << " of " << events << ", disk " << i % 15;
}

TEST_F(PowerLossTest, DuringAMigration) {
  // Version 0 never existed; it stands for any older one.
  static constexpr JournalMigration kFrom0[] = {
      {0,
       "CREATE TABLE try(id INTEGER PRIMARY KEY, key BLOB NOT NULL, started INTEGER NOT NULL, seconds REAL NOT NULL, http_status "
       "INTEGER NOT NULL, error_kind TEXT, message TEXT NOT NULL);"
       "CREATE INDEX try_failed ON try(key) WHERE error_kind IS NOT NULL; UPDATE run SET status = 'complete'"},
      kJournalMigrations[0]};
  JournalOptions options;
  options.migrations = kFrom0;
  {
    auto journal = open();
    for (int n = 0; n < 300; ++n) journal->put_answer(answer(n));
  }
  sql("ALTER TABLE answer DROP COLUMN sum; ALTER TABLE former_answer DROP COLUMN sum; DROP TABLE try; PRAGMA user_version = 0; PRAGMA journal_mode = DELETE");
  vfs_ = std::make_unique<PowerLossVfs>();
  vfs_->begin_with(path(), *read_file(path()));
  open(options).reset();
  std::size_t events = vfs_->events();
  ASSERT_GT(events, 20u);
  std::mt19937 random(5);
  std::vector<std::map<std::string, std::string>> disks;
  for (std::size_t moment = 2; moment <= events; ++moment)
    for (auto unsynced : {Unsynced::lost, Unsynced::in_order, Unsynced::any})
      disks.push_back(vfs_->disk_after(moment, unsynced, random));
  vfs_.reset();
  for (std::size_t i = 0; i < disks.size(); ++i)
    EXPECT_EQ(open_after(disks[i], 300, options), "") << "moment " << 2 + i / 3 << " of " << events;
  EXPECT_TRUE(disks.back().contains("assay.db.version-0.backup"));
}

}  // namespace
}  // namespace assay::test
