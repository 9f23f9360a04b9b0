#include "leaderboard/score_table.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "leaderboard/ranking_formats.h"
#include "run/report_fixture.h"

namespace assay {
namespace {

ScoreTable of(std::string_view text, const std::string& where = "a.csv") {
  ScoreTable table;
  auto added = table.add(text, where);
  EXPECT_TRUE(added) << (added ? "" : to_string(added.error()));
  return table;
}
std::optional<double> cell(const ScoreTable& table, std::string_view model, std::string_view column) {
  auto row = table.model(model);
  auto at = table.column(column);
  if (!row || !at) return std::nullopt;
  return table.columns[*at].of(*row);
}
Error error_of(std::string_view text) {
  ScoreTable table;
  auto added = table.add(text, "bad");
  EXPECT_FALSE(added);
  return added ? Error{} : added.error();
}

TEST(ScoreNumber, WhatPeopleWrite) {
  EXPECT_EQ(score_number(" 45.2 % "), 45.2);
  EXPECT_EQ(score_number("1,234.5"), 1234.5);
  EXPECT_EQ(score_number("-3"), -3.0);
  for (const char* no : {"", "1,2", "12,3456", "abc", "nan", "inf", "1 2", "%", "1.5,000"}) EXPECT_FALSE(score_number(no)) << no;
}

TEST(ScoreTable, OneModelARow) {
  ScoreTable table = of("model,link,\"Arena\nElo\",MMLU (5-shot)\nA,http://a,1200,45.5\nB,http://b,-,40%\nC,,1100,N/A\n,,9,9\n");
  EXPECT_EQ(table.models, (std::vector<std::string>{"A", "B", "C"}));
  ASSERT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[0].name, "Arena Elo");
  EXPECT_EQ(cell(table, "a", "mmlu (5-shot)"), 45.5);
  EXPECT_EQ(cell(table, "B", "MMLU"), 40.0);  // the only column that begins so
  EXPECT_FALSE(cell(table, "B", "Arena Elo"));
  EXPECT_EQ(table.columns[1].count(), 2u);
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].find("1 rows without a model"), std::string::npos);
}

TEST(ScoreTable, ModelsMeetByTheirOtherNames) {
  ScoreTable table = of("official name,raw name,Elo\nGPT-4o,gpt-4o-2024,1287\nLlama,llama-3,1200\n");
  ASSERT_TRUE(table.add("model,score\ngpt-4o-2024,80\nLLAMA,70\nnew,1\n", "b.csv"));
  EXPECT_EQ(table.models, (std::vector<std::string>{"GPT-4o", "Llama", "new"}));
  EXPECT_EQ(cell(table, "GPT-4o", "score"), 80.0);
  EXPECT_EQ(cell(table, "Llama", "score"), 70.0);
  // Backwards: the new file's further name is the name of a row that is there.
  ASSERT_TRUE(table.add("model,id,other\nsomething,llama-3,5\n", "c.csv"));
  EXPECT_EQ(cell(table, "Llama", "other"), 5.0);
  // A name that two rows share tells nobody apart.
  ScoreTable shared = of("model,mode,x\na,verified,1\nb,verified,2\n");
  EXPECT_FALSE(shared.model("verified"));
}

TEST(ScoreTable, NamesOfOneModelAsAFileSays) {
  ScoreTable table;
  ASSERT_TRUE(table.add_names("Gemini 1.0 Pro,gemini-pro,Gemini\n\nLarge,Large-2402\n", "names.csv"));
  ASSERT_TRUE(table.add("model,Elo\ngemini pro,1115\nlarge_2402,1157\nother,1\n", "a.csv"));
  ASSERT_TRUE(table.add("model,score\nGemini-1.0 Pro,79\nLARGE,84\n", "b.csv"));
  EXPECT_EQ(table.models, (std::vector<std::string>{"gemini pro", "large_2402", "other"}));
  EXPECT_EQ(cell(table, "gemini", "score"), 79.0);
  EXPECT_EQ(cell(table, "Large-2402", "score"), 84.0);
}

TEST(ScoreTable, ABenchmarkOfTwoFilesStaysTwoColumns) {
  ScoreTable table = of("model,MMLU\na,1\n", "dir/one.csv");
  ASSERT_TRUE(table.add("model,MMLU\na,2\n", "dir/two.csv"));
  ASSERT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[1].name, "MMLU (two.csv)");
  EXPECT_EQ(cell(table, "a", "MMLU"), 1.0);
  EXPECT_EQ(cell(table, "a", "MMLU (two.csv)"), 2.0);
}

TEST(ScoreTable, AModelTwiceKeepsItsFirstValue) {
  ScoreTable table = of("model,x\na,1\na,2\n");
  EXPECT_EQ(cell(table, "a", "x"), 1.0);
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].find("left out"), std::string::npos);
}

TEST(ScoreTable, JsonOfSeveralShapes) {
  ScoreTable tables = of(R"({"chat": {"columns": ["model", "X", "open"], "rows": [["a", 1, true], ["b", null, false]]}, "base": {"columns": ["model", "X"], "rows": [["c", 3]]}})");
  EXPECT_EQ(tables.models, (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_EQ(tables.columns.size(), 1u);
  EXPECT_EQ(cell(tables, "c", "X"), 3.0);
  EXPECT_EQ(cell(of(R"([{"model": "a", "X": 4, "Y": "5.5"}])"), "a", "Y"), 5.5);
  EXPECT_EQ(cell(of(R"({"a": {"overall": 0.5}, "b": {"overall": 0.6}})"), "b", "overall"), 0.6);
  ScoreTable tsv = of("model\tX\na, the first\t2\n");
  EXPECT_EQ(cell(tsv, "a, the first", "X"), 2.0);
}

TEST(ScoreTable, OwnReportsAndLeaderboards) {
  Report one = test::full_report();
  one.roles = {{"model", "mine"}};
  one.benchmark = "eq-bench@2";
  one.edition = "official";
  one.deviates.clear();
  one.total.metrics = {test::metric("score", 61.5, 1, 60, 63, 171)};
  const std::string report = write_json(to_json(one));
  EXPECT_EQ(cell(of(report), "mine", "eq-bench@2"), 61.5);
  EXPECT_EQ(cell(of("[" + report + "]"), "mine", "eq-bench@2"), 61.5);
  const Leaderboard board = rank(std::vector<Report>{one});
  EXPECT_EQ(cell(of(ranking_csv(board)), "mine", "eq-bench@2"), 61.5);
  EXPECT_EQ(cell(of(write_json(ranking_json(board))), "mine", "eq-bench@2"), 61.5);
}

/// One run, as each of the three files of ours holds it.
std::vector<std::pair<std::string, ScoreTable>> ways(const std::vector<Report>& reports) {
  std::string list;
  for (const Report& report : reports) list += (list.empty() ? "[" : ",") + write_json(to_json(report));
  const Leaderboard board = rank(reports);
  return {{"reports", of(list + "]", "r.json")}, {"csv", of(ranking_csv(board))}, {"json", of(write_json(ranking_json(board)), "b.json")}};
}
std::vector<std::string> columns_of(const ScoreTable& table) {
  std::vector<std::string> out;
  for (const ScoreColumn& column : table.columns) out.push_back(column.name);
  return out;
}
Report judged(const std::string& model, const std::string& judge, double value) {
  Report out = test::full_report();
  out.benchmark = "creative-writing@2";
  out.roles = {{"model", model}, {"judge", judge}};
  out.deviates.clear();
  out.total.metrics = {test::metric("score", value, 1, value - 2, value + 2, 24)};
  return out;
}

TEST(ScoreTable, WhatIsNotComparableStaysApartWhicheverFileHoldsIt) {
  const std::string long_judge(250, 'j');
  std::vector<Report> reports{judged("m1", "strict", 40), judged("m2", "strict", 41), judged("m4", "kind; very", 80), judged("m1", "kind; very", 70),
                              judged("m1", "strict", 10), judged("m1", "strict", 20), judged("m1", "strict", 30), judged("m1", "strict", 50),
                              judged("m1", long_judge + "a", 1), judged("m1", long_judge + "b", 2)};
  reports[4].deviates = {"temperature 1"};
  reports[5].edition = "sample";
  reports[6].total.metrics[0].name = "win_rate";
  reports[7].benchmark = "judgemark@2.4";
  for (const auto& [what, table] : ways(reports)) {
    EXPECT_EQ(cell(table, "m1", "creative-writing@2, judge=strict"), 40.0) << what;
    EXPECT_EQ(cell(table, "m2", "creative-writing@2, judge=strict"), 41.0) << what;
    EXPECT_EQ(cell(table, "m1", "creative-writing@2, judge=kind; very"), 70.0) << what;
    EXPECT_EQ(cell(table, "m4", "creative-writing@2, judge=kind; very"), 80.0) << what;
    EXPECT_EQ(cell(table, "m1", "creative-writing@2 (official data, other settings), judge=strict"), 10.0) << what;
    EXPECT_EQ(cell(table, "m1", "creative-writing@2 (sample data), judge=strict"), 20.0) << what;
    EXPECT_EQ(cell(table, "m1", "creative-writing@2, judge=strict, win_rate"), 30.0) << what;
    EXPECT_EQ(cell(table, "m1", "judgemark@2.4, judge=strict"), 50.0) << what;
    EXPECT_EQ(table.columns.size(), 8u) << what;  // names are cut for people, what they stand for is not
    EXPECT_TRUE(table.warnings.empty()) << what << ": " << table.warnings.front();
  }
  const auto all = ways(reports);
  EXPECT_EQ(columns_of(all[1].second).front(), columns_of(all[0].second).front());
  EXPECT_EQ(columns_of(all[2].second).front(), columns_of(all[0].second).front());
}

TEST(ScoreTable, ALeaderboardThatLeavesMembersOutIsReadAsFarAsItGoes) {
  const ScoreTable boards = of(R"({"boards": [{"benchmark": "b", "rows": [{"model": "m", "value": 1}]}, {"benchmark": "b", "edition": "sample", "rows": [{"model": "m", "value": 2}]}]})");
  EXPECT_EQ(columns_of(boards), (std::vector<std::string>{"b", "b (sample data)"}));
  EXPECT_EQ(columns_of(of("benchmark,edition,rank,model,value\nb,official,1,m,1\nb,sample,1,m,2\n")), (std::vector<std::string>{"b", "b (sample data)"}));
  EXPECT_EQ(columns_of(of("benchmark,edition,official,rank,model,value\nb,official,TRUE,1,m,1\nb,official,FALSE,1,m,2\n")), (std::vector<std::string>{"b", "b (official data, other settings)"}));
}

TEST(ScoreTable, WhatIsTooLargeIsRefusedBeforeItIsHeld) {
  std::string wide = "model", members;
  for (int i = 1; i < 1000; ++i) wide += ",c" + std::to_string(i);
  // Short rows under many columns: small as a file, and every cell would have its place in memory.
  std::string short_rows = wide + "\n";
  for (int i = 0; i < 5'001; ++i) short_rows += "m" + std::to_string(i) + ",1\n";
  EXPECT_EQ(error_of(short_rows).message, "more than 5,000,000 cells");
  std::string records = "[{\"model\": \"m\"";
  for (int i = 1; i < 1000; ++i) records += ",\"c" + std::to_string(i) + "\": 1";
  records += "}";
  for (int i = 0; i < 5'000; ++i) records += ",{\"model\": \"m" + std::to_string(i) + "\"}";
  EXPECT_EQ(error_of(records + "]").message, "more than 5,000,000 cells");

  std::string columns = "{\"rows\": [], \"columns\": [\"model\"";
  for (int i = 0; i < 1000; ++i) columns += ",\"c" + std::to_string(i) + "\"";
  EXPECT_EQ(error_of(columns + "]}").message, "more than 1,000 columns");
  for (int i = 0; i < 1001; ++i) members += (i ? ",\"" : "\"") + std::to_string(i) + "\": 1";
  EXPECT_EQ(error_of("{\"m\": {" + members + "}}").message, "more than 1,000 columns");
  EXPECT_EQ(error_of(wide + ",c1000\nm,1\n").kind, ErrorKind::data);

  std::string models = "model,x\n";
  for (int i = 0; i <= 100'000; ++i) models += "m" + std::to_string(i) + ",1\n";
  EXPECT_EQ(error_of(models).message, "more than 100,000 models");
  std::string boards = "{\"boards\": [{\"rows\": [";
  for (int i = 0; i <= 100'000; ++i) boards += (i ? ",{\"model\": \"m" : "{\"model\": \"m") + std::to_string(i) + "\", \"value\": 1}";
  EXPECT_EQ(error_of(boards + "]}]}").message, "more than 100,000 models");

  // Columns that begin at the last of many models: a few bytes each, and every model before has its place.
  std::string late = "{\"boards\": [{\"benchmark\": \"all\", \"rows\": [";
  for (int i = 1; i <= 100'000; ++i) late += (i > 1 ? ",{\"model\": \"m" : "{\"model\": \"m") + std::to_string(i) + "\", \"value\": 1}";
  late += "]}";
  for (int i = 0; i < 998; ++i)
    late += ",{\"benchmark\": \"b" + std::to_string(i) + "\", \"rows\": [{\"model\": \"m99999\", \"value\": 1}, {\"model\": \"m100000\", \"value\": 2}]}";
  EXPECT_EQ(error_of(late + "]}").message, "more than 5,000,000 cells");
  // The models may come from a file before.
  ScoreTable table = of(models.substr(0, models.rfind("m100000,")));
  auto added = table.add(wide + "\nm99999" + replace_all(std::string(999, 'x'), "x", ",1") + "\n", "wide.csv");
  ASSERT_FALSE(added);
  EXPECT_EQ(to_string(added.error()), to_string(Error{ErrorKind::data, "more than 5,000,000 cells", "wide.csv"}));
}

TEST(ScoreTable, ThePartsOfATableAreChecked) {
  EXPECT_EQ(error_of("{\"boards\": [{\"benchmark\": \"b\"}]}").message, "a board has no rows");
  EXPECT_EQ(error_of("{\"columns\": [\"model\", 1], \"rows\": []}").message, "a column's name is no text");
  EXPECT_EQ(error_of("{\"columns\": [\"model\"], \"rows\": [[\"m\"], [\"n\", 1]]}").message, "row 2 is no list of at most 1 cells");
  EXPECT_EQ(error_of("[{\"benchmark\": \"b\", \"metrics\": 3}]").where, "bad");
  ScoreTable table;
  for (const char* text : {"model,x\nm,1\n", "{\"other\": {\"columns\": [], \"rows\": []}}", "{\"table\": 1}", "[]"}) {
    auto added = table.add(text, "f", "table");
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().kind, ErrorKind::usage) << text;
    EXPECT_NE(added.error().message.find("there is no table \"table\""), std::string::npos) << added.error().message;
  }
  EXPECT_TRUE(table.columns.empty());
  EXPECT_FALSE(table.add_names(std::string(1001, ','), "names.csv"));
  EXPECT_EQ(table.column("x").error().message, "no file has a column \"x\"");
}

TEST(ScoreTable, WhatIsNoTableIsRefusedByName) {
  EXPECT_EQ(error_of("").kind, ErrorKind::data);
  EXPECT_EQ(error_of("one column\n1\n").kind, ErrorKind::data);
  EXPECT_NE(error_of("x,y\n1,2\n").message.find("names the models"), std::string::npos);
  EXPECT_EQ(error_of("model,x\na,1,2\n").where, "bad:2");
  EXPECT_EQ(error_of("{\"a\": 1}").kind, ErrorKind::data);
  EXPECT_EQ(error_of("[1, 2]").kind, ErrorKind::data);
  EXPECT_EQ(error_of("{\"columns\": [\"model\"], \"rows\": [3]}").kind, ErrorKind::data);
  ScoreTable table = of("model,alpha,alpine\na,1,2\n");
  EXPECT_NE(table.column("al").error().message.find("several"), std::string::npos);
  EXPECT_NE(table.column("alphx").error().hint.find("alpha"), std::string::npos);
}

}  // namespace
}  // namespace assay
