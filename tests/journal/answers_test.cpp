// Answers in and out: visibility, identity of texts, what replaces what, order, several threads.
#include <thread>

#include "base/file.h"
#include "journal_fixture.h"

namespace assay::test {
namespace {

using AnswersTest = JournalTest;

/// No group is ever due by itself: what is found has been found in the queue.
JournalOptions lazy() {
  JournalOptions options;
  options.group_rows = 1'000'000;
  options.group_delay = std::chrono::hours(1);
  return options;
}

TEST_F(AnswersTest, AnAnswerIsFoundWhileItWaitsAndAfterReopening) {
  Answer want = make_answer(1);
  {
    auto journal = open(lazy());
    journal->put_answer(want);
    EXPECT_EQ(number("SELECT count(*) FROM answer"), 0);
    auto found = journal->find(want.key);
    ASSAY_OK(found);
    ASSERT_TRUE(*found);
    expect_same(**found, want);
    ASSAY_OK(journal->flush());
    EXPECT_EQ(number("SELECT count(*) FROM answer"), 1);
    found = journal->find(want.key);
    ASSAY_OK(found);
    ASSERT_TRUE(*found);
    expect_same(**found, want);
  }
  auto journal = open();
  auto found = journal->find(want.key);
  ASSAY_OK(found);
  ASSERT_TRUE(*found);
  expect_same(**found, want);
  found = journal->find(make_answer(2).key);
  ASSAY_OK(found);
  EXPECT_FALSE(*found);
}

TEST_F(AnswersTest, ClosingWritesWhatWaits) {
  {
    auto journal = open(lazy());
    for (int n = 0; n < 100; ++n) journal->put_answer(make_answer(n));
  }
  EXPECT_EQ(number("SELECT count(*) FROM answer"), 100);
}

TEST_F(AnswersTest, GroupsAreCommittedWithoutFlush) {
  JournalOptions options = lazy();
  options.group_rows = 10;
  auto journal = open(options);
  for (int n = 0; n < 10; ++n) journal->put_answer(make_answer(n));
  // The thread was woken by the tenth row; nothing but its commit can end this loop.
  while (number("SELECT count(*) FROM answer") < 10) std::this_thread::yield();
}

TEST_F(AnswersTest, TextsComeBackByteForByte) {
  std::vector<Answer> answers;
  const std::string odd[] = {
      R"({"benchmark":"b","sample":"with \"quotes\" and \\","task":"t"})",
      R"({"benchmark":"b","task":"no sample"})",
      R"({"sample":""})",
      R"({"sample":"never ends)",
      R"({"sample":"ends in escape\)",
      "",
      std::string("nul \0 inside", 12),
      "\xff\xfe not UTF-8",
      R"({"benchmark":"\"sample\":\"trap\"","sample":"größe 😀"})",
  };
  int n = 0;
  for (const std::string& text : odd) {
    Answer answer = make_answer(n++, "request " + text);
    answer.origin = text;
    answer.draw = text;
    answer.identity = text;
    answer.response = text;
    answer.key = *journal_key(answer.identity, answer.request, answer.draw);
    answers.push_back(answer);
  }
  auto journal = open();
  for (const Answer& answer : answers) journal->put_answer(answer);
  ASSAY_OK(journal->flush());
  for (const Answer& want : answers) {
    auto found = journal->find(want.key);
    ASSAY_OK(found);
    ASSERT_TRUE(*found);
    expect_same(**found, want);
  }
}

TEST_F(AnswersTest, AnAnswerIsNeverChanged) {
  Answer first = make_answer(1), second = first, failure = make_answer(1, AnswerStatus::failed);
  second.response = R"({"text":"another"})";
  auto journal = open(lazy());
  auto expect_first = [&] {
    auto found = journal->find(first.key);
    ASSAY_OK(found);
    ASSERT_TRUE(*found);
    expect_same(**found, first);
  };
  journal->put_answer(first);
  journal->put_answer(second);
  journal->put_answer(failure);
  expect_first();
  ASSAY_OK(journal->flush());
  expect_first();
  journal->put_answer(second);  // queued while the first is on disk: the look-up must not show it
  expect_first();
  journal->put_answer(failure);
  ASSAY_OK(journal->flush());
  expect_first();
  EXPECT_EQ(number("SELECT count(*) FROM former_answer"), 0);
}

TEST_F(AnswersTest, AFailureIsReplacedAndKeptAsHistory) {
  Answer failure = make_answer(1, AnswerStatus::failed), again = failure, answer = make_answer(1);
  again.response = R"({"kind":"server","message":"later"})";
  again.created += 10;
  auto journal = open(lazy());
  journal->put_answer(failure);
  ASSAY_OK(journal->flush());
  journal->put_answer(failure);  // the same once more is nothing new
  ASSAY_OK(journal->flush());
  EXPECT_EQ(number("SELECT count(*) FROM former_answer"), 0);
  journal->put_answer(again);
  auto found = journal->find(failure.key);
  ASSAY_OK(found);
  ASSERT_TRUE(*found);
  expect_same(**found, again);
  ASSAY_OK(journal->flush());
  found = journal->find(failure.key);
  ASSAY_OK(found);
  expect_same(**found, again);
  auto stats = journal->stats();
  ASSAY_OK(stats);
  EXPECT_EQ(stats->answers, 1);
  EXPECT_EQ(stats->failed, 1);

  journal->put_answer(answer);
  found = journal->find(failure.key);
  ASSAY_OK(found);
  expect_same(**found, answer);
  ASSAY_OK(journal->flush());
  found = journal->find(failure.key);
  ASSAY_OK(found);
  expect_same(**found, answer);
  EXPECT_EQ(number("SELECT count(*) FROM answer"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM answer WHERE status = 1"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM former_answer WHERE status = 1"), 2);
  EXPECT_EQ(number("SELECT created FROM former_answer ORDER BY id LIMIT 1"), failure.created);
}

TEST_F(AnswersTest, AFailureAndItsAnswerInOneGroup) {
  auto journal = open(lazy());
  Answer failure = make_answer(1, AnswerStatus::failed), answer = make_answer(1);
  journal->put_answer(failure);
  journal->put_answer(answer);
  ASSAY_OK(journal->flush());
  auto found = journal->find(answer.key);
  ASSAY_OK(found);
  expect_same(**found, answer);
  EXPECT_EQ(number("SELECT count(*) FROM former_answer"), 1);
}

TEST_F(AnswersTest, AnotherProcesssAnswersAreSeenSoon) {
  auto ours = open();
  auto theirs = open();  // two journals on one file are to each other what two processes are
  ASSERT_FALSE(ours->find(make_answer(1).key)->has_value());
  theirs->put_answer(make_answer(1));
  ASSAY_OK(theirs->flush());
  bool seen = false;
  for (int look = 0; look < 65 && !seen; ++look) seen = ours->find(make_answer(1).key)->has_value();
  EXPECT_TRUE(seen);
  // And what another commits never hides what we commit ourselves.
  ours->put_answer(make_answer(2));
  ASSAY_OK(ours->flush());
  EXPECT_TRUE(ours->find(make_answer(2).key)->has_value());
}

TEST_F(AnswersTest, ALookUpDoesNotKeepTheLogFromBeingEmptied) {
  auto journal = open();
  journal->put_answer(make_answer(1));
  ASSAY_OK(journal->flush());
  ASSAY_OK(journal->find(make_answer(1).key));
  journal->put_answer(make_answer(2));
  ASSAY_OK(journal->flush());
  auto database = Database::open(path(), Database::Access::read_write);
  ASSAY_OK(database);
  EXPECT_EQ(*database->integer("PRAGMA wal_checkpoint(TRUNCATE)"), 0) << "busy: somebody reads";
}

TEST_F(AnswersTest, TheLogIsEmptiedWhileARunWritesAndReads) {
  // Four times the log's measure is written, and all the while look-ups hold their view of it, as a run's do.
  constexpr std::uintmax_t kMeasure = 4000 * 4096;
  auto journal = open();
  std::uintmax_t written = 0, longest = 0;
  for (int n = 0; written < 4 * kMeasure; ++n) {
    Answer answer = make_answer(n);
    answer.response = "{\"text\":\"" + std::string(6000, static_cast<char>('a' + n % 26)) + "\"}";
    written += answer.response.size();
    journal->put_answer(answer);
    ASSAY_OK(journal->find(make_answer(n / 2).key));
    if (n % 128 != 127) continue;
    ASSAY_OK(journal->flush());
    ASSAY_OK(journal->find(make_answer(n / 2).key));
    longest = std::max(longest, std::filesystem::file_size(path().string() + "-wal"));
  }
  EXPECT_GT(longest, kMeasure / 2) << "the test looks at the right file";
  EXPECT_LT(longest, 2 * kMeasure);
  EXPECT_GT(std::filesystem::file_size(path()), written / 2) << "what the log held is in the file";
}

TEST_F(AnswersTest, ThousandsFromSeveralThreadsEachFoundAtOnce) {
  constexpr int kThreads = 4, kEach = 3000;
  JournalOptions options;
  options.queue_bytes = 64 << 10;  // full most of the time: the threads must wait, and go on
  auto journal = open(options);
  std::atomic<int> unseen{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = t * kEach; n < (t + 1) * kEach; ++n) {
        Answer answer = make_answer(n);
        journal->put_answer(answer);
        Try attempt;
        attempt.key = answer.key;
        journal->put_try(attempt);
        auto found = journal->find(answer.key);
        if (!found || !*found || (*found)->response != answer.response) ++unseen;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(unseen, 0);
  auto stats = journal->stats();
  ASSAY_OK(stats);
  EXPECT_EQ(stats->answers, kThreads * kEach);
  EXPECT_EQ(stats->tries, kThreads * kEach);
  EXPECT_EQ(stats->requests, kThreads * kEach);
  EXPECT_EQ(stats->identities, 1);
  EXPECT_EQ(stats->failed, 0);
  EXPECT_EQ(stats->version, 2);
  EXPECT_GT(stats->bytes, 100'000);
  EXPECT_EQ(number("SELECT count(*) FROM origin"), 1) << "origins that differ in the sample share a row";
  auto problems = journal->verify(journal_key);
  ASSAY_OK(problems);
  EXPECT_TRUE(problems->empty()) << problems->front();
}

TEST_F(AnswersTest, EveryAnswerInTheOrderStoredAndTheCallbackMayLookThingsUp) {
  auto journal = open();
  std::vector<Answer> want;
  for (int n = 0; n < 500; ++n) want.push_back(make_answer(n * 7919 % 500));  // keys and times in no order
  for (const Answer& answer : want) journal->put_answer(answer);
  std::size_t i = 0;
  ASSAY_OK(journal->for_each_answer([&](const Answer& answer) {
    EXPECT_LT(i, want.size());
    expect_same(answer, want[i++]);
    auto found = journal->find(answer.key);
    EXPECT_TRUE(found && *found);
    journal->put_answer(make_answer(static_cast<int>(1000 + i)));  // not part of this walk
    return true;
  }));
  EXPECT_EQ(i, want.size());
  i = 0;
  ASSAY_OK(journal->for_each_answer([&](const Answer&) { return ++i < 3; }));
  EXPECT_EQ(i, 3u);
}

TEST_F(AnswersTest, TriesOfAKeyInTheirOrder) {
  auto journal = open();
  Key key = make_answer(1).key;
  journal->put_try({key, 100, 1.5, 429, "rate_limited", "slow down"});
  journal->put_try({make_answer(2).key, 150, 0, 0, "network", "reset"});
  journal->put_try({key, 200, 0.25, 200, "", ""});
  auto tries = journal->tries(key);
  ASSAY_OK(tries);
  ASSERT_EQ(tries->size(), 2u);
  EXPECT_EQ((*tries)[0].started, 100);
  EXPECT_EQ((*tries)[0].seconds, 1.5);
  EXPECT_EQ((*tries)[0].http_status, 429);
  EXPECT_EQ((*tries)[0].error_kind, "rate_limited");
  EXPECT_EQ((*tries)[0].message, "slow down");
  EXPECT_EQ((*tries)[1].error_kind, "");
  EXPECT_EQ((*tries)[1].seconds, 0.25);
}

TEST_F(AnswersTest, TheClockDatesWhatHasNoDate) {
  auto journal = open();
  Answer answer = make_answer(1);
  answer.created = 0;
  journal->put_answer(answer);
  auto found = journal->find(answer.key);
  ASSAY_OK(found);
  EXPECT_GE((*found)->created, 1'767'225'600'000'000);
}

TEST_F(AnswersTest, WhoComesSecondIsToldOnceAndOnlyWhereItMatters) {
  auto first = open(), second = open();
  for (int n : {1, 2, 3}) first->put_answer(make_answer(n));
  first->put_answer(make_answer(4, AnswerStatus::failed));
  ASSAY_OK(first->flush());
  EXPECT_TRUE(first->take_outrun().empty());
  Answer different = make_answer(1), failure = make_answer(2, AnswerStatus::failed), same = make_answer(3), better = make_answer(4), fresh = make_answer(5);
  different.response = R"({"text":"something else"})";
  same.created += 7;
  for (const Answer& answer : {different, failure, same, better, fresh}) second->put_answer(answer);
  ASSAY_OK(second->flush());
  EXPECT_EQ(second->take_outrun(), (std::vector<Key>{different.key, failure.key}));
  EXPECT_TRUE(second->take_outrun().empty());
  EXPECT_EQ((*second->find(different.key))->response, make_answer(1).response);
}

/// Its keys cannot all be read, so that no key is surely absent.
TEST_F(AnswersTest, ADamagedIndexOfKeysIsAnErrorForEveryLookUp) {
  {
    auto journal = open();
    for (int n = 0; n < 2000; ++n) journal->put_answer(make_answer(n));
  }
  const auto root = static_cast<std::size_t>(number("SELECT rootpage FROM sqlite_schema WHERE name = 'answer_key'"));
  std::string content = *read_file(path());
  // The last leaf that the root names: what stands before it is read without complaint.
  const auto leaf = [&] {
    auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(content.at((root - 1) * 4096 + at))); };
    return byte(8) << 24 | byte(9) << 16 | byte(10) << 8 | byte(11);
  }();
  ASSERT_GT(leaf, 1u);
  for (std::size_t i = 0; i < 4096; ++i) content[(leaf - 1) * 4096 + i] = '\xa5';
  ASSAY_OK(write_file(path(), content));
  auto journal = open();
  ASSERT_NE(journal, nullptr);
  for (int n = 0; n < 3; ++n) {
    auto found = journal->find(make_answer(5000 + n).key);
    ASSERT_FALSE(found) << "look-up " << n << " takes unread keys for absent ones";
    EXPECT_EQ(found.error().kind, ErrorKind::data);
  }
}

}  // namespace
}  // namespace assay::test
