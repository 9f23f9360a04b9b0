// JSON lines out: every member, the stored bytes, errors of the sink and of the stored texts.
#include "journal/export.h"

#include "base/json.h"
#include "journal_fixture.h"

namespace assay::test {
namespace {

using ExportTest = JournalTest;

TEST_F(ExportTest, OneLineAnAnswer) {
  Answer answer = make_answer(1);
  answer.key = *Key::from_hex("000102030405060708090a0b0c0d0e0f");
  auto line = export_line(answer);
  ASSAY_OK(line);
  EXPECT_EQ(*line, R"({"key":"000102030405060708090a0b0c0d0e0f","identity":"{\"backend\":\"openai\",\"model\":\"tiny\"}",)"
                   R"("request":{"kind":"generate","prompt":"question 1"},"draw":{"ask":0,"epoch":0,"iteration":1},)"
                   R"("origin":{"ask":0,"benchmark":"eq-bench@2","iteration":1,"role":"model","sample":"1","task":""},)"
                   R"("status":"answered","response":{"text":"answer 1"},"created":1767225600000001})");
}

TEST_F(ExportTest, EveryAnswerInOrderAndKeysCanBeRecomputed) {
  auto journal = open();
  for (int n = 0; n < 300; ++n) journal->put_answer(make_answer(n, n % 3 == 0 ? AnswerStatus::failed : AnswerStatus::answered));
  int n = 0;
  auto count = export_answers(*journal, [&](std::string_view line) -> Result<void> {
    EXPECT_TRUE(line.ends_with("}\n"));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    auto value = parse_json(line);
    if (!value) return fail(value.error());
    Answer want = make_answer(n, n % 3 == 0 ? AnswerStatus::failed : AnswerStatus::answered);
    EXPECT_EQ(get_string(*value, "status"), n % 3 == 0 ? "failed" : "answered");
    EXPECT_EQ(get_integer(*value, "created"), want.created);
    auto key = journal_key(*get_string(*value, "identity"), write_json(*find(*value, "request"), JsonStyle::canonical),
                           write_json(*find(*value, "draw"), JsonStyle::canonical));
    EXPECT_EQ(key->hex(), get_string(*value, "key"));
    EXPECT_EQ(write_json(*find(*value, "response")), want.response);
    ++n;
    return {};
  });
  ASSAY_OK(count);
  EXPECT_EQ(*count, 300);
  EXPECT_EQ(n, 300);
}

TEST_F(ExportTest, LineBreaksInsideStoredJsonDoNotBreakTheLine) {
  Answer answer = make_answer(1);
  answer.response = "{\r\n  \"text\": \"a\"\n}";
  auto line = export_line(answer);
  ASSAY_OK(line);
  EXPECT_NE(line->find(R"("response":{"text":"a"})"), std::string::npos) << *line;
}

TEST_F(ExportTest, AStoredTextThatIsNoObjectIsAnError) {
  for (std::string bad : {"", "[1]", "{\"text\":", "{} {}", "{\"a\":1},\"key\":\"forged\""}) {
    Answer answer = make_answer(1);
    answer.response = bad;
    auto line = export_line(answer);
    ASSERT_FALSE(line) << bad;
    EXPECT_EQ(line.error().kind, ErrorKind::data);
    EXPECT_NE(line.error().where.find(answer.key.hex()), std::string::npos);
  }
}

TEST_F(ExportTest, TheSinksErrorEndsIt) {
  auto journal = open();
  for (int n = 0; n < 10; ++n) journal->put_answer(make_answer(n));
  int lines = 0;
  auto count = export_answers(*journal, [&](std::string_view) -> Result<void> {
    if (++lines == 3) return fail(ErrorKind::io, "the pipe is closed");
    return {};
  });
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().message, "the pipe is closed");
  EXPECT_EQ(lines, 3);
}

}  // namespace
}  // namespace assay::test
