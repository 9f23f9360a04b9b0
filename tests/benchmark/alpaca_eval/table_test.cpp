#include "benchmark/alpaca_eval/table.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/file.h"
#include "base/text.h"
#include "dataset/parquet.h"
#include "support/duckdb.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay::alpaca_eval {
namespace {

std::string show(const Table& table) {
  json::array array;
  for (json::object& record : table.records()) array.push_back(std::move(record));
  return write_json(array);
}

Table json_table(std::string_view text) {
  auto table = read_table(text, ".json", "t.json");
  if (!table) ADD_FAILURE() << to_string(table.error());
  return table.value_or(Table{});
}

const std::vector<std::string> kInstruction{"instruction"};

TEST(AlpacaEvalTable, JsonRecordsMayDiffer) {
  EXPECT_EQ(show(json_table(R"([{"a":1},{"b":"x","a":null}])")), R"([{"a":1.0,"b":null},{"a":null,"b":"x"}])");
  EXPECT_FALSE(read_table("{}", ".json", "t.json"));
  EXPECT_FALSE(read_table("[1]", ".json", "t.json"));
  // Half a letter is refused, as by pandas; the error says so.
  for (const char* half : {R"(\ud800)", R"(\ud83d\ud83d\ude00)", R"(\\\ude00)"})
    EXPECT_NE(read_table(std::string(R"([{"a":"\ud83d\ude00 )") + half + "\"}]", ".json", "t.json").error().hint.find("is half of a letter"), std::string::npos) << half;
  EXPECT_EQ(read_table(R"([{"a":"\ud83d\ude00 \\ud800"},])", ".json", "t.json").error().hint, "");
  EXPECT_EQ(read_table("", ".xlsx", "t.xlsx").error().message, "File format .xlsx not supported.");
}

TEST(AlpacaEvalTable, CsvTextsMayHoldQuotesAndLines) {
  auto table =
      read_table("Unnamed: 0,instruction,output,preference,note\n0,\"say \"\"hi\"\"\nnow\",12,1.5,\n1,b,,,x\n", ".csv", "t.csv");
  ASSERT_TRUE(table) << to_string(table.error());
  EXPECT_EQ(
      show(*table),
      R"([{"instruction":"say \"hi\"\nnow","output":"12","preference":1.5,"note":null},{"instruction":"b","output":"","preference":null,"note":"x"}])");
  auto tsv = read_table(",a\tb\n1\t2\n", ".tsv", "t.tsv");
  ASSERT_TRUE(tsv);
  EXPECT_EQ(show(*tsv), R"([{",a":1,"b":2}])");
  EXPECT_EQ(read_table("a,a,a.1,a\n1,2,3,4\n", ".csv", "t.csv")->columns, (std::vector<std::string>{"a", "a.1", "a.1.1", "a.2"}));
  EXPECT_EQ(read_table("a,b\n1,2\n1,2,3\n", ".csv", "t.csv").error().where, "t.csv:3");
  EXPECT_FALSE(read_table("", ".csv", "t.csv"));
  auto open = read_table("a,b\n1,2\n\"3,4\n5,6\n", ".csv", "t.csv");  // would swallow all that follows
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().where, "t.csv:3");
}

// Rows of two bytes under two thousand columns: 48 kB of memory for each.
TEST(AlpacaEvalTable, WhatIsTooLargeIsRefusedBeforeItIsHeld) {
  std::string header = "c0", record = "{\"c0\":0";
  for (int i = 1; i < 2000; ++i) header += ",c" + std::to_string(i), record += ",\"c" + std::to_string(i) + "\":0";
  std::string csv = header + "\n", json = "[" + record + "}";
  for (int i = 0; i < 200'000; ++i) csv += "a\n", json += ",{}";
  for (const auto& [text, suffix] : {std::pair{csv, ".csv"}, std::pair{json + "]", ".json"}}) {
    auto table = read_table(text, suffix, "t");
    ASSERT_FALSE(table) << suffix;
    EXPECT_EQ(table.error().message, "the table has more than 20,000,000 cells");
  }
  test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "one.csv", header + "\na\n"));
  ASSERT_TRUE(write_file(folder / "two.csv", "x\n" + replace_all(std::string(20'000, 'a'), "a", "a\n")));
  auto both = load_table(std::vector<std::string>{(folder / "one.csv").string(), (folder / "two.csv").string()});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().message, "the table has more than 20,000,000 cells");
}

TEST(AlpacaEvalTable, PythonsNaNIsMissing) {
  EXPECT_EQ(show(json_table(R"([{"a":NaN,"b":"NaN \"NaN"},{"a":-Infinity,"b":1.5},{"a":[Infinity,{"c":NaN}]}])")),
            R"([{"a":null,"b":"NaN \"NaN"},{"a":null,"b":1.5},{"a":[null,{"c":null}],"b":null}])");
  for (const char* broken : {"[{\"a\":NaN]", "[{\"a\":Nan}]", "[{\"a\":-NaN}]", "[{\"a\":NaN1}]", "NaN", "[\"NaN", "[\"\\", "-Infinity"})
    EXPECT_FALSE(read_table(broken, ".json", "t.json")) << broken;
}

TEST(AlpacaEvalTable, AColumnOfNumbersHasOneType) {
  EXPECT_EQ(show(json_table(R"([{"a":1.0,"b":1,"c":true,"d":true,"e":1,"f":2.0},{"a":2.0,"b":2.5,"c":false,"d":null,"e":"x","f":[1]}])")),
            R"([{"a":1,"b":1.0,"c":true,"d":1.0,"e":1,"f":2.0},{"a":2,"b":2.5,"c":false,"d":null,"e":"x","f":[1]}])");
  auto csv = read_table("a,b,c,d,e,f\n1,1,True,#N/A N/A, 7,007\n2,,False,x,+8,1e2\n", ".csv", "t.csv");
  ASSERT_TRUE(csv);
  EXPECT_EQ(show(*csv), R"([{"a":1,"b":1.0,"c":true,"d":null,"e":7,"f":7.0},{"a":2,"b":null,"c":false,"d":"x","e":8,"f":100.0}])");
}

TEST(AlpacaEvalTable, GlobsAndListsAreConcatenated) {
  test::TemporaryFolder folder;
  std::filesystem::path path = folder.path();
  ASSERT_TRUE(write_file(path / "b.json", R"([{"x":2}])"));
  ASSERT_TRUE(write_file(path / "a.json", R"([{"x":1}])"));
  ASSERT_TRUE(write_file(path / "c.csv", "x,y\n3,4\n"));
  std::vector<std::string> paths{(path / "*.json").string(), (path / "c.csv").string()};
  auto table = load_table(paths);
  ASSERT_TRUE(table) << to_string(table.error());
  EXPECT_EQ(show(*table), R"([{"x":1,"y":null},{"x":2,"y":null},{"x":3,"y":4.0}])");
  std::vector<std::string> none{(path / "*.tsv").string()}, missing{(path / "d.json").string()};
  EXPECT_EQ(load_table(none).error().kind, ErrorKind::not_found);
  EXPECT_EQ(load_table(missing).error().kind, ErrorKind::not_found);
}

TEST(AlpacaEvalMerge, ColumnsAndOrder) {
  auto merged = merge_tables(
      json_table(
          R"([{"instruction":"i","output":"r","generator":"ref","dataset":"d","n":1},{"instruction":"k","output":"s","generator":"ref","dataset":"d","n":2}])"),
      json_table(
          R"([{"n":1.0,"instruction":"k","output":"t","generator":"m","dataset":"d","extra":true},{"n":1,"instruction":"i","output":"r","generator":"m","dataset":"d"}])"),
      kInstruction);
  ASSERT_TRUE(merged);
  EXPECT_EQ(
      show(merged->table),
      R"([{"instruction":"i","output_1":"r","generator_1":"ref","dataset":"d","n_1":1,"n_2":1,"output_2":"r","generator_2":"m","extra":null},)"
      R"({"instruction":"k","output_1":"s","generator_1":"ref","dataset":"d","n_1":2,"n_2":1,"output_2":"t","generator_2":"m","extra":1.0}])");
}

TEST(AlpacaEvalMerge, MissingExtraAndRepeatedRowsAreCounted) {
  Table first =
      json_table(R"([{"instruction":"a","output":"1"},{"instruction":"b","output":"2"},{"instruction":"c","output":"3"}])");
  Table second = json_table(
      R"([{"instruction":"c","output":"x"},{"instruction":"c","output":"y"},{"instruction":"c","output":"y"},{"instruction":"z","output":"q"}])");
  auto merged = merge_tables(first, second, kInstruction);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->notes.only_1, 2u);
  EXPECT_EQ(merged->notes.example_1, "a");
  EXPECT_EQ(merged->notes.only_2, 1u);
  EXPECT_EQ(merged->notes.example_2, "z");
  EXPECT_EQ(merged->notes.repeated_2, 2u);
  EXPECT_EQ(merged->notes.dropped, 1u);
  EXPECT_EQ(merged->notes.matched, 2u);
  auto ordered = merge_tables(first, second, kInstruction, true);
  ASSERT_TRUE(ordered);
  EXPECT_EQ(ordered->notes.matched, 1u);  // only the third rows agree
}

TEST(AlpacaEvalMerge, MissingValuesAreEqual) {
  auto merged = merge_tables(json_table(R"([{"instruction":"a","d":null,"e":null}])"), json_table(R"([{"instruction":"a","d":null,"e":1}])"),
                             kInstruction);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->table.columns, (std::vector<std::string>{"instruction", "d", "e_1", "e_2"}));
}

TEST(AlpacaEvalMerge, AnUnknownKeyIsSaid) {
  std::vector<std::string> keys{"instructions"};
  auto merged = merge_tables(json_table(R"([{"instruction":"a"}])"), json_table(R"([{"instruction":"a"}])"), keys);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().hint, "did you mean instruction?");
}

// The merged columns of the original's own run.
TEST(AlpacaEvalMerge, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/evaluate.json");
  ASSAY_NEED_SHARED("upstream/alpaca-eval/references/alpaca_eval_gpt4_baseline.json");
  json::value golden = test::load_json(test::shared("golden/alpaca-eval/evaluate.json"));
  auto slice = [&](const char* path) {
    std::vector<std::string> paths{test::shared(path).string()};
    Table table = load_table(paths).value();
    table.rows.resize(12);
    return table;
  };
  auto merged = merge_tables(slice("upstream/alpaca-eval/references/alpaca_eval_gpt4_baseline.json"),
                             slice("upstream/alpaca-eval/example/outputs.json"), kInstruction);
  ASSERT_TRUE(merged);
  const json::value& first_step = find(golden, "steps")->as_array()[0];
  Table want = json_table(
      std::string_view(find(*find(first_step, "files"), "weighted_alpaca_eval_gpt4_turbo/annotations.json")->as_string()));
  ASSERT_EQ(merged->table.rows.size(), want.rows.size());
  std::size_t same = 0;
  for (std::size_t c = 0; c < merged->table.columns.size(); ++c) {
    EXPECT_EQ(merged->table.columns[c], want.columns[c]);
    for (std::size_t r = 0; r < want.rows.size(); ++r) {
      if (want.columns[c] == "output_2" && want.rows[r][c] == want.rows[r][*want.column("output_1")]) {
        ++same;  // that run gave the model the reference's own answer here
        continue;
      }
      EXPECT_EQ(merged->table.rows[r][c], want.rows[r][c]);
    }
  }
  EXPECT_LE(same, 1u);
  EXPECT_EQ(want.columns[merged->table.columns.size()], "annotator");
}

TEST(AlpacaEvalTable, Parquet) {
  ASSAY_NEED_DUCKDB();
  test::TemporaryFolder folder;
  const std::string file = (folder.path() / "outputs.parquet").string();
  const std::vector<json::object> rows{{{"instruction", "Say hi"}, {"output", "hi"}, {"generator", "m"}, {"n", 1.5}},
                                       {{"instruction", "007"}, {"output", nullptr}, {"generator", "m"}, {"n", 0.3}}};
  auto written = write_parquet(file, rows);
  ASSERT_TRUE(written) << to_string(written.error());
  const std::vector<std::string> pattern{(folder.path() / "*.parquet").string()};
  auto table = load_table(pattern);
  ASSERT_TRUE(table) << to_string(table.error());
  EXPECT_EQ(show(*table), R"([{"instruction":"Say hi","output":"hi","generator":"m","n":1.5},{"instruction":"007","output":null,"generator":"m","n":0.3}])");
}

}  // namespace
}  // namespace assay::alpaca_eval
