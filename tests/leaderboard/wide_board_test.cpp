#include "leaderboard/wide_board.h"

#include <gtest/gtest.h>

#include "dataset/csv.h"
#include "leaderboard/wide_board_formats.h"
#include "run/report_fixture.h"

namespace assay {
namespace {

const BoardLayout& layout() {
  static const BoardLayout one{"two", "Two benchmarks",
                               {{"Hard", "exam-hard", {}, "overall", 100, 1}, {"Exam", "exam", {}, "", 100, 1}, {"Elo", "", {}, "", 1, 0}, {"Maths", "exam", {"written", "maths"}, "score", 100, 1}},
                               0,
                               2};
  return one;
}

Report run(const std::string& benchmark, const std::string& model, double value, std::optional<double> usd = {}, std::string created = "2026-01-01") {
  Report out;
  out.benchmark = benchmark;
  out.edition = "official";
  out.roles["model"] = model;
  out.created = std::move(created);
  out.total.name = benchmark;
  out.total.metrics.push_back(test::metric("overall", value, 0.01, value - 0.02, value + 0.02, 100));
  out.total.counts.scored = 100;
  Part maths{"maths", {test::metric("score", value / 2, 0.01, 0, 1, 10)}, {}, {}};
  Part written{"written", {test::metric("score", value, 0.01, 0, 1, 10)}, {}, {maths}};
  out.total.parts.push_back(written);
  out.usage.usd = usd;
  out.usage.seconds = 60;
  return out;
}

const WideRow* row(const WideBoard& board, const std::string& model) {
  for (const WideRow& one : board.rows)
    if (one.model == model) return &one;
  return nullptr;
}

TEST(WideBoard, ColumnsOfSeveralBenchmarksAndParts) {
  const std::vector<Report> reports{run("exam@1", "a", 0.8), run("exam-hard@1", "a", 0.5), run("exam@1", "b", 0.9), run("other@1", "a", 1), run("exam@1", "a", 0.7)};
  const auto boards = wide_boards(reports, layout());
  ASSERT_EQ(boards.size(), 1u);
  EXPECT_EQ(boards[0].version, "1");
  EXPECT_TRUE(boards[0].official);
  ASSERT_EQ(boards[0].rows.size(), 2u);
  EXPECT_EQ(boards[0].rows[0].model, "a");  // b has no Hard
  EXPECT_EQ(boards[0].rows[0].values[0], 50.0);
  EXPECT_EQ(boards[0].rows[0].values[1], 80.0);  // the better of two runs
  EXPECT_FALSE(boards[0].rows[0].values[2]);
  EXPECT_EQ(boards[0].rows[0].values[3], 40.0);
  EXPECT_FALSE(boards[0].rows[1].values[0]);
  EXPECT_EQ(boards[0].rows[0].seconds, 120.0);
  EXPECT_FALSE(boards[0].rows[0].usd);  // unknown is not zero
}

TEST(WideBoard, WhatIsNotComparableStandsApart) {
  std::vector<Report> reports{run("exam@1", "a", 0.8), run("exam@2", "a", 0.7), run("exam@1", "b", 0.6), run("exam@1", "c", 0.5), run("exam@1", "d", 0.4)};
  reports[2].edition = "sample";
  reports[3].deviates = {"temperature 1"};
  reports[4].roles["judge"] = "gpt";
  const auto boards = wide_boards(reports, layout());
  ASSERT_EQ(boards.size(), 5u);
  EXPECT_EQ(board_title(boards[0]), "Two benchmarks, 1");
  EXPECT_EQ(board_title(boards[2]), "Two benchmarks, 1, sample data");
  EXPECT_EQ(board_title(boards[3]), "Two benchmarks, 1, official data, other settings");
  EXPECT_EQ(board_title(boards[4]), "Two benchmarks, 1, judge gpt");
  EXPECT_EQ(boards[3].rows[0].notes, std::vector<std::string>{"exam: temperature 1"});
}

TEST(WideBoard, VersionsSideBySide) {
  const std::vector<Report> reports{run("exam@1", "a", 0.8), run("exam@2", "a", 0.7), run("exam@2", "b", 0.9)};
  const BoardLayout side = side_by_side(reports);
  const auto boards = wide_boards(reports, side);
  ASSERT_EQ(boards.size(), 1u);
  EXPECT_EQ(boards[0].layout.columns.size(), 2u);
  ASSERT_TRUE(row(boards[0], "a"));
  EXPECT_EQ(row(boards[0], "a")->values, (std::vector<std::optional<double>>{0.8, 0.7}));
}

TEST(WideBoard, ARunOverMoreSamplesCountsBeforeALuckyOne) {
  std::vector<Report> reports{run("exam@1", "a", 0.9), run("exam@1", "a", 0.2), run("exam@1", "b", 0.8), run("exam@1", "b", 0.1)};
  for (Report& report : reports) report.deviates = {"temperature 1"};
  for (std::size_t i : {0, 2, 3}) {
    reports[i].deviates.emplace_back("a part of the samples only");
    reports[i].total.counts.scored = i;
  }
  const auto boards = wide_boards(reports, layout());
  ASSERT_EQ(boards.size(), 1u);
  EXPECT_EQ(row(boards[0], "a")->values[1], 20.0);
  EXPECT_EQ(row(boards[0], "b")->values[1], 10.0);
}

TEST(WideBoard, WhatNeedsNoJudgeStandsBesideEveryJudges) {
  std::vector<Report> reports{run("quiz@1", "a", 0.8), run("essay@1", "a", 0.5), run("essay@1", "a", 0.6), run("exam@1", "b", 0.7), run("quiz@1", "c", 0.9)};
  reports[1].roles["judge"] = "strict";
  reports[2].roles["judge"] = "mild";
  reports[4].edition = "sample";
  BoardLayout side = side_by_side(reports);
  auto boards = wide_boards(reports, side);
  ASSERT_EQ(boards.size(), 3u);
  EXPECT_EQ(board_title(boards[0]), "Benchmarks side by side, judge strict");
  EXPECT_EQ(board_title(boards[1]), "Benchmarks side by side, judge mild");
  using Values = std::vector<std::optional<double>>;
  ASSERT_TRUE(row(boards[0], "a") && row(boards[1], "a") && row(boards[1], "b"));
  EXPECT_EQ(row(boards[0], "a")->values, (Values{0.8, 0.5, {}}));
  EXPECT_EQ(row(boards[1], "a")->values, (Values{0.8, 0.6, {}}));
  EXPECT_EQ(row(boards[1], "b")->values, (Values{{}, {}, 0.7}));
  EXPECT_EQ(row(boards[2], "c")->values, (Values{0.9}));  // sample data: nothing else was run with them
  // The same benchmark without a judge is another measurement and never stands in that column.
  reports.push_back(run("essay@1", "d", 0.4));
  side = side_by_side(reports);
  boards = wide_boards(reports, side);
  ASSERT_EQ(boards.size(), 4u);
  for (const WideBoard& board : boards) EXPECT_EQ(row(board, "d") != nullptr, board.judges.empty() && board.official);
  EXPECT_FALSE(row(boards[0], "d"));
}

TEST(WideBoard, ColumnsThatABoardHasNoRunOfAreLeftOut) {
  std::vector<Report> reports{run("quiz@1", "a", 0.3), run("exam@1", "a", 0.5), run("exam@1", "b", 0.6), run("text@1", "b", 0.7), run("none@1", "b", 0)};
  reports[0].edition = "sample";
  reports[4].total.metrics[0].value.reset();
  const BoardLayout side = side_by_side(reports);
  const auto boards = wide_boards(reports, side);
  ASSERT_EQ(boards.size(), 2u);
  ASSERT_EQ(boards[1].layout.columns.size(), 3u);
  EXPECT_EQ(boards[1].rows[0].model, "b");  // by the first column that is left
  EXPECT_EQ(boards[1].rows[0].values, (std::vector<std::optional<double>>{0.6, 0.7, {}}));  // run, though without a number
  const std::string text = wide_boards_text(std::span(boards).subspan(1), {});
  EXPECT_EQ(text.find("quiz"), std::string::npos) << text;
  // One head holds for all lines of csv.
  auto rows = parse_csv(wide_boards_csv(boards));
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_EQ((*rows)[0][6], "quiz@1");
  EXPECT_EQ((*rows)[0][7], "exam@1");
  EXPECT_EQ((*rows)[1][6], "0.3");
  EXPECT_EQ((*rows)[1][7], "");
  EXPECT_EQ((*rows)[2][6], "");
  EXPECT_EQ((*rows)[2][7], "0.6");
  for (const CsvRow& line : *rows) EXPECT_EQ(line.size(), rows->front().size());
}

TEST(WideBoard, NumbersLookAsOnTheirOwnBoards) {
  std::vector<Report> reports{run("exam@1", "low", 0.5), run("exam@1", "good", 6.72), run("exam@1", "nothing", 0)};
  reports[2].total.metrics[0].raw = 0.0;
  const BoardLayout side = side_by_side(reports);
  const auto boards = wide_boards(reports, side);
  for (const std::string& text : {wide_boards_text(boards, {}), wide_boards_markdown(boards), wide_boards_page(boards, "1")}) {
    EXPECT_NE(text.find("6.72"), std::string::npos) << text;
    EXPECT_EQ(text.find("6.7200"), std::string::npos) << text;
    EXPECT_NE(text.find("0.5000"), std::string::npos) << text;
    EXPECT_EQ(text.find("0.0000"), std::string::npos) << text;
  }
  ScoreTable published;
  ASSERT_TRUE(published.add("model,exam@1\nlow,0.4\ngood,7.5\n", "published.csv"));
  const std::string text = wide_boards_text(wide_boards(reports, side, &published), {});
  for (const char* one : {"+0.1000", "-0.78", " 0.4000", " 7.50"}) EXPECT_NE(text.find(one), std::string::npos) << one << text;
}

TEST(WideBoard, WhereTheHeadsDoNotFitNumbersStandForThem) {
  const std::vector<Report> reports{run("mixeval@2024-08-11", "a", 0.5), run("mixeval-hard@2024-08-11", "a", 0.6)};
  const BoardLayout side = side_by_side(reports);
  const auto boards = wide_boards(reports, side);
  EXPECT_EQ(wide_boards_text(boards, {.width = 100}).find("[1]"), std::string::npos);
  const std::string text = wide_boards_text(boards, {.width = 40});
  EXPECT_EQ(text.find("\u2026"), std::string::npos) << text;
  EXPECT_NE(text.find("[1]     [2]"), std::string::npos) << text;
  EXPECT_NE(text.find("  [1]: mixeval@2024-08-11\n  [2]: mixeval-hard@2024-08-11\n"), std::string::npos) << text;
}

TEST(WideBoard, ANameCannotReachTheTerminal) {
  const std::vector<Report> reports{run("evil\x1b[31m@1", "a", 0.5)};
  const BoardLayout side = side_by_side(reports);
  const auto boards = wide_boards(reports, side);
  for (const std::size_t width : {20, 100}) {
    const std::string text = wide_boards_text(boards, {.width = width});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(text.find("evil"), std::string::npos) << text;
  }
}

TEST(WideBoard, PublishedRowsDifferencesAndRatings) {
  ScoreTable published;
  ASSERT_TRUE(published.add("model,hard,Exam,Arena Elo (2024)\nA,52,81,1300\np,40,70,1200\nq,30,60,1100\nr,20,50,1000\ns,10,40,900\nt,5,30,\nonly elo,,,1500\n", "published.csv"));
  const std::vector<Report> reports{run("exam-hard@1", "a", 0.5), run("exam-hard@1", "new", 0.35)};
  const auto boards = wide_boards(reports, layout(), &published);
  ASSERT_EQ(boards.size(), 1u);
  const WideBoard& board = boards[0];
  EXPECT_EQ(board.rows.size(), 8u);  // two of ours, six published; nobody with a rating alone
  EXPECT_EQ(board.ours(), 2u);
  const WideRow& mine = *row(board, "a");
  EXPECT_NEAR(*mine.differences[0], -2, 1e-9);
  EXPECT_EQ(mine.values[2], 1300.0);
  EXPECT_FALSE(mine.rating);
  ASSERT_TRUE(board.rating_line);
  EXPECT_EQ(board.rating_line->n, 5u);
  const std::string text = wide_boards_text(boards, {});
  EXPECT_NE(text.find("est. Elo"), std::string::npos);
  EXPECT_NE(text.find("±"), std::string::npos);
  const WideRow& fresh = *row(board, "new");
  ASSERT_TRUE(fresh.rating && fresh.rating->low);
  EXPECT_NEAR(fresh.rating->value, 1150, 15);
  EXPECT_LT(*fresh.rating->low, fresh.rating->value);
  EXPECT_TRUE(row(board, "t")->rating);
  EXPECT_EQ(board.rows[0].model, "A");
  EXPECT_EQ(board.rows[1].model, "a");
  // Without runs there is the published table.
  const auto none = wide_boards({}, layout(), &published);
  ASSERT_EQ(none.size(), 1u);
  EXPECT_EQ(none[0].rows.size(), 6u);
}

TEST(WideBoard, TheFrontOfScoreAndCost) {
  const std::vector<Report> reports{run("exam-hard@1", "cheap", 0.3, 1.0), run("exam-hard@1", "good", 0.6, 5.0), run("exam-hard@1", "bad", 0.2, 4.0), run("exam-hard@1", "same", 0.6, 6.0),
                                    run("exam-hard@1", "unpriced", 0.9)};
  const auto boards = wide_boards(reports, layout());
  EXPECT_TRUE(row(boards[0], "cheap")->front);
  EXPECT_TRUE(row(boards[0], "good")->front);
  EXPECT_FALSE(row(boards[0], "bad")->front);
  EXPECT_FALSE(row(boards[0], "same")->front);
  EXPECT_FALSE(row(boards[0], "unpriced")->front);
}

TEST(WideBoard, PricesAreComparedOverWhatBothRan) {
  const std::vector<Report> reports{run("exam-hard@1", "all", 0.6, 5.0), run("exam@1", "all", 0.6, 5.0), run("exam-hard@1", "one", 0.6, 6.0), run("exam-hard@1", "less", 0.5, 5.5), run("exam@1", "less", 0.5, 0.5)};
  const auto boards = wide_boards(reports, layout());
  EXPECT_EQ(row(boards[0], "all")->usd, 10.0);
  EXPECT_TRUE(row(boards[0], "all")->front);   // 5 for what costs "one" 6
  EXPECT_FALSE(row(boards[0], "one")->front);
  EXPECT_TRUE(row(boards[0], "less")->front);  // 6 for what costs "all" 10
}

std::vector<Report> perplexities(const std::string& metric) {
  std::vector<Report> out{run("text", "good-lm", 500, 1.0, "2026-01-02"), run("text", "good-lm", 8, 1.0), run("text", "bad-lm", 80, 1.0), run("exam", "bad-lm", 0.5, 1.0)};
  for (std::size_t i = 0; i < 3; ++i) out[i].total.metrics[0].name = metric;
  return out;
}

TEST(WideBoard, WhereLowerIsBetterTheLowestLeads) {
  std::vector<std::vector<Report>> ways{perplexities("word_perplexity"), perplexities("ter,strict"), perplexities("loss")};
  ways[2][2].total.metrics[0].lower_is_better = true;  // the newest reports say it, older ones do not
  for (const std::vector<Report>& reports : ways) {
    const BoardLayout side = side_by_side(reports);
    const auto boards = wide_boards(reports, side);
    ASSERT_EQ(boards.size(), 1u);
    const WideBoard& board = boards[0];
    EXPECT_EQ(board.rows[0].model, "good-lm");
    EXPECT_EQ(board.rows[0].values[0], 8.0);
    EXPECT_TRUE(board.rows[0].front);
    EXPECT_FALSE(board.rows[1].front);
    EXPECT_NE(wide_boards_text(boards, {}).find("lower is better: text\n"), std::string::npos) << wide_boards_text(boards, {});
    EXPECT_NE(wide_boards_markdown(boards).find("| text (lower is better) | exam |"), std::string::npos) << wide_boards_markdown(boards);
    const std::string page = wide_boards_page(boards, "1");
    EXPECT_NE(page.find(">text (lower is better)</th>"), std::string::npos) << page;
    EXPECT_EQ(page.find("exam (lower"), std::string::npos);
    EXPECT_EQ(write_json(wide_boards_json(boards).at("wide_boards").at(0).at("lower_is_better")), R"(["text"])");
    auto rows = parse_csv(wide_boards_csv(boards));
    ASSERT_TRUE(rows);
    EXPECT_EQ((*rows)[0].back(), "lower_is_better");
    EXPECT_EQ((*rows)[1].back(), "text");
  }
}

TEST(WideBoard, EveryFormatHoldsIt) {
  ScoreTable published;
  ASSERT_TRUE(published.add("model,hard,Elo\np,40,1200\nq,30,1100\nr,20,1000\ns,10,900\nu,5,800\n", "published.csv"));
  const std::vector<Report> reports{run("exam-hard@1", "a<b>|", 0.5, 1.0), run("exam-hard@1", "c", 0.4, 2.0)};
  const auto boards = wide_boards(reports, layout(), &published);
  const std::string text = wide_boards_text(boards, {});
  EXPECT_NE(text.find("> a<b>|"), std::string::npos);
  EXPECT_NE(text.find("50.0"), std::string::npos);
  auto rows = parse_csv(wide_boards_csv(boards));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 8u);
  for (const CsvRow& line : *rows) EXPECT_EQ(line.size(), rows->front().size());
  const json::object document = wide_boards_json(boards);
  EXPECT_EQ(document.at("wide_boards").at(0).at("rows").as_array().size(), 7u);
  EXPECT_EQ(document.at("wide_boards").at(0).at("sorted_by").as_string(), "Hard");
  const std::string md = wide_boards_markdown(boards);
  EXPECT_NE(md.find("**a&lt;b>\\|**"), std::string::npos) << md;
  const std::string page = wide_boards_page(boards, "1");
  EXPECT_EQ(page.find("<b>|"), std::string::npos);
  EXPECT_EQ(page.find("style=\""), std::string::npos);
  EXPECT_NE(page.find("Score and cost"), std::string::npos);
  EXPECT_NE(page.find("Score and rating"), std::string::npos);
  EXPECT_NE(wide_boards_text({}, {}).find("No runs"), std::string::npos);
}

}  // namespace
}  // namespace assay
