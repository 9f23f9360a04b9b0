#include "benchmark/alpaca_eval/pandas_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <vector>

#include "benchmark/alpaca_eval/table.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

std::string number(double value) {
  std::string out;
  append_pandas_number(out, value);
  return out;
}

// Values of pandas 1.5.
TEST(AlpacaEvalPandasJson, Numbers) {
  EXPECT_EQ(number(1.1118482079), "1.1118482079");
  EXPECT_EQ(number(2), "2.0");
  EXPECT_EQ(number(5e-11), "0.0000000001");
  EXPECT_EQ(number(4.9e-11), "0.0");
  EXPECT_EQ(number(-1.5e-11), "-0.0");
  EXPECT_EQ(number(-0.0), "0.0");
  EXPECT_EQ(number(1e-15), "0.0");
  EXPECT_EQ(number(3e-16), "3e-16");
  EXPECT_EQ(number(-3e-20), "-3e-20");
  EXPECT_EQ(number(1.5e17), "1.5e+17");
  EXPECT_EQ(number(1.234567890123456e17), "1.23456789e+17");
  EXPECT_EQ(number(1e16), "10000000000000000.0");
  EXPECT_EQ(number(1e15 + 0.25), "1000000000000000.25");
  EXPECT_EQ(number(123456789.123456789), "123456789.123456791");
  EXPECT_EQ(number(0.12345678905), "0.123456789");
  EXPECT_EQ(number(0.99999999995), "1.0");
}

// Each is what pandas 1.5 makes of the decimals: the sum of the digits times a power of ten, not the nearest double.
TEST(AlpacaEvalPandasJson, ReadsNumbersAsPandasDoes) {
  EXPECT_EQ(read_pandas_number("1.5"), 1.5);
  EXPECT_EQ(read_pandas_number("-2"), -2.0);
  EXPECT_EQ(read_pandas_number("0.3"), 3 * 0.1);  // 0.30000000000000004
  EXPECT_NE(read_pandas_number("0.3"), 0.3);
  EXPECT_EQ(read_pandas_number("1.0000000000000009"), 1.0);  // the sixteenth decimal is passed over
  EXPECT_EQ(read_pandas_number("2.5e-3"), 2.5 * std::pow(10.0, -3.0));
  EXPECT_EQ(read_pandas_number("25E+1"), 250.0);
  for (const char* text : {"", "-", ".5", "1.", "1e", "1.5x", "nan", "99999999999999999999.5"}) EXPECT_TRUE(std::isnan(read_pandas_number(text))) << text;
  json::value value{{"a", {0.3, "0.3", nullptr, 7}}};
  read_as_pandas(value);
  EXPECT_EQ(value, (json::value{{"a", {3 * 0.1, "0.3", nullptr, 7}}}));
}

TEST(AlpacaEvalPandasJson, Layout) {
  std::vector<json::object> records{
      {{"a", "é😀/\"\\\t\n\x01\x7f</>&"}, {"b", {{"x", {1, 2.5, nullptr, json::object()}}, {"y", json::array()}}}, {"d", true}}};
  EXPECT_EQ(write_pandas_records(records),
            "[\n  {\n    \"a\":\"\\u00e9\\ud83d\\ude00\\/\\\"\\\\\\t\\n\\u0001\x7f<\\/>&\",\n    \"b\":{\n      \"x\":[\n        "
            "1,\n        2.5,\n        null,\n"
            "        {\n\n        }\n      ],\n      \"y\":[\n\n      ]\n    },\n    \"d\":true\n  }\n]");
  EXPECT_EQ(write_pandas_records({}), "[\n\n]");
  const std::vector<std::string> none;
  auto nothing = [](std::size_t, std::size_t) -> const json::value* { return nullptr; };
  EXPECT_EQ(write_pandas_table(none, 0, nothing), "[\n\n]");
  std::vector<json::object> bare(2);
  EXPECT_EQ(write_pandas_table(none, 2, nothing), write_pandas_records(bare));
}

// Texts are looked at in steps of several bytes: what needs an escape is found wherever it stands.
TEST(AlpacaEvalPandasJson, EscapesAtEveryPlace) {
  auto written = [](const std::string& text) {
    const json::value value(text);
    const std::vector<std::string> columns{"c"};
    const std::string all = write_pandas_table(columns, 1, [&](std::size_t, std::size_t) { return &value; });
    return all.substr(15, all.size() - 15 - 7);  // between the quotes
  };
  EXPECT_EQ(written("plain"), "plain");
  for (const char* odd : {"\"", "\\", "/", "\n", "\x01", "\x1f", "\x7f", "\u00e9", "\U0001F600", " ", "~"}) {
    const std::string alone = written(odd);
    for (std::size_t before = 0; before < 20; ++before)
      for (std::size_t after : {0, 1, 7, 8, 9})
        EXPECT_EQ(written(std::string(before, 'a') + odd + std::string(after, 'z')), std::string(before, 'a') + alone + std::string(after, 'z')) << odd << before;
  }
}

// Read and written again, files of the original stay what they are.
TEST(AlpacaEvalPandasJson, GoldenFilesRoundTrip) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/evaluate.json");
  json::value golden = test::load_json(test::shared("golden/alpaca-eval/evaluate.json"));
  std::size_t seen = 0;
  for (const json::value& step : find(golden, "steps")->as_array()) {
    for (const auto& [path, content] : find(step, "files")->as_object()) {
      if (!std::string_view(path).ends_with("annotations.json")) continue;
      auto value = parse_json(std::string_view(content.as_string()));
      ASSERT_TRUE(value);
      std::vector<json::object> records;
      for (const json::value& record : value->as_array()) records.push_back(record.as_object());
      std::string written = write_pandas_records(records);
      EXPECT_EQ(written, std::string_view(content.as_string())) << std::string_view(path);
      const Table table = read_table(std::string_view(content.as_string()), ".json", path).value();
      EXPECT_EQ(table.pandas_json(), write_pandas_records(table.records())) << std::string_view(path);
      ++seen;
    }
  }
  EXPECT_GT(seen, 5u);
}

}  // namespace
}  // namespace assay::alpaca_eval
