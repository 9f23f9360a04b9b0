// What can still be read of a damaged journal, page by page: never a wrong answer, never a silent gap.
#include "journal/salvage.h"

#include <map>
#include <random>

#include "base/file.h"
#include "journal_fixture.h"

namespace assay::test {
namespace {

class SalvageTest : public JournalTest {
 protected:
  static constexpr int kAnswers = 400;
  static constexpr std::size_t kPage = 4096;

  void SetUp() override {
    JournalTest::SetUp();
    auto journal = open();
    ASSAY_OK(journal->create_run({"01A", 1, "h", "{}", "running", ""}));
    for (int n = 0; n < kAnswers; ++n) {
      // Every third one rests on a text that many share; some failed first.
      Answer answer = n % 3 == 0 ? make_answer(n, "{\"prompt\":\"" + std::string(900, 'x') + std::to_string(n) + "\"}") : make_answer(n);
      if (n % 50 == 0) {
        Answer failure = answer;
        failure.status = AnswerStatus::failed;
        failure.response = R"({"kind":"timeout","message":"once"})";
        journal->put_answer(failure);
      }
      journal->put_answer(answer);
      journal->put_unit({"01A", n, "u", 1, 0, {answer.key}, "scored", "{}"});
      responses_[answer.key.hex()] = answer.response;
    }
    journal.reset();
    whole_ = *read_file(path());
  }

  Result<Salvage> salvage() {
    seen_.clear();
    return salvage_answers(path(), [&](const Answer& answer) -> Result<bool> {
      seen_.push_back(answer);
      return true;
    });
  }
  /// What was read is what was stored, each once.
  void expect_true_answers() {
    std::map<std::string, int> count;
    for (const Answer& answer : seen_) {
      auto want = responses_.find(answer.key.hex());
      ASSERT_NE(want, responses_.end()) << "an answer that was never given: " << answer.key.hex();
      EXPECT_EQ(answer.response, want->second);
      EXPECT_EQ(++count[want->first], 1);
      EXPECT_EQ(*journal_key(answer.identity, answer.request, answer.draw), answer.key);
    }
  }
  void write(const std::string& content) { ASSAY_OK(write_file(path(), content)); }

  std::map<std::string, std::string> responses_;
  std::string whole_;
  std::vector<Answer> seen_;
};

TEST_F(SalvageTest, ASoundJournalIsSavedWholeInTheOrderStored) {
  auto done = salvage();
  ASSAY_OK(done);
  EXPECT_EQ(done->saved, kAnswers);
  EXPECT_EQ(done->unreadable, 0);
  EXPECT_TRUE(done->exact);
  EXPECT_EQ(done->first_problem, "");
  std::size_t i = 0;
  auto journal = open(Journal::Mode::read_only);
  ASSAY_OK(journal->for_each_answer([&](const Answer& answer) {
    expect_same(seen_.at(i++), answer);
    return true;
  }));
  EXPECT_EQ(i, seen_.size());
  expect_true_answers();
}

TEST_F(SalvageTest, EveryPageDamagedInTurn) {
  int opened = 0, partly = 0;
  std::int64_t most = 0;
  for (std::size_t page = 1; page * kPage < whole_.size(); ++page) {
    for (std::string_view kind : {"zeros", "noise", "header"}) {
      SCOPED_TRACE(std::to_string(page) + " " + std::string(kind));
      std::string bad = whole_;
      std::mt19937 random(static_cast<unsigned>(page));
      for (std::size_t i = 0; i < (kind == "header" ? 8u : kPage); ++i)
        bad[page * kPage + i] = kind == "zeros" ? '\0' : static_cast<char>(random());
      write(bad);
      auto done = salvage();
      if (!done) {  // the root of a table without which nothing means anything
        EXPECT_EQ(done.error().kind, ErrorKind::data);
        continue;
      }
      ++opened;
      expect_true_answers();
      EXPECT_EQ(done->saved, static_cast<std::int64_t>(seen_.size()));
      if (done->saved < kAnswers) {
        EXPECT_FALSE(done->first_problem.empty());
        EXPECT_GT(done->unreadable, 0) << "a silent gap: " << done->saved << " saved";
        if (done->exact) {
          EXPECT_EQ(done->saved + done->unreadable, kAnswers);
        }
        if (done->saved > 0) ++partly, most = std::max(most, done->saved);
      }
      // Who looks for damage finds it wherever it is.
      auto journal = Journal::open(path(), Journal::Mode::read_only, clock_);
      if (journal) {
        auto problems = (*journal)->verify(journal_key);
        ASSAY_OK(problems);
        EXPECT_FALSE(problems->empty());
      }
      EXPECT_EQ(*read_file(path()), bad) << "reading changed the file";
    }
  }
  EXPECT_GT(opened, 60);
  EXPECT_GT(partly, 30) << "damage to a leaf must cost only what lies on it";
  EXPECT_GT(most, kAnswers - 100);
}

TEST_F(SalvageTest, CutOffAnywhere) {
  std::int64_t before = kAnswers;
  for (std::size_t size = whole_.size() - kPage; size > 4 * kPage; size -= 2 * kPage + 1000) {
    SCOPED_TRACE(size);
    write(whole_.substr(0, size));
    EXPECT_EQ(refusal().kind, ErrorKind::data);
    EXPECT_NE(refusal().hint.find("journal export"), std::string::npos) << refusal().hint;
    auto done = salvage();
    if (!done) {
      EXPECT_EQ(done.error().kind, ErrorKind::data);
      continue;
    }
    expect_true_answers();
    EXPECT_LE(done->saved, before);
    if (done->saved < kAnswers) {
      EXPECT_GT(done->unreadable, 0);
    }
    before = done->saved;
  }
  write(whole_.substr(0, whole_.size() - kPage));
  auto done = salvage();
  ASSAY_OK(done);
  EXPECT_GT(done->saved, kAnswers / 2);
}

TEST_F(SalvageTest, ChangedTextsAreNotPassedOn) {
  sql("UPDATE body SET text = replace(text, 'question 7\"', 'question 8\"')");  // sound pages, false content
  auto done = salvage();
  ASSAY_OK(done);
  EXPECT_EQ(done->unreadable, 1);
  EXPECT_EQ(done->saved, kAnswers - 1);
  EXPECT_NE(done->first_problem.find("does not belong"), std::string::npos);
  expect_true_answers();
}

TEST_F(SalvageTest, WhatTheCallerRefusesIsCountedAndItsErrorEnds) {
  int n = 0;
  auto done = salvage_answers(path(), [&](const Answer&) -> Result<bool> { return ++n % 4 != 0; });
  ASSAY_OK(done);
  EXPECT_EQ(done->unreadable, kAnswers / 4);
  EXPECT_EQ(done->saved, kAnswers - kAnswers / 4);
  auto ended = salvage_answers(path(), [&](const Answer&) -> Result<bool> { return fail(ErrorKind::io, "full"); });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "full");
}

TEST_F(SalvageTest, RandomBytesChangedNeverGiveAFalseQuestionOrAnswer) {
  std::mt19937 random(11);
  for (int round = 0; round < 150; ++round) {
    std::string bad = whole_;
    for (int change = 0; change < 20; ++change) bad[kPage + random() % (bad.size() - kPage)] = static_cast<char>(random());
    write(bad);
    auto done = salvage();
    if (!done) continue;
    for (const Answer& answer : seen_)
      ASSERT_EQ(*journal_key(answer.identity, answer.request, answer.draw), answer.key);
    expect_true_answers();
  }
}

TEST_F(SalvageTest, WhatIsNoJournalIsRefused) {
  write("These are my notes, not a journal, and long enough to be looked at.\n");
  auto done = salvage();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::data);
  std::filesystem::remove(path());
  done = salvage();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace assay::test
