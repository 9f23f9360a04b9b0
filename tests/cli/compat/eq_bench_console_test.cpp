// The lines that the original prints for answers that it cannot use, and the values of a csv row.
#include "cli/compat/eq_bench_console.h"

#include <gtest/gtest.h>

namespace assay::compat {
namespace {

json::value answers(std::initializer_list<std::pair<const char*, const char*>> list) {
  json::object out;
  for (const auto& [name, digits] : list) out[name] = digits;
  return out;
}

SampleResult sample(json::array asks) {
  SampleResult out;
  out.sample = "7";
  out.evidence["asks"] = std::move(asks);
  out.evidence["reference"] = {{"Sad", 1}, {"Angry", 2}, {"Calm", 3}, {"Proud", 4}};
  return out;
}

TEST(EqBenchConsole, EveryKindOfUnusableAnswer) {
  json::array asks;
  asks.push_back(json::object{{"text", "x"}, {"why", "0 emotions found instead of 4"}, {"first_pass", answers({})}});
  asks.push_back(json::object{{"text", "x"}, {"why", "the emotions found are not those asked for"}, {"first_pass", answers({{"Sad", "1"}, {"SAD", "2"}, {"It's", "3"}, {"a\nb", "4"}})}});
  asks.push_back(json::object{{"text", "x"}, {"why", "all scores are zero"}, {"first_pass", answers({{"sad", "0"}, {"Angry", "0"}, {"Calm", "0"}, {"Proud", "0"}})}});
  asks.push_back(json::object{{"text", "x"}, {"why", "\"2,5\" is not a number"}, {"first_pass", answers({{"Sad", "2,5"}, {"Angry", "1"}, {"Calm", "0"}, {"Proud", "0"}})}});
  asks.push_back(json::object{{"error", "the server is away"}});
  asks.push_back(json::object{{"text", "fine"}, {"first_pass", answers({{"Sad", "1"}, {"Angry", "1"}, {"Calm", "1"}, {"Proud", "1"}})}});
  EXPECT_EQ(question_lines(sample(asks), "v2", false),
            "! Error: 4 emotions were not returned\n{}\nFailed to parse scores\nRetrying...\n"
            "! Error: emotions did not match reference\n{'Sad': '1', 'SAD': '2', \"It's\": '3', 'a\\nb': '4'}\n"
            "! Error: emotions did not match reference\n{'Sad': '1', 'SAD': '2', \"It's\": '3', 'a\\nb': '4'}\nFailed to parse scores\nRetrying...\n"
            "Error: total of scores must be > 0\n{'sad': '0', 'Angry': '0', 'Calm': '0', 'Proud': '0'}\nFailed to parse scores\nRetrying...\n"
            "\"2,5\" is not a number\nRetrying...\n"
            "the server is away\nRetrying...\n");
}

TEST(EqBenchConsole, VerboseShowsAnswersAndScores) {
  json::array asks;
  asks.push_back(json::object{{"text", "Sad: 1"}, {"first_pass", answers({{"Sad", "1"}, {"Angry", "1"}, {"Calm", "1"}, {"Proud", "1"}})}});
  SampleResult one = sample(asks);
  one.values["first_pass_v2"] = 6.25;
  one.values["revised_v2"] = nullptr;
  EXPECT_EQ(question_lines(one, "v2", true), "\nSad: 1\n________________\nfirst pass: 6.2\n");
  EXPECT_EQ(question_lines(one, "v2", false), "");
  one.evidence["held"] = true;
  EXPECT_EQ(question_lines(one, "v2", true), "Question 7 already complete\n");
}

TEST(EqBenchConsole, RowsOfTheCsv) {
  RunWish wish;
  wish.row.run_id = "r";
  wish.row.model_path = "m";
  wish.row.inference_engine = "ooba";
  wish.row.ooba_params = " --a 1,2";
  wish.row.n_iterations = 3;
  wish.row.include_patterns = {"*.gguf"};
  wish.language = "de";
  RunFigures figures;
  figures.score = 60;
  figures.parseable = 170.67;
  EXPECT_EQ(csv_line(wish, "T", figures, std::nullopt), "r,T,,m,,,60.0,eq-bench_v2_de,170.67,3,ooba, --a 1,2,--include [\"*.gguf\"],\n");
  EXPECT_EQ(csv_line(wish, "T", figures, "two\nlines"), "r,T,,m,,,FAILED,eq-bench_de,FAILED,3,ooba, --a 1,2,--include [\"*.gguf\"],two lines\n");
  wish.type = BenchmarkType::creative_writing;
  EXPECT_EQ(csv_line(wish, "T", {.score = 7.5}, std::nullopt), "r,T,,m,,,7.5,creative-writing,N/A,3,ooba, --a 1,2,--include [\"*.gguf\"],\n");
  wish.type = BenchmarkType::judgemark;
  EXPECT_EQ(csv_line(wish, "T", {}, std::nullopt), "r,T,N/A,N/A,N/A,N/A,N/A,judgemark,N/A,3,ooba, --a 1,2,--include [\"*.gguf\"],\n");
}

}  // namespace
}  // namespace assay::compat
