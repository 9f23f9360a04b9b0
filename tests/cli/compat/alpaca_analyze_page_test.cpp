// The pictures of `analyze_evaluators`: what is drawn, what is left out, and that names of files are only text.
#include "cli/compat/alpaca_analyze_page.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/number.h"
#include "cli/compat/alpaca_analyze.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay::compat {
namespace {

using namespace alpaca_eval;

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++out;
  return out;
}
/// One figure of the page, by its chart's id.
std::string chart_of(const std::string& page, const std::string& id) {
  const std::size_t at = page.find("aria-labelledby=\"" + id + "-t\"");
  if (at == std::string::npos) return "";
  const std::size_t from = page.rfind("<figure>", at);
  return page.substr(from, page.find("</figure>", at) - from);
}

const char* const kBoard =
    ",Human agreement,Price [$/1000 examples],Time [seconds/1000 examples],Spearman corr.,Pearson corr.,Bias,Variance,Proba. prefer longer,Proba. prefer lists,Proba. prefer 1,# parsed,mode\n"
    "mine<b>,70.0,0.0,100.0,0.9,0.9,28.0,14.0,0.7,0.6,0.5,2592,community\n"
    "humans,65.7,300.0,36800.0,1.0,1.0,0.0,34.3,0.64,0.6,0.52,2596,minimal\n"
    "longest,62.2,0.0,0.0,0.27,0.56,37.8,0.0,1.0,0.42,0.53,2596,verified\n"
    "gpt,69.2,13.6,1455.4,0.97,0.93,28.4,14.6,0.68,0.73,0.5,2592,minimal\n"
    "unpriced,68.0,,206.8,0.8,0.75,30.3,13.0,0.66,0.6,0.5,2500,verified\n"
    "shifted,0.34,12.9,93.5,0.98,0.94,32.2,14.4,0.7,0.6,0.5,600,verified\n"
    "other community,66.0,1.0,10.0,0.8,0.8,30.0,10.0,0.6,0.6,0.5,600,community\n";

TEST(AnalyzePage, DrawsWhatTheLeaderboardHolds) {
  auto board = read_board(kBoard, "board");
  ASSERT_TRUE(board);
  const std::vector<Analyzer::GeneratorRates> rates{{"a", 20, 25}, {"b", 40, 38}, {"c", 60, 70}};
  const std::string page = analyze_page(*board, "mine<b>", rates, "1");
  EXPECT_EQ(page.find("mine<b>"), std::string::npos);
  EXPECT_EQ(page.find("style=\""), std::string::npos);
  const std::string price = chart_of(page, "price"), time = chart_of(page, "time"), bias = chart_of(page, "bias"), win = chart_of(page, "rates");
  EXPECT_EQ(count(price, "<circle"), 4u);  // not the unpriced one, the shifted row, the other community row
  EXPECT_EQ(count(price, "class=\"point strong\""), 1u);
  EXPECT_EQ(count(price, "class=\"point s3\""), 1u);  // people
  EXPECT_EQ(count(time, "<circle"), 4u);   // not what took no time
  EXPECT_EQ(count(bias, "<circle"), 4u);   // not people
  EXPECT_NE(bias.find("people 34.30"), std::string::npos);
  EXPECT_EQ(count(win, "<circle"), 3u);
  EXPECT_NE(win.find("Spearman 1.000"), std::string::npos);
  EXPECT_EQ(count(win, "class=\"curve\""), 1u);
  EXPECT_EQ(count(chart_of(page, "longer"), "<rect"), 5u);
  EXPECT_EQ(page.find("shifted"), std::string::npos);
  // Without people's annotations there is no such picture, and the page says what is lacking.
  const std::string without = analyze_page(*board, "", {}, "1");
  EXPECT_EQ(chart_of(without, "rates"), "");
  EXPECT_NE(without.find("gold_annotations"), std::string::npos);
  EXPECT_EQ(without.find("mine&lt;b&gt;"), std::string::npos);
}

TEST(AnalyzePage, ThePublishedLeaderboard) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/leaderboards/evaluators/evaluators_leaderboard.csv");
  auto board = read_board(read_file(test::shared("upstream/alpaca-eval/leaderboards/evaluators/evaluators_leaderboard.csv")).value(), "board");
  ASSERT_TRUE(board);
  const std::string page = analyze_page(*board, "alpaca_eval_gpt4", {}, "1");
  const std::string price = chart_of(page, "price");
  EXPECT_GE(count(price, "<circle"), 10u);
  EXPECT_GE(count(price, "<text class=\"name"), 8u);
  EXPECT_EQ(count(chart_of(page, "price"), "class=\"point strong\""), 1u);
  EXPECT_EQ(page.find("weighted_alpaca_eval_gpt-4o-mini-2024-07-18"), std::string::npos);  // its columns are shifted in the published file
}

/// The whole command on people's annotations: the csv with the golden numbers, and the page beside it.
TEST(AnalyzePage, WrittenByTheCommand) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/analyzer.json");
  const json::value golden = test::load_json(test::shared("golden/alpaca-eval/analyzer.json"));
  const json::value& one = golden.at("cases").at(0);
  test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.path() / "cross.json", write_json(one.at("gold_crossannotations"))));
  ASSERT_TRUE(write_file(folder.path() / "single.json", write_json(one.at("gold_annotations"))));
  AnalyzeFlags flags;
  flags.annotators_config = "longest";
  flags.gold_crossannotations = PythonValue::of((folder.path() / "cross.json").string());
  flags.gold_annotations = PythonValue::of((folder.path() / "single.json").string());
  flags.n_annotators = static_cast<int>(*get_integer(one, "n_annotators"));
  flags.precomputed_leaderboard = PythonValue{};
  flags.mode_to_print = PythonValue{};
  flags.output_path = (folder.path() / "out").string();
  AlpacaSurroundings surroundings;
  surroundings.warn = [](std::string_view) {};
  surroundings.program_version = "1.2.3";
  auto done = analyze_evaluators(flags, surroundings);
  ASSERT_TRUE(done) << to_string(done.error());
  auto page = read_file(done->folder / "report.html");
  ASSERT_TRUE(page);
  EXPECT_NE(page->find("Evaluator longest"), std::string::npos);
  EXPECT_NE(page->find("1.2.3"), std::string::npos);
  const json::value& want = one.at("results").at("longest").at("metrics");
  const std::string rates = chart_of(*page, "rates");
  EXPECT_GE(count(rates, "<circle"), 2u);
  EXPECT_NE(rates.find("Spearman " + fixed(*get_number(want, "Spearman corr."), 3)), std::string::npos) << rates.substr(0, 400);
  auto board = read_file(done->folder / "leaderboard.csv");
  ASSERT_TRUE(board);
  EXPECT_NE(board->find("longest,51.33333333333333"), std::string::npos) << *board;
}

}  // namespace
}  // namespace assay::compat
