// verify() finds what was changed behind the journal's back.
#include "base/file.h"
#include "journal_fixture.h"

namespace assay::test {
namespace {

class VerifyTest : public JournalTest {
 protected:
  void SetUp() override {
    JournalTest::SetUp();
    auto journal = open();
    ASSAY_OK(journal->create_run({"01A", 1, "h", "{}", "running", ""}));
    std::string introduction(3000, 'x');
    for (int n = 0; n < 500; ++n) {
      journal->put_answer(make_answer(n, "{\"prompt\":\"" + introduction + std::to_string(n) + "\"}"));
      journal->put_unit({"01A", n, "u", 1, 0, {}, "scored", "{}"});
    }
  }
  std::vector<std::string> problems(const Journal::Rekey& rekey = journal_key) {
    auto journal = open();
    auto found = journal->verify(rekey);
    if (!found) {
      ADD_FAILURE() << to_string(found.error());
      return {};
    }
    return *found;
  }
  void expect_problem(std::string_view part) {
    auto found = problems();
    bool there = std::any_of(found.begin(), found.end(),
                             [&](const std::string& problem) { return problem.find(part) != std::string::npos; });
    EXPECT_TRUE(there) << "not found: " << part << "; first of " << found.size() << ": " << (found.empty() ? "" : found.front());
  }
};

TEST_F(VerifyTest, ASoundJournalHasNoProblems) {
  EXPECT_TRUE(problems().empty());
}

TEST_F(VerifyTest, AChangedRequest) {
  sql("UPDATE body SET text = 'forged' WHERE id = 77");
  expect_problem("request 77 has changed");
}

TEST_F(VerifyTest, AChangedBaseDamagesAllThatRestOnIt) {
  sql("UPDATE body SET text = replace(text, 'xxx', 'yyy') WHERE id = 1");
  auto found = problems();
  ASSERT_EQ(found.size(), 101u) << "a hundred are listed, then it says that there are more";
  EXPECT_EQ(found.back(), "and more");
}

TEST_F(VerifyTest, ACutThatDoesNotFit) {
  sql("UPDATE body SET head = 99999 WHERE id = 5");
  expect_problem("request 5:");
  auto journal = open();
  auto walked = journal->for_each_answer([](const Answer&) { return true; });
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, ErrorKind::data);
}

TEST_F(VerifyTest, AChangedResponse) {
  sql("UPDATE answer SET response = replace(response, 'answer 7\"', 'answer 8\"') WHERE id = 8");  // JSON as before, and wrong
  expect_problem("answer " + make_answer(7, "{\"prompt\":\"" + std::string(3000, 'x') + "7\"}").key.hex() + " has changed");
  auto found = open()->find(make_answer(7, "{\"prompt\":\"" + std::string(3000, 'x') + "7\"}").key);
  ASSERT_FALSE(found) << "it is not replayed either";
  EXPECT_EQ(found.error().kind, ErrorKind::data);
  EXPECT_NE(found.error().hint.find("journal verify"), std::string::npos);
}

TEST_F(VerifyTest, AnAnswerMadeAFailure) {
  sql("UPDATE answer SET status = 1 WHERE id = 8");
  expect_problem("has changed: its response does not have the stored sum");
}

TEST_F(VerifyTest, AChangedFormerFailure) {
  {
    auto journal = open();
    journal->put_answer(make_answer(1000, AnswerStatus::failed));
    journal->put_answer(make_answer(1000));
  }
  EXPECT_TRUE(problems().empty());
  sql("UPDATE former_answer SET response = '{}'");
  expect_problem("former answer " + make_answer(1000).key.hex() + " has changed");
}

TEST_F(VerifyTest, AResponseThatIsNoJson) {
  sql("UPDATE answer SET response = 'text', sum = NULL WHERE id = 8");
  expect_problem("is no JSON any more");
}

TEST_F(VerifyTest, AnswersExchangedBetweenQuestions) {
  sql("UPDATE answer SET body = 500 WHERE id = 3");
  expect_problem("does not belong to its question");
}

TEST_F(VerifyTest, AnswersOfAnotherModel) {
  sql("UPDATE identity SET text = '{\"model\":\"other\"}'");
  expect_problem("does not belong to its question");
}

TEST_F(VerifyTest, ReferencesToNothing) {
  sql("DELETE FROM origin; DELETE FROM run");
  expect_problem("500 answers name an identity, draw, origin or request that is not there");
  expect_problem("500 units belong to a run that is not there");
}

TEST_F(VerifyTest, AMissingBase) {
  sql("DELETE FROM body WHERE id = 1");
  expect_problem("which is not there");
}

TEST_F(VerifyTest, CorruptPages) {
  std::string whole = *read_file(path());
  // Somewhere in the middle: a page that opening does not read.
  for (std::size_t page = 20; (page + 1) * 4096 <= whole.size(); ++page) whole.replace(page * 4096, 64, std::string(64, '\xA5'));
  ASSAY_OK(write_file(path(), whole));
  auto found = problems();
  EXPECT_FALSE(found.empty());
}

TEST_F(VerifyTest, AKeyThatCannotBeRecomputedIsAProblem) {
  auto found = problems([](std::string_view, std::string_view, std::string_view) -> Result<Key> {
    return fail(ErrorKind::data, "no such request kind");
  });
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found.front().find("no such request kind"), std::string::npos);
  EXPECT_TRUE(problems(nullptr).empty());
}

}  // namespace
}  // namespace assay::test
