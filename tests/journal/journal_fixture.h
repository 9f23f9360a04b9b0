// A journal in a folder of its own that the test leaves behind empty; answers made by number.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "journal/journal.h"
#include "journal/options.h"
#include "journal/sqlite.h"
#include "support/hang_watch.h"

namespace assay::test {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant{}; }
  std::int64_t unix_micros() const override { return 1'767'225'600'000'000 + ticks_.fetch_add(1); }

 private:
  mutable std::atomic<std::int64_t> ticks_{0};
};

/// The key as docs/formats/journal.md defines it.
inline Result<Key> journal_key(std::string_view identity, std::string_view request, std::string_view draw) {
  std::string text(identity);
  text += '\n';
  text += request;
  text += '\n';
  text += draw;
  return key_of(text);
}

inline Answer make_answer(int n, std::string request, AnswerStatus status = AnswerStatus::answered) {
  Answer answer;
  answer.identity = R"({"backend":"openai","model":"tiny"})";
  answer.request = std::move(request);
  answer.draw = R"({"ask":0,"epoch":0,"iteration":1})";
  answer.origin =
      R"({"ask":0,"benchmark":"eq-bench@2","iteration":1,"role":"model","sample":")" + std::to_string(n) + R"(","task":""})";
  answer.status = status;
  answer.response = status == AnswerStatus::failed ? R"({"kind":"timeout","message":"try )" + std::to_string(n) + "\"}"
                                                   : R"({"text":"answer )" + std::to_string(n) + "\"}";
  answer.created = 1'767'225'600'000'000 + n;
  answer.key = *journal_key(answer.identity, answer.request, answer.draw);
  return answer;
}

inline Answer make_answer(int n, AnswerStatus status = AnswerStatus::answered) {
  return make_answer(n, R"({"kind":"generate","prompt":"question )" + std::to_string(n) + "\"}", status);
}

class JournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "assay_journal_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(folder_, ignored);
  }

  std::filesystem::path path() const { return folder_ / "assay.db"; }

  std::unique_ptr<Journal> open(Journal::Mode mode = Journal::Mode::read_write) { return open(JournalOptions{}, mode); }
  std::unique_ptr<Journal> open(const JournalOptions& options, Journal::Mode mode = Journal::Mode::read_write) {
    auto journal = open_journal(path(), mode, clock_, options);
    if (!journal) {
      ADD_FAILURE() << to_string(journal.error());
      return nullptr;
    }
    return std::move(*journal);
  }
  Error refusal(Journal::Mode mode = Journal::Mode::read_write) {
    auto journal = Journal::open(path(), mode, clock_);
    if (journal) {
      ADD_FAILURE() << "opened what it should refuse";
      return {};
    }
    return journal.error();
  }

  /// Changes the file behind the journal's back.
  void sql(const std::string& statements) {
    auto database = Database::open(path(), Database::Access::create);
    ASSERT_TRUE(database) << to_string(database.error());
    auto done = database->execute(statements.c_str());
    ASSERT_TRUE(done) << to_string(done.error());
  }
  std::int64_t number(const std::string& query) {
    auto database = Database::open(path(), Database::Access::read_write);
    auto value = database ? database->integer(query) : Result<std::int64_t>(std::unexpect, database.error());
    if (!value) ADD_FAILURE() << to_string(value.error());
    return value.value_or(-1);
  }

  std::filesystem::path folder_;
  FixedClock clock_;
};

inline void expect_same(const Answer& got, const Answer& want) {
  EXPECT_EQ(got.key, want.key);
  EXPECT_EQ(got.identity, want.identity);
  EXPECT_EQ(got.request, want.request);
  EXPECT_EQ(got.draw, want.draw);
  EXPECT_EQ(got.origin, want.origin);
  EXPECT_EQ(got.status, want.status);
  EXPECT_EQ(got.response, want.response);
  EXPECT_EQ(got.created, want.created);
}

#define ASSAY_OK(expression)                                        \
  do {                                                              \
    auto&& result_ = (expression);                                  \
    ASSERT_TRUE(result_.has_value()) << to_string(result_.error()); \
  } while (false)

}  // namespace assay::test
