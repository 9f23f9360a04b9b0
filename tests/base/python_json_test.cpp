#include "base/python_json.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay {
namespace {

std::string read(std::string_view text) {
  auto value = read_python_json(text);
  return value ? write_json(to_json(*value)) : "error at " + value.error().where;
}

TEST(PythonJson, TakesWhatPythonTakes) {
  EXPECT_EQ(read(" {\"a\": [1, -2.5e1, true, null], \"b\": \"\\u00e9\\/\\ud83d\\ude00\"}\n"),
            "{\"a\":[1,-25.0,true,null],\"b\":\"é/😀\"}");
  EXPECT_TRUE(std::isnan(read_python_json("NaN")->real));
  EXPECT_EQ(read_python_json("[-Infinity]")->items[0].real, -INFINITY);
  EXPECT_EQ(read("\"\\ud83d\""), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(read_python_json("123456789012345678901234567890")->text, "123456789012345678901234567890");
  EXPECT_EQ(read("{\"a\":1,\"b\":2,\"a\":3}"), "{\"a\":3,\"b\":2}");
  EXPECT_EQ(read_python_json("1e999")->real, INFINITY);
}

TEST(PythonJson, RefusesTheRest) {
  for (const char* bad : {"",         "{'a': 1}", "{\"a\": 1,}", "[1,]",           "01",  "1.",   ".5",    "+1",
                          "\"a\nb\"", "\"\\q\"",  "\"\\u12g4\"", "\xEF\xBB\xBF{}", "nan", "True", "[1 2]", "{\"a\" 1}",
                          "\"a",      "[",        "{}}",         "{1: 2}",         "-",   "\"\\"})
    EXPECT_TRUE(read(bad).starts_with("error")) << bad;
  EXPECT_EQ(read("[1,\n x]"), "error at 2:2");
  EXPECT_FALSE(read_python_json(std::string(100'000, '[')));
}

}  // namespace
}  // namespace assay
