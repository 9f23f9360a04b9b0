// The lines that the original prints for answers that it cannot use, and the values of a csv row.
#include "cli/compat/eq_bench_console.h"

#include <gtest/gtest.h>

#include "base/text.h"

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
            "could not convert string to float: '2,5'\nRetrying...\n"
            "the server is away\nRetrying...\n");
}

TEST(EqBenchConsole, WithRevisionTheFormulasLookAtBothPassesInTurn) {
  const json::value good = answers({{"Sad", "1"}, {"Angry", "1"}, {"Calm", "1"}, {"Proud", "1"}}), zero = answers({{"Sad", "0"}, {"Angry", "0"}, {"Calm", "0"}, {"Proud", "0"}}),
                    other = answers({{"Glad", "1"}, {"Angry", "1"}, {"Calm", "1"}, {"Proud", "1"}}), twice = answers({{"Sad", "1"}, {"sad", "1"}, {"Calm", "1"}, {"Proud", "1"}}),
                    comma = answers({{"Sad", "1"}, {"Angry", "2,5"}, {"Calm", "1"}, {"Proud", "1"}});
  auto said = [&](const json::value& first, const json::value& revised, const char* version) {
    json::array asks;
    asks.push_back(json::object{{"text", "x"}, {"why", "w"}, {"first_pass", first}, {"revised", revised}});
    return question_lines(sample(asks), version, false);
  };
  const std::string glad = "! Error: emotions did not match reference\n{'Glad': '1', 'Angry': '1', 'Calm': '1', 'Proud': '1'}\n",
                    same = "! Error: emotions did not match reference\n{'Sad': '1', 'sad': '1', 'Calm': '1', 'Proud': '1'}\n",
                    none = "Error: total of scores must be > 0\n{'Sad': '0', 'Angry': '0', 'Calm': '0', 'Proud': '0'}\n",
                    number = "could not convert string to float: '2,5'\n", failed = "Failed to parse scores\n";
  EXPECT_EQ(said(other, zero, "v2"), glad + none + glad + failed);
  EXPECT_EQ(said(zero, other, "v1"), none + glad + glad + failed);
  EXPECT_EQ(said(twice, other, "v2"), glad + same + glad + failed);
  EXPECT_EQ(said(other, comma, "v2"), glad + number);
  EXPECT_EQ(said(good, answers({}), "v2"), "! Error: 4 emotions were not returned\n{}\n" + failed);
  EXPECT_EQ(said(good, good, "v2"), "w\n");
  EXPECT_EQ(question_lines(sample({json::object{{"text", "x"}, {"first_pass", twice}}}), "v2", false), same);  // accepted all the same
  EXPECT_EQ(python_dict(&static_cast<const json::value&>(json::value(answers({{"a\u00a0\u200b\U0001F600'", "1"}})))), "{\"a\\xa0\\u200b\U0001F600'\": '1'}");
}

TEST(EqBenchConsole, VerboseShowsAnswersAndScores) {
  json::array asks;
  asks.push_back(json::object{{"text", "Sad: 1"}, {"first_pass", answers({{"Sad", "1"}, {"Angry", "1"}, {"Calm", "1"}, {"Proud", "1"}})}});
  SampleResult one = sample(asks);
  one.values["first_pass_v2"] = 6.25;
  one.values["revised_v2"] = nullptr;
  EXPECT_EQ(question_lines(one, "v2", true), "\nSad: 1\n________________\nfirst pass: 6.2\n");
  EXPECT_EQ(question_lines(one, "v2", false), "");
  one.values["first_pass_v1"] = 10;  // the original's integer
  EXPECT_EQ(question_lines(one, "v1", true), "\nSad: 1\n________________\nfirst pass: 10\n");
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
  EXPECT_EQ(csv_line(wish, "T", {.score = 0.0, .whole = true}, std::nullopt), "r,T,,m,,,0,creative-writing,N/A,3,ooba, --a 1,2,--include [\"*.gguf\"],\n");
  EXPECT_TRUE(contains(complete_lines(wish, "T", 0, {.score = 0.0, .whole = true}, nullptr), "Creative Writing Score: 0\n"));
  EXPECT_EQ(csv_line(wish, "T", {.score = 7.5}, std::nullopt), "r,T,,m,,,7.5,creative-writing,N/A,3,ooba, --a 1,2,--include [\"*.gguf\"],\n");
  wish.type = BenchmarkType::judgemark;
  EXPECT_EQ(csv_line(wish, "T", {}, std::nullopt), "r,T,N/A,N/A,N/A,N/A,N/A,judgemark,N/A,3,ooba, --a 1,2,--include [\"*.gguf\"],\n");
}

}  // namespace
}  // namespace assay::compat
