// Expected rows were taken from Python 3.11's csv module.
#include "dataset/csv.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using Rows = std::vector<CsvRow>;

Rows read_all(std::string_view text, CsvOptions options = {}) {
  CsvReader reader(text, options);
  Rows rows;
  for (CsvRow row;;) {
    auto more = reader.next(row);
    EXPECT_TRUE(more) << to_string(more.error());
    if (!more || !*more) return rows;
    rows.push_back(row);
  }
}

TEST(Csv, ReadsAsPythonDoes) {
  struct Case {
    std::string text;
    Rows rows;
  };
  const Case cases[] = {
      {"", {}},
      {"a,b\n", {{"a", "b"}}},
      {"a,\"b\"\"c\"d,e\n", {{"a", "b\"cd", "e"}}},
      {"a,b\"c,d\r\n\r\nx\ry\n", {{"a", "b\"c", "d"}, {}, {"x"}, {"y"}}},
      {"\"a\r\nb\",c", {{"a\r\nb", "c"}}},
      {"a,", {{"a", ""}}},
      {"\n", {{}}},
      {"\"\"\n", {{""}}},
      {"a, \"b\"\n", {{"a", " \"b\""}}},
      {" \n", {{" "}}},
      {"\"a\"b\"c\",d\n", {{"ab\"c\"", "d"}}},
      {"\"\",x", {{"", "x"}}},
      {"ä,\xff\n", {{"ä", "\xff"}}},
  };
  for (const Case& c : cases) EXPECT_EQ(read_all(c.text), c.rows) << c.text;
}

TEST(Csv, TellsAFieldThatTheEndCutsOff) {
  CsvReader reader("a,\"b\nc");
  CsvRow row;
  ASSERT_TRUE(reader.next(row).value());
  EXPECT_EQ(row, (CsvRow{"a", "b\nc"}));
  EXPECT_TRUE(reader.cut());

  CsvReader whole("a,\"b\"");
  ASSERT_TRUE(whole.next(row).value());
  EXPECT_FALSE(whole.cut());
}

TEST(Csv, CountsLinesThroughQuotedOnes) {
  CsvReader reader("a\r\n\"b\r\nb\nb\",x\r\nc\n");
  CsvRow row;
  ASSERT_TRUE(reader.next(row).value());
  EXPECT_EQ(reader.line(), 1u);
  ASSERT_TRUE(reader.next(row).value());
  EXPECT_EQ(reader.line(), 2u);
  ASSERT_TRUE(reader.next(row).value());
  EXPECT_EQ(reader.line(), 5u);
  EXPECT_FALSE(reader.next(row).value());
}

TEST(Csv, OtherDelimiters) {
  EXPECT_EQ(read_all("a\tb,c\n", {.delimiter = '\t'}), (Rows{{"a", "b,c"}}));
}

TEST(Csv, RefusesWhatIsNoTextOrTooMuch) {
  CsvRow row;
  std::string nul("a\nb,\0c\n", 7);
  CsvReader with_nul(nul, {.where = "results.csv"});
  ASSERT_TRUE(with_nul.next(row));
  auto refused = with_nul.next(row);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
  EXPECT_EQ(refused.error().where, "results.csv:2");

  EXPECT_FALSE(parse_csv(std::string(101, 'x'), {.max_field = 100}));
  EXPECT_TRUE(parse_csv(std::string(100, 'x'), {.max_field = 100}));
  EXPECT_FALSE(parse_csv("\"" + std::string(101, 'x'), {.max_field = 100}));
  for (const char* after : {",y", "\n", "\r\nz"})  // what ends a field does not make it longer
    EXPECT_TRUE(parse_csv("\"" + std::string(100, 'x') + "\"" + after, {.max_field = 100})) << after;
  EXPECT_FALSE(parse_csv("1,2,3,4,5", {.max_columns = 4}));
  EXPECT_TRUE(parse_csv("1,2,3,4", {.max_columns = 4}));
}

TEST(Csv, WholeFilesHaveNoEmptyLines) {
  auto rows = parse_csv("a,b\n\n1,2\n\n");
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows, (Rows{{"a", "b"}, {"1", "2"}}));
}

TEST(Csv, WritesAsPythonDoes) {
  auto write = [](CsvRow row) { return write_csv_row(row); };
  EXPECT_EQ(write({"a", "b c", ""}), "a,b c,\r\n");
  EXPECT_EQ(write({""}), "\"\"\r\n");
  EXPECT_EQ(write({"a\"b", "c,d", "e\nf", "g\rh"}), "\"a\"\"b\",\"c,d\",\"e\nf\",\"g\rh\"\r\n");
  EXPECT_EQ(write({}), "\r\n");
  EXPECT_EQ(write({" x"}), " x\r\n");
  CsvRow row{"a", "b"};
  EXPECT_EQ(write_csv_row(row, {}, "\n", CsvQuote::all), "\"a\",\"b\"\n");
}

TEST(Csv, ReadsBackWhatItWrote) {
  const CsvRow rows[] = {{"", "x"}, {""}, {"\"", "\"\"", ",", "\r\n"}, {"a\nb"}, {"日本", "ü"}};
  std::string text;
  for (const CsvRow& row : rows) text += write_csv_row(row);
  EXPECT_EQ(read_all(text), Rows(std::begin(rows), std::end(rows)));
}

}  // namespace
}  // namespace assay
