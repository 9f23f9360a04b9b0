#include "base/python_yaml.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"

namespace assay {
namespace {

std::string as_json(std::string_view yaml) {
  auto value = read_python_yaml(yaml, "f.yaml");
  return value ? write_json(to_json(*value)) : "error: " + to_string(value.error());
}

TEST(PythonYaml, PlainWordsAreWhatPythonTakesThemFor) {
  EXPECT_EQ(as_json("[yes, No, on, OFF, True, y, n]"), R"([true,false,true,false,true,"y","n"])");
  EXPECT_EQ(as_json("[1, -2, +3, 0, 010, 0x1F, 0b101, 1_000, 1:30, 08]"), R"([1,-2,3,0,8,31,5,1000,90,"08"])");
  EXPECT_EQ(as_json("[1.5, 1., .5, 1.0e+3, -2.5e-07]"), "[1.5,1.0,0.5,1000.0,-2.5e-07]");
  EXPECT_EQ(as_json("[9e-7, 15e-6, 1.0e3, 1e5, -.5, '1', \"yes\", 2024-01-02]"), R"(["9e-7","15e-6","1.0e3","1e5","-.5","1","yes","2024-01-02"])");
  EXPECT_EQ(as_json("[~, null, Null, NULL, nULL]"), R"([null,null,null,null,"nULL"])");
  EXPECT_TRUE(std::isinf(read_python_yaml("-.inf", "").value().real));
  EXPECT_TRUE(std::isnan(read_python_yaml(".nan", "").value().real));
}

TEST(PythonYaml, NumbersAreAsLargeAsTheyAreWritten) {
  auto digits_of = [](std::string_view word) {
    PythonValue value = read_python_yaml(word, "").value();
    EXPECT_EQ(value.kind, PythonValue::Kind::integer) << word;
    return value.text.empty() ? std::to_string(value.integer) : value.text;
  };
  EXPECT_EQ(digits_of("60000000000000000000:0"), "3600000000000000000000");
  EXPECT_EQ(digits_of("-1_0:59:01"), "-39541");
  EXPECT_EQ(digits_of("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(digits_of("9223372036854775808"), "9223372036854775808");
  EXPECT_EQ(digits_of("0xfffffffffffffffffffff"), "19342813113834066795298815");
  EXPECT_EQ(digits_of("-0777777777777777777777777777"), "-2417851639229258349412351");
  EXPECT_EQ(as_json("[1:30.5, -0:01.5_0, 1:60.5, 1:30.5e+3, 0:30, 1:0_1]"), R"([90.5,-1.5,"1:60.5","1:30.5e+3","0:30","1:0_1"])");
  EXPECT_EQ(as_json("1e" + std::string(5'000, '1')).size(), 5'004u);
  EXPECT_EQ(read_python_yaml(std::string(5'000, '1'), "").value().kind, PythonValue::Kind::text);
}

TEST(PythonYaml, KeysKeepTheirTypesAndOrder) {
  PythonValue value = read_python_yaml("2: b\n1: 'a\\n\\(x\\)'\n2: c\n", "").value();
  ASSERT_EQ(value.items.size(), 4u);
  EXPECT_EQ(value.items[0], PythonValue::of(std::int64_t{2}));
  EXPECT_EQ(value.items[1], PythonValue::of("c"));
  EXPECT_EQ(value.items[3], PythonValue::of("a\\n\\(x\\)"));
}

TEST(PythonYaml, AnchorsAndMerges) {
  EXPECT_EQ(as_json("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n"), R"({"a":{"p":1,"q":2},"b":{"p":1,"q":3}})");
  EXPECT_EQ(as_json(""), "null");
  EXPECT_EQ(as_json("a: |\n  x\n  y\nb: >\n  x\n  y\n"), R"({"a":"x\ny\n","b":"x y\n"})");
}

TEST(PythonYaml, AliasesAreWhatTheyStandForWhereverTheyStand) {
  EXPECT_EQ(as_json("a: &x 1\nb: *x\nc: [*x, &y [*x], *y]\n"), R"({"a":1,"b":1,"c":[1,[1],[1]]})");
  EXPECT_EQ(as_json("a: &k key\n*k : 1\n"), R"({"a":"key","key":1})");
  EXPECT_EQ(as_json("base: [&p {x: 1}, &q {x: 2, y: 3}]\nm:\n  <<: [*p, *q]\n"), R"({"base":[{"x":1},{"x":2,"y":3}],"m":{"x":1,"y":3}})");
  EXPECT_EQ(as_json("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  d: 5\n  <<: *x\n  <<: *y\n"), R"({"x":{"a":1,"b":2},"y":{"b":3,"c":4},"z":{"a":1,"b":3,"c":4,"d":5}})");
  EXPECT_EQ(as_json("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n"), R"({"x":{"a":1,"b":2},"y":{"b":3,"c":4},"z":{"b":2,"c":4,"a":1}})");
  EXPECT_EQ(as_json("\"<<\": {a: 1}\n"), R"({"<<":{"a":1}})");
  EXPECT_EQ(as_json("- &e\n- *e\n- ~\n"), "[null,null,null]");
  std::string nested = "[";
  for (int i = 0; i < 50; ++i) nested += "&a" + std::to_string(i) + " [";
  for (int i = 0; i < 30'000; ++i) nested += "x,";
  nested += std::string(51, ']');
  EXPECT_NE(as_json(nested).find("too many"), std::string::npos);
}

TEST(PythonYaml, QuotedTextsKeepTheEndsOfEmptyLines) {
  EXPECT_EQ(as_json("a: &x '\n\n  '\nb: *x\n"), R"({"a":"\n","b":"\n"})");
  EXPECT_EQ(as_json("a: &x \"\n\n\n\"\nb: [!!str 'x\n\n\n  ', 'y\n  ']\n"), R"({"a":"\n\n","b":["x\n\n","y "]})");
  EXPECT_EQ(as_json("a: {b: '''one  \n \t two\n\n three ''four''''  '}"), R"({"a":{"b":"'one two\nthree 'four''  "}})");
  EXPECT_EQ(as_json(R"({a: "\_\N\L\e\x41\u00e9\U0001F600\/\	\0"})"), "{\"a\":\"\u00a0\u0085\u2028\\u001bA\u00e9\U0001F600/\\t\\u0000\"}");
  EXPECT_EQ(as_json("{a: \"x \\\n   \\ y\\\n\n  z\\n\n  \"}"), R"({"a":"x  y\nz\n "})");
  EXPECT_EQ(as_json("{a: 'x \u2028 y', b: 'x\u0085y'}"), "{\"a\":\"x\u2028y\",\"b\":\"x y\"}");
}

TEST(PythonYaml, BlocksKeepWhatTheirHeadersSay) {
  EXPECT_EQ(as_json("a: >+\n  x\n  y\n\n\nb: >+\n  z\n\n"), R"({"a":"x y\n\n\n","b":"z\n\n"})");
  EXPECT_EQ(as_json("a: |+\n  x\n\nb: |-\n  y\n\n"), R"({"a":"x\n\n","b":"y"})");
  EXPECT_EQ(as_json("a: >\n  x\n  "), R"({"a":"x\n"})");
  EXPECT_EQ(as_json("a: >-\n  x\n  "), R"({"a":"x"})");
  EXPECT_EQ(as_json("a: >\n\n  x\n    more\n\n  y\n  z\n\n\n  w\n"), R"({"a":"\nx\n  more\n\ny z\n\nw\n"})");
  EXPECT_EQ(as_json("l:\n- a: &x |2-  # so\n     x\n    y\n  b: !!str >1\n    z\n- |\n- - |\n   w\n"), R"({"l":[{"a":" x\ny","b":" z\n"},"",["w\n"]]})");
  EXPECT_EQ(as_json("&top\na: &m # so\n  &k b: |1\n     x\n"), R"({"a":{"b":"  x\n"}})");
  EXPECT_EQ(as_json("--- |\n x\n"), R"("x\n")");
}

TEST(PythonYaml, LineEndsOfEveryKind) {
  EXPECT_EQ(as_json("\xEF\xBB\xBF" "a: |\r\n  x\r\n  y\r\nb: 'x\r\n\r\n  y'\r\nc: &x >+\r\n  z\r\n\r\n"), R"({"a":"x\ny\n","b":"x\ny","c":"z\n\n"})");
  EXPECT_EQ(as_json("a: 1\rb: &x |\r  x\r  y\r"), R"({"a":1,"b":"x\ny\n"})");
  EXPECT_EQ(as_json("a: x y \u2028\nb: [z\u2029, 1\u2028 \u2028]\n"), R"({"a":"x y","b":["z",1]})");
  EXPECT_NE(as_json("a: x\u2028  y\n").find("quotes"), std::string::npos);
  EXPECT_EQ(as_json(std::string_view("\xFF\xFE" "a\0:\0 \0\"\0=\xD8\0\xDE\xE9\0\"\0\n\0", 20)), "{\"a\":\"\U0001F600\u00e9\"}");
}

TEST(PythonYaml, FunctionsAreNamedWhereTheTagIsGiven) {
  auto value = read_python_yaml("a: !function utils.f\nb: [!function g.h]\n", "f.yaml", "!function");
  ASSERT_TRUE(value) << to_string(value.error());
  EXPECT_EQ(write_json(to_json(*value)), R"({"a":{"!function":"utils.f"},"b":[{"!function":"g.h"}]})");
  EXPECT_FALSE(read_python_yaml("a: !function utils.f\n", "f.yaml"));
}

TEST(PythonYaml, ErrorsHavePlaces) {
  EXPECT_NE(as_json("a: 1\nb: [\n").find("f.yaml:"), std::string::npos);
  EXPECT_NE(as_json("a: !thing 1\n").find("!thing"), std::string::npos);
  EXPECT_NE(as_json("a: !thing [1]\n").find("!thing"), std::string::npos);
  EXPECT_NE(as_json("a: !!set {b, c}\n").find("set"), std::string::npos);
  EXPECT_NE(as_json("a: \"x\nb: 1\n").find("does not end (f.yaml:1:4)"), std::string::npos);
  EXPECT_NE(as_json("a: 'x\nb: 1\n").find("does not end"), std::string::npos);
  EXPECT_NE(as_json("a: &x \"it\\'s\"\n").find("f.yaml:1:11"), std::string::npos);
  EXPECT_NE(as_json("a:\n  b: 1\n  and so on\n").find("colon follows this key (f.yaml:3:3)"), std::string::npos);
  EXPECT_NE(as_json("a: [1, , 2]\n").find("comma (f.yaml:1:8)"), std::string::npos);
  EXPECT_NE(as_json("a: &x |#\n  y\n").find("f.yaml:1:8"), std::string::npos);
  EXPECT_NE(as_json("a: 1\nb: \x04 c\n").find("f.yaml:2:4"), std::string::npos);
  EXPECT_EQ(as_json("? a\n? b\n"), R"({"a":null,"b":null})");
  EXPECT_EQ(as_json("{a, b: , c}"), R"({"a":null,"b":null,"c":null})");
  EXPECT_NE(as_json("a: 1\n---\nb: 2\n").find("several"), std::string::npos);
  EXPECT_NE(as_json("[1]: 2\n").find("key"), std::string::npos);
  EXPECT_NE(as_json("&a [*a]\n").find("error"), std::string::npos);
  EXPECT_NE(as_json("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                    "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n").find("too many"), std::string::npos);
  EXPECT_NE(as_json(std::string(5000, '[')).find("error"), std::string::npos);
}

// The library takes nothing off before such a comma: reading document after document, it never came to an end.
TEST(PythonYaml, ACommaWhereADocumentBeginsIsAnError) {
  for (const char* text : {",", " ,\n", "!,", "[1]\n, 2\n", "---\n,", "a: 1\n...\n,"}) EXPECT_TRUE(as_json(text).starts_with("error")) << text;
  EXPECT_NE(as_json("\n  ,").find("f.yaml:2:3"), std::string::npos) << as_json("\n  ,");
}

}  // namespace
}  // namespace assay
