#include "dataset/jsonl.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Jsonl, ReadsALineAtATimeAndKeepsLineNumbers) {
  auto content = read_jsonl("{\"a\":1}\r\n\n   \n[2]\n\"three\"", "x.jsonl");
  ASSERT_TRUE(content) << to_string(content.error());
  ASSERT_EQ(content->lines.size(), 3u);
  EXPECT_EQ(content->lines[0].line, 1u);
  EXPECT_EQ(get_integer(content->lines[0].value, "a"), 1);
  EXPECT_EQ(content->lines[1].line, 4u);
  EXPECT_EQ(content->lines[2].line, 5u);
  EXPECT_FALSE(content->half_written);
}

TEST(Jsonl, AHalfWrittenLastLineIsToldAndTheRestStands) {
  auto content = read_jsonl("{\"a\":1}\n{\"a\":2}\n{\"a\": \"thr", "log.jsonl");
  ASSERT_TRUE(content);
  EXPECT_EQ(content->lines.size(), 2u);
  ASSERT_TRUE(content->half_written);
  EXPECT_EQ(content->half_written->line, 3u);
  EXPECT_TRUE(content->half_written->half_written);
  EXPECT_TRUE(content->half_written->error.where.starts_with("log.jsonl:3:")) << content->half_written->error.where;
  EXPECT_FALSE(content->half_written->error.hint.empty());
}

TEST(Jsonl, ABadLineInTheMiddleIsAnErrorWithItsPlace) {
  auto content = read_jsonl("{}\n{\"a\": }\n{}\n", "log.jsonl");
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().kind, ErrorKind::data);
  EXPECT_TRUE(content.error().where.starts_with("log.jsonl:2:7")) << content.error().where;
  // The same text at the end of the file, but with a line end: it was written whole, so it is wrong.
  EXPECT_FALSE(read_jsonl("{}\n{\"a\": }\n", "log.jsonl"));
}

TEST(Jsonl, TheReaderGoesOnAfterAFault) {
  JsonlReader reader("nonsense\n7\n", "");
  auto first = reader.next();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().line, 1u);
  EXPECT_TRUE(first.error().error.where.starts_with("line 1")) << first.error().error.where;
  auto second = reader.next();
  ASSERT_TRUE(second);
  ASSERT_TRUE(*second);
  EXPECT_EQ((*second)->value, json::value(7));
  auto end = reader.next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(Jsonl, LinesAreBounded) {
  JsonlReader reader("[1,2,3,4,5,6]\n[1]\n", "x", 5);
  auto first = reader.next();
  ASSERT_FALSE(first);
  EXPECT_TRUE(reader.next());
}

TEST(Jsonl, PythonsRulesAddWhatItsWriterAdds) {
  const std::string text = "{\"a\": NaN}\n[\"\\ud83d\", -Infinity]\n";
  EXPECT_FALSE(read_jsonl(text, "x"));
  auto content = read_jsonl(text, "x", JsonlRules::python);
  ASSERT_TRUE(content);
  EXPECT_EQ(write_json(content->lines[0].value), "{\"a\":NaN}");
  EXPECT_EQ(write_json(content->lines[1].value), "[\"\uFFFD\",-Infinity]");
  auto wrong = read_jsonl("{}\n{\"a\": nan}\n", "x", JsonlRules::python);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().where, "x:2:7");
}

TEST(Jsonl, EmptyTextHasNoLines) {
  auto content = read_jsonl("", "x");
  ASSERT_TRUE(content);
  EXPECT_TRUE(content->lines.empty());
  EXPECT_FALSE(content->half_written);
}

}  // namespace
}  // namespace assay
