// What survives: kill -9 in the middle of writing, two processes at once, a disk that is full for a while.
#include <signal.h>
#include <sys/resource.h>

#include "journal_fixture.h"

namespace assay::test {
namespace {

using CrashTest = JournalTest;

TEST_F(CrashTest, KillMinusNineLosesAtMostTheEnd) {
  for (int round = 0; round < 5; ++round) {
    std::filesystem::remove(path());
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      limit_child();
      ::close(pipe[0]);
      auto journal = Journal::open(path(), Journal::Mode::read_write, clock_);
      if (!journal) ::_exit(1);
      if (!(*journal)->create_run({"01A", 1, "h", "{}", "running", ""})) ::_exit(1);
      for (int n = 0;; ++n) {
        (*journal)->put_answer(make_answer(n));
        (*journal)->put_unit({"01A", n, "u", 1, 0, {make_answer(n).key}, "scored", "{}"});
        if (n % 500 == 499) {
          if (!(*journal)->flush()) ::_exit(2);
          int stored = n + 1;
          if (::write(pipe[1], &stored, sizeof stored) != sizeof stored) ::_exit(3);
        }
      }
    }
    ::close(pipe[1]);
    int promised = 0;
    while (promised < 1000 + 1500 * round)
      ASSERT_EQ(::read(pipe[0], &promised, sizeof promised), static_cast<ssize_t>(sizeof promised));
    ::kill(child, SIGKILL);
    for (int later = 0; ::read(pipe[0], &later, sizeof later) == sizeof later;)
      promised = later;  // what it still said before it died
    ::close(pipe[0]);
    ASSERT_EQ(ending_of(child), "killed by signal 9");

    auto journal = open();
    int found = 0;
    ASSAY_OK(journal->for_each_answer([&](const Answer& answer) {
      EXPECT_EQ(answer.response, make_answer(found).response) << "a gap: what is lost must be the end";
      return answer.response == make_answer(found++).response;
    }));
    EXPECT_GE(found, promised);
    int units = 0;
    ASSAY_OK(journal->for_each_unit("01A", [&](const UnitRow& unit) {
      EXPECT_EQ(unit.ordinal, units++);
      auto answer = journal->find(unit.keys.at(0));
      EXPECT_TRUE(answer && *answer) << "a unit is never there before its answers";
      return true;
    }));
    EXPECT_GE(units, promised);
    auto problems = journal->verify(journal_key);
    ASSAY_OK(problems);
    EXPECT_TRUE(problems->empty()) << problems->front();
    journal->put_answer(make_answer(found));
    ASSAY_OK(journal->flush());
    auto run = journal->run("@last");
    ASSAY_OK(run);
    EXPECT_EQ(run->status, "running");
  }
}

TEST_F(CrashTest, TwoProcessesShareOneJournal) {
  // Both create it, both write the same 3,000 keys and 1,000 of their own.
  constexpr int kCommon = 3000, kOwn = 1000;
  auto work = [&](int who) {
    auto journal = Journal::open(path(), Journal::Mode::read_write, clock_);
    if (!journal) return 1;
    for (int n = 0; n < kCommon; ++n) {
      Answer answer = make_answer(n);
      answer.response = "{\"who\":" + std::to_string(who) + "}";
      (*journal)->put_answer(answer);
      if (n % 100 == 0 && !(*journal)->flush()) return 2;
    }
    for (int n = 0; n < kOwn; ++n) (*journal)->put_answer(make_answer(10'000 * (who + 1) + n));
    return (*journal)->flush() ? 0 : 3;
  };
  pid_t children[2];
  for (int who = 0; who < 2; ++who) {
    children[who] = ::fork();
    ASSERT_GE(children[who], 0);
    if (children[who] == 0) {
      limit_child();
      ::_exit(work(who));
    }
  }
  for (pid_t child : children) EXPECT_EQ(ending_of(child), "exited with 0");
  auto journal = open();
  auto stats = journal->stats();
  ASSAY_OK(stats);
  EXPECT_EQ(stats->answers, kCommon + 2 * kOwn);
  EXPECT_EQ(stats->requests, kCommon + 2 * kOwn);
  EXPECT_EQ(stats->identities, 1);
  auto problems = journal->verify(journal_key);
  ASSAY_OK(problems);
  EXPECT_TRUE(problems->empty()) << problems->front();
}

/// While it lives, no file of this process can grow beyond `bytes`: what a full disk looks like to a program.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

/// Everything about these is new to the journal: identity, draw, origin, and a long text that the next ones are stored against.
Answer newcomer(int n) {
  Answer answer = make_answer(n, "{\"prompt\":\"" + std::string(1500, 'p') + std::to_string(n) + "\"}");
  answer.identity = R"({"model":"another"})";
  answer.draw = R"({"ask":1,"epoch":0,"iteration":1})";
  answer.origin = R"({"benchmark":"mixeval","sample":")" + std::to_string(n) + "\"}";
  answer.key = *journal_key(answer.identity, answer.request, answer.draw);
  return answer;
}

TEST_F(CrashTest, AFullDiskIsReportedAndNothingIsLostWhenThereIsSpaceAgain) {
  auto journal = open();
  for (int n = 0; n < 1000; ++n) journal->put_answer(make_answer(n));
  ASSAY_OK(journal->flush());
  {
    FullDisk full(std::filesystem::file_size(path().string() + "-wal") + 8192);
    for (int n = 1000; n < 3000; ++n) journal->put_answer(newcomer(n));
    auto flushed = journal->flush();
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().kind, ErrorKind::io) << to_string(flushed.error());
    EXPECT_FALSE(flushed.error().hint.empty());
    auto found = journal->find(make_answer(1).key);
    ASSERT_FALSE(found) << "the next look-up must stop the run";
    EXPECT_EQ(found.error().kind, ErrorKind::io);
    EXPECT_FALSE(journal->flush());
    EXPECT_FALSE(journal->stats());
  }
  EXPECT_FALSE(journal->find(make_answer(1).key)) << "until a flush has written what waits";
  ASSAY_OK(journal->flush());
  for (int n : {0, 999, 1000, 1001, 2999}) {
    Answer want = n < 1000 ? make_answer(n) : newcomer(n);
    auto found = journal->find(want.key);
    ASSAY_OK(found);
    ASSERT_TRUE(*found) << n;
    expect_same(**found, want);
  }
  auto stats = journal->stats();
  ASSAY_OK(stats);
  EXPECT_EQ(stats->answers, 3000);
  EXPECT_EQ(stats->identities, 2);
  auto problems = journal->verify(journal_key);
  ASSAY_OK(problems);
  EXPECT_TRUE(problems->empty()) << problems->front();
}

TEST_F(CrashTest, WhatDoesNotFitTheQueueIsCountedAndReportedForGood) {
  JournalOptions options;
  options.queue_bytes = 64 << 10;
  auto journal = open(options);
  journal->put_answer(make_answer(0));
  ASSAY_OK(journal->flush());
  {
    FullDisk full(std::filesystem::file_size(path().string() + "-wal"));
    for (int n = 1; n < 5000; ++n) journal->put_answer(make_answer(n));  // must not hang
    ASSERT_FALSE(journal->flush());
  }
  auto flushed = journal->flush();
  ASSERT_FALSE(flushed) << "rows were lost: no later flush may say that all is well";
  EXPECT_NE(flushed.error().message.find("lost"), std::string::npos) << flushed.error().message;
  EXPECT_FALSE(journal->find(make_answer(0).key));
  journal.reset();
  std::int64_t kept = number("SELECT count(*) FROM answer");
  EXPECT_GT(kept, 50);
  EXPECT_LT(kept, 5000);
  EXPECT_NE(flushed.error().message.find(std::to_string(5000 - kept) + " rows"), std::string::npos)
      << flushed.error().message << ", kept " << kept;
}

}  // namespace
}  // namespace assay::test
