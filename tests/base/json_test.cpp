#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay {
namespace {

json::value parse(std::string_view text) {
  auto value = parse_json(text);
  if (!value) {
    ADD_FAILURE() << to_string(value.error());
    return nullptr;
  }
  return *value;
}

std::string error_of(std::string_view text) {
  auto value = parse_json(text, "file.json");
  if (value) return "no error";
  EXPECT_EQ(value.error().kind, ErrorKind::data);
  return value.error().where;
}

TEST(Json, ErrorsNameLineAndColumn) {
  EXPECT_EQ(error_of("{\"a\": 1,\n  \"b\": x}"), "file.json:2:8");
  EXPECT_EQ(error_of("[1, 2"), "file.json:1:6");
  EXPECT_EQ(error_of("{} {}"), "file.json:1:4");
  EXPECT_EQ(error_of(""), "file.json:1:1");
  EXPECT_EQ(error_of("{\"ä\": ?}"), "file.json:1:7");  // columns count characters, not bytes
  auto bare = parse_json("?");
  EXPECT_EQ(bare.error().where, "1:1");
}

TEST(Json, WhatIsNoJsonIsRefused) {
  for (const char* text : {"NaN", "[Infinity]", "{'a':1}", "[1,]", "{\"a\":1,}", "01", "\"\\x\"", "\"a\nb\"", "tru", "// c\n1", "\"\xff\"", "[\"\\ud800x\"", "nul"})
    EXPECT_FALSE(parse_json(text)) << text;
}

TEST(Json, DepthIsLimited) {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(200)));
  EXPECT_FALSE(parse_json(nested(300)));
  EXPECT_FALSE(parse_json(nested(2'000'000)));
  parse("[" + std::string(100'000, ' ') + "]");  // a large document before must not lift the limit
  EXPECT_FALSE(parse_json(nested(300)));
}

TEST(Json, MembersCanBeLeftOutWhereverTheyStand) {
  auto without = [](std::string_view skip, std::string_view text) {
    auto value = parse_json_without(skip, text);
    return value ? write_json(*value) : to_string(value.error());
  };
  EXPECT_EQ(without("evidence", R"({"a":1,"evidence":{"long":[1,2]},"b":2})"), R"({"a":1,"b":2})");
  EXPECT_EQ(without("evidence", R"({"scores":[{"evidence":1,"x":{"evidence":[],"y":0}},["evidence"]]})"), R"({"scores":[{"x":{"y":0}},["evidence"]]})");
  EXPECT_EQ(without("evidence", R"({"evidence":1,"a":"evidence","evidence":2})"), R"({"a":"evidence"})") << "repeated, and as a value";
  EXPECT_EQ(without("evidence", R"({"Evidence":1,"evidences":2,"eviden\u0063e":3})"), R"({"Evidence":1,"evidences":2})") << "the key, however it is written";
  EXPECT_EQ(without("evidence", R"({"evidence":1})"), "{}");
  EXPECT_EQ(without("evidence", R"([1.5,"x",null])"), R"([1.5,"x",null])");
  EXPECT_EQ(without("", R"({"":1,"a":2})"), R"({"":1,"a":2})") << "nothing to leave out";
  // What is left out is read all the same: a broken document does not pass.
  EXPECT_FALSE(parse_json_without("evidence", R"({"evidence":[1,2})"));
  auto error = parse_json_without("evidence", "{\n  \"evidence\": nan}", "result 3");
  ASSERT_FALSE(error);
  EXPECT_TRUE(error.error().where.starts_with("result 3:2:")) << error.error().where;
  // An integer beyond 64 bits goes the slow way, on which nothing is left out ("may").
  auto slow = parse_json_without("evidence", R"({"evidence":123456789012345678901234567890,"a":1})");
  ASSERT_TRUE(slow);
  EXPECT_EQ(get_integer(*slow, "a"), 1);
}

TEST(Json, RepeatedKeysKeepTheFirstPlaceAndTheLastValue) {
  EXPECT_EQ(write_json(parse("{\"a\":1,\"b\":2,\"a\":3}")), "{\"a\":3,\"b\":2}");
  // The same through the slow reader, which an integer beyond 64 bits brings on.
  EXPECT_EQ(write_json(parse("{\"a\":1,\"b\":2,\"a\":3,\"c\":123456789012345678901234567890}")), "{\"a\":3,\"b\":2,\"c\":1.2345678901234568e+29}");
  EXPECT_EQ(write_json(parse("{\"a\":{\"x\":1},\"a\":{\"y\":2}}")), "{\"a\":{\"y\":2}}");
}

TEST(Json, NumbersSurvive) {
  EXPECT_EQ(write_json(parse("[0,-1,9007199254740993,18446744073709551615,-9223372036854775808]")),
            "[0,-1,9007199254740993,18446744073709551615,-9223372036854775808]");
  EXPECT_EQ(write_json(parse("[1.0,0.1,1e-7,1e16,1e15,-0.0,5e-324,1.7976931348623157e308,6.62607015e-34]")),
            "[1.0,0.1,1e-07,1e+16,1000000000000000.0,-0.0,5e-324,1.7976931348623157e+308,6.62607015e-34]");
  EXPECT_FALSE(parse_json("1e400"));
  // Reading is correctly rounded: a halfway case that cheap readers miss.
  EXPECT_EQ(parse("9007199254740993.0").get_double(), 9007199254740992.0);
  EXPECT_EQ(parse("0.500000000000000166533453693773481063544750213623046875").get_double(), 0.5000000000000002);
}

TEST(Json, FourStyles) {
  json::value value = parse("{\"z\":[1,{}],\"a\":\"ä😀\\u0001/\\\"\",\"e\":[]}");
  EXPECT_EQ(write_json(value), "{\"z\":[1,{}],\"a\":\"ä😀\\u0001/\\\"\",\"e\":[]}");
  EXPECT_EQ(write_json(value, JsonStyle::canonical), "{\"a\":\"ä😀\\u0001/\\\"\",\"e\":[],\"z\":[1,{}]}");
  EXPECT_EQ(write_json(value, JsonStyle::python), "{\"z\": [1, {}], \"a\": \"\\u00e4\\ud83d\\ude00\\u0001/\\\"\", \"e\": []}");
  EXPECT_EQ(write_json(value, JsonStyle::pretty), "{\n  \"z\": [\n    1,\n    {}\n  ],\n  \"a\": \"ä😀\\u0001/\\\"\",\n  \"e\": []\n}");
}

TEST(Json, ControlCharactersAreEscapedAsPythonDoes) {
  json::value value = "\b\f\n\r\t\x1f\x7f\\";
  EXPECT_EQ(write_json(value, JsonStyle::python), "\"\\b\\f\\n\\r\\t\\u001f\\u007f\\\\\"");
  EXPECT_EQ(write_json(json::value("twenty plain letters\x7f, and on it goes"), JsonStyle::python), "\"twenty plain letters\\u007f, and on it goes\"");
  EXPECT_EQ(write_json(json::value("twenty plain letters\x7f, and on it goes")), "\"twenty plain letters\x7f, and on it goes\"");
  std::string nul("a\0b", 3);
  EXPECT_EQ(write_json(json::value(json::string(nul))), "\"a\\u0000b\"");
  EXPECT_EQ(parse("\"a\\u0000b\"").get_string().size(), 3u);
  std::string out;
  append_json_string(out, "x\"\n");
  EXPECT_EQ(out, "\"x\\\"\\n\"");
}

TEST(Json, TextsOfEveryLengthAreEscapedAlike) {
  auto escaped = [](std::string_view text) {  // what the writer does in blocks, byte by byte
    std::string out = "\"";
    for (char c : text) {
      if (c == '\n') {
        out += "\\n";
      } else if (c == '"') {
        out += "\\\"";
      } else if (c == '\x01') {
        out += "\\u0001";
      } else {
        out += c;
      }
    }
    return out + '"';
  };
  unsigned state = 1;
  auto draw = [&](unsigned below) { return (state = state * 1664525 + 1013904223) / 65536 % below; };
  for (std::size_t length = 0; length < 1700; length += length < 600 ? 1 : 37)
    for (unsigned rare : {2u, 20u, 300u}) {
      std::string text;
      while (text.size() < length) text += draw(rare) == 0 ? "\n\"\x01"[draw(3)] : static_cast<char>('a' + draw(26));
      std::string out = "before";
      append_json_string(out, text);
      ASSERT_EQ(out, "before" + escaped(text)) << length;
    }
  // Nothing but the longest escapes: two units for a character beyond the first plane.
  std::string faces, units;
  for (int i = 0; i < 200; ++i) faces += "\U0001F600", units += "\\ud83d\\ude00";
  EXPECT_EQ(write_json(json::value(faces), JsonStyle::python), '"' + units + '"');
}

TEST(Json, CanonicalSortsBytewise) {
  EXPECT_EQ(write_json(parse("{\"b\":1,\"B\":2,\"aa\":3,\"a\":4,\"ä\":5}"), JsonStyle::canonical), "{\"B\":2,\"a\":4,\"aa\":3,\"b\":1,\"ä\":5}");
}

TEST(Json, NotFiniteNumbersAreWrittenAsPythonDoes) {
  json::value value = json::array{std::nan(""), HUGE_VAL, -HUGE_VAL};
  EXPECT_EQ(write_json(value, JsonStyle::python), "[NaN, Infinity, -Infinity]");
}

TEST(Json, AccessorsNeverThrow) {
  json::value value = parse("{\"s\":\"x\",\"n\":1.5,\"i\":7,\"w\":3.0,\"b\":true,\"o\":{\"p\":{\"q\":1}},\"big\":18446744073709551615}");
  EXPECT_EQ(get_string(value, "s"), "x");
  EXPECT_EQ(get_string(value, "n"), std::nullopt);
  EXPECT_EQ(get_number(value, "n"), 1.5);
  EXPECT_EQ(get_number(value, "i"), 7.0);
  EXPECT_EQ(get_number(value, "s"), std::nullopt);
  EXPECT_EQ(get_integer(value, "i"), 7);
  EXPECT_EQ(get_integer(value, "w"), 3);
  EXPECT_EQ(get_integer(value, "n"), std::nullopt);
  EXPECT_EQ(get_integer(value, "big"), std::nullopt);
  EXPECT_EQ(get_bool(value, "b"), true);
  EXPECT_EQ(get_bool(value, "i"), std::nullopt);
  ASSERT_NE(find_path(value, {"o", "p", "q"}), nullptr);
  EXPECT_EQ(find_path(value, {"o", "x", "q"}), nullptr);
  EXPECT_EQ(find_path(value, {"s", "x"}), nullptr);
  EXPECT_EQ(find(json::value(3), "x"), nullptr);
  EXPECT_EQ(as_number(value), std::nullopt);
}

}  // namespace
}  // namespace assay
