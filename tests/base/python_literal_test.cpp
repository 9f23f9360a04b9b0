#include "base/python_literal.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay {
namespace {

// The value as JSON, or the error.
std::string read(std::string_view text) {
  auto value = read_python_literal(text);
  return value ? write_json(to_json(*value)) : "error at " + value.error().where;
}

TEST(PythonLiteral, Numbers) {
  EXPECT_EQ(read("1"), "1");
  EXPECT_EQ(read("- 1"), "-1");
  EXPECT_EQ(read("+1.5e3"), "1500.0");
  EXPECT_EQ(read("0x_fF"), "255");
  EXPECT_EQ(read("0b11"), "3");
  EXPECT_EQ(read("0o17"), "15");
  EXPECT_EQ(read("1_000"), "1000");
  EXPECT_EQ(read(".5"), "0.5");
  EXPECT_EQ(read("1."), "1.0");
  EXPECT_EQ(read("00"), "0");
  EXPECT_EQ(read("-9223372036854775808"), "-9223372036854775808");
  for (const char* bad : {"01", "1__0", "1_", "0x", "--1", "1abc", "1.2.3", "+True", "0b2", "_1", "1if 2 else 3", "1 2", "", " "})
    EXPECT_TRUE(read(bad).starts_with("error")) << bad;
}

TEST(PythonLiteral, BigIntegersKeepTheirDigits) {
  EXPECT_EQ(read_python_literal("-123456789012345678901234567890")->text, "-123456789012345678901234567890");
  EXPECT_EQ(read_python_literal("0xffffffffffffffffffffffff")->text, "79228162514264337593543950335");
  EXPECT_TRUE(std::isinf(read_python_literal("1e400")->real));
  EXPECT_FALSE(read_python_literal(std::string(5000, '9')));
}

TEST(PythonLiteral, LongListsOfNumbersAreReadInOneWalk) {
  std::string list = "[1";
  for (int i = 1; i < 1'000'000; ++i) list += ",1";
  EXPECT_EQ(read_python_literal(list + "]").value().items.size(), 1'000'000u);
}

TEST(PythonLiteral, ComplexNumbersAreSums) {
  auto value = read_python_literal("-1+2j");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->kind, PythonValue::Kind::complex);
  EXPECT_EQ(value->real, -1);
  EXPECT_EQ(value->imaginary, 2);
  EXPECT_EQ(read_python_literal("(1)-(2j)")->imaginary, -2);
  EXPECT_TRUE(read_python_literal("09j"));
  for (const char* bad : {"1+2", "1+2j+3j", "2j+1", "True+1j", "-(1+2j)", "-(-1)", "'a'+'b'", "1+-2j"})
    EXPECT_FALSE(read_python_literal(bad)) << bad;
}

TEST(PythonLiteral, Containers) {
  EXPECT_EQ(read("[1, (2,), {'a': None, 3: True,},]"), R"([1,[2],{"a":null,"3":true}])");
  EXPECT_EQ(read_python_literal("1, 2")->kind, PythonValue::Kind::tuple);
  EXPECT_EQ(read_python_literal("(1)")->kind, PythonValue::Kind::integer);
  EXPECT_EQ(read_python_literal("()")->items.size(), 0u);
  EXPECT_EQ(read_python_literal("{1, 1.0, True}")->items.size(), 1u);
  EXPECT_EQ(read("{1: 'a', 1.0: 'b'}"), R"({"1":"b"})");
  EXPECT_EQ(read_python_literal("{}")->kind, PythonValue::Kind::dict);
  EXPECT_EQ(read_python_literal("set()")->kind, PythonValue::Kind::set);
  for (const char* bad : {"[1,,2]", "(,)", "[1 2]", "{1:2, 3}", "{1, 2:3}", "{[]: 1}", "{[1]}", "[*[1]]", "dict(a=1)", "set([1])",
                          "[1", "1]", "{'a'}['a']"})
    EXPECT_FALSE(read_python_literal(bad)) << bad;
}

TEST(PythonLiteral, Texts) {
  EXPECT_EQ(read(R"('a\n\x41\u00e9\101\q')"), R"("a\nAéA\\q")");
  EXPECT_EQ(read(R"(r'\n' "b" u'c')"), R"("\\nbc")");
  EXPECT_EQ(read("'''a\nb'''"), R"("a\nb")");
  EXPECT_EQ(read("'a\\\nb'"), R"("ab")");
  EXPECT_EQ(read(R"('\ud83d\ude00')"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(read_python_literal(R"(b'\xff\0')")->text, std::string("\xff\0", 2));
  for (const char* bad :
       {"'a", "'a\nb'", "f'x'", "b'é'", "b'a' 'b'", R"('\x4')", R"('\U00110000')", R"('\N{DASH}')", "ur'x'", "'a\\"})
    EXPECT_FALSE(read_python_literal(bad)) << bad;
}

TEST(PythonLiteral, LinesAndComments) {
  EXPECT_EQ(read("\n\n1 # one\n  # more\n\n"), "1");
  EXPECT_EQ(read(" \t[\n  1, # a\n\n2\r\n]\r\n"), "[1,2]");
  EXPECT_EQ(read("\n 1"), "error at 2:2");
  EXPECT_EQ(read("  \n1"), "1");
  EXPECT_EQ(read("1\n2"), "error at 2:1");
  EXPECT_EQ(read("[1,\n x]"), "error at 2:2");
  EXPECT_FALSE(read_python_literal(std::string_view("1\0", 2)));
}

TEST(PythonLiteral, DepthIsBounded) {
  EXPECT_TRUE(read_python_literal(std::string(150, '[') + std::string(150, ']')));
  EXPECT_FALSE(read_python_literal(std::string(100'000, '[')));
  EXPECT_FALSE(read_python_literal(std::string(100'000, '(') + std::string(100'000, ')')));
}

TEST(PythonValue, EqualityIsPythons) {
  EXPECT_EQ(PythonValue::of(true), PythonValue::of(std::int64_t{1}));
  EXPECT_EQ(PythonValue::of(1.0), PythonValue::of(std::int64_t{1}));
  EXPECT_EQ(*read_python_literal("1+0j"), PythonValue::of(1.0));
  EXPECT_FALSE(PythonValue::of("1") == PythonValue::of(std::int64_t{1}));
  EXPECT_FALSE(*read_python_literal("(1,)") == *read_python_literal("[1]"));
}

TEST(PythonValue, FindsTextKeys) {
  auto dict = read_python_literal("{1: 2, 'model': 'm'}");
  ASSERT_TRUE(dict);
  EXPECT_EQ(dict->find("model")->text, "m");
  EXPECT_EQ(dict->find("1"), nullptr);
}

}  // namespace
}  // namespace assay
