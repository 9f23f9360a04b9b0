#include "leaderboard/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dataset/csv.h"
#include "leaderboard/ranking_formats.h"
#include "leaderboard/ranking_text.h"
#include "run/report_fixture.h"

namespace assay {
namespace {

Report report(std::string model, double value, double half, std::string edition = "official",
              std::string benchmark = "eq-bench@2") {
  Report out;
  out.benchmark = benchmark;
  out.edition = std::move(edition);
  out.roles["model"] = std::move(model);
  out.total.name = benchmark;
  out.total.metrics.push_back(test::metric("score", value, half / 2, value - half, value + half, 171));
  out.total.counts.scored = 171;
  return out;
}

std::string ranks(const Board& board) {
  std::string out;
  for (const RankedRow& row : board.rows) out += (out.empty() ? "" : " | ") + row.model + " " + rank_text(row);
  return out;
}

TEST(Ranking, TiesShareARankAndTheNextIsSkipped) {
  std::vector<Report> reports{report("d", 10, 0), report("b", 50, 0), report("a", 50, 0), report("c", 80, 0)};
  Leaderboard board = rank(reports);
  ASSERT_EQ(board.boards.size(), 1u);
  EXPECT_EQ(ranks(board.boards[0]), "c 1 | a 2 (2-3) | b 2 (2-3) | d 4");
}

TEST(Ranking, OverlappingIntervalsLeaveRanksOpen) {
  std::vector<Report> reports{report("a", 80, 5), report("b", 72, 5), report("c", 64, 5), report("d", 20, 1)};
  EXPECT_EQ(ranks(rank(reports).boards[0]), "a 1 (1-2) | b 2 (1-3) | c 3 (2-3) | d 4");
}

TEST(Ranking, ARowWithoutIntervalHasABareRank) {
  std::vector<Report> reports{report("a", 80, 5), report("b", 78, 5)};
  reports[1].total.metrics[0].ci_low.reset();
  EXPECT_EQ(ranks(rank(reports).boards[0]), "a 1 (1-2) | b 2");
}

TEST(Ranking, OfficialAndOtherRunsNeverShareABoard) {
  std::vector<Report> reports{report("sample", 99, 1, "sample"), report("official", 50, 1), report("deviating", 98, 1)};
  reports[2].deviates = {"temperature"};
  Leaderboard all = rank(reports);
  ASSERT_EQ(all.boards.size(), 3u);
  EXPECT_EQ(standing(all.boards[0]), "official");
  EXPECT_EQ(ranks(all.boards[0]), "official 1");
  EXPECT_EQ(standing(all.boards[1]), "sample data");
  EXPECT_EQ(standing(all.boards[2]), "official data, other settings");
  EXPECT_EQ(all.boards[2].rows[0].deviates, std::vector<std::string>{"temperature"});
}

TEST(Ranking, JudgesAndMetricsKeepBoardsApart) {
  std::vector<Report> reports{report("a", 1, 1), report("b", 2, 1), report("c", 3, 1)};
  reports[1].roles["judge"] = "strict";
  reports[2].total.metrics[0].name = "win_rate";
  EXPECT_EQ(rank(reports).boards.size(), 3u);
}

TEST(Ranking, WhatIsNotCompleteOrHasNoNumberIsShownWithoutRank) {
  std::vector<Report> reports{report("half", 90, 1), report("none", 0, 0), report("nan", 0, 0), report("good", 50, 1),
                              report("bad", 60, 1)};
  reports[0].status = "incomplete";
  reports[1].total.metrics[0].value.reset();
  reports[1].total.metrics[0].why_null = "nothing was parseable";
  reports[2].total.metrics[0].value = std::nan("");
  reports[4].status = "failed";
  reports[4].reason = "too few";
  Leaderboard all = rank(reports);
  ASSERT_EQ(all.boards.size(), 1u);
  EXPECT_EQ(ranks(all.boards[0]), "good 1 | half - | bad - | nan - | none -");
  std::string text = ranking_text(all, {});
  EXPECT_NE(text.find("bad is not ranked (failed: too few)"), std::string::npos) << text;
  EXPECT_NE(text.find("none is not ranked (nothing was parseable)"), std::string::npos) << text;
}

TEST(Ranking, OneRunAModelOrAll) {
  std::vector<Report> reports{report("m", 50, 1), report("m", 60, 1), report("m", 99, 1), report("m", 40, 1)};
  reports[2].status = "incomplete";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    reports[i].created = "2026-01-0" + std::to_string(i + 1);
    reports[i].run = std::to_string(i);
  }
  auto only = [&](RunChoice choice) { return rank(reports, {choice}).boards[0]; };
  ASSERT_EQ(only(RunChoice::best).rows.size(), 1u);
  EXPECT_EQ(only(RunChoice::best).rows[0].run, "1");
  EXPECT_EQ(only(RunChoice::newest).rows[0].run, "3");
  EXPECT_EQ(only(RunChoice::all).rows.size(), 4u);
}

TEST(Ranking, ARunOverMoreSamplesCountsBeforeALuckyOne) {
  std::vector<Report> reports{report("m", 53, 1, "sample"), report("m", 7, 1, "sample"), report("m", 60, 1, "sample"), report("m", 6, 1, "sample")};
  for (std::size_t i : {0, 2}) reports[i].deviates = {"a part of the samples only"};
  reports[0].total.counts.scored = 1;
  reports[1].total.counts = {.scored = 20, .unparseable = 4};
  reports[2].total.counts = {.scored = 40};  // ten samples, four times each: still a part
  auto only = [&](std::span<const Report> of) {
    Leaderboard all = rank(of);
    EXPECT_EQ(all.boards.size(), 1u);
    EXPECT_EQ(all.boards[0].rows.size(), 1u);
    return all.boards[0].rows[0].metric.value;
  };
  EXPECT_EQ(only(reports), 7);
  std::swap(reports[0], reports[1]);
  EXPECT_EQ(only(reports), 7);
  reports[0].status = "incomplete";
  EXPECT_EQ(only(std::span(reports).first(2)), 53);  // what is complete still comes first
  // Of two parts the larger one; where both are whole, or as large, the better one.
  reports[1].total.metrics[0].value = 99;
  EXPECT_EQ(only(std::span(reports).subspan(1, 2)), 60);
  reports[2].total.counts.scored = 1;
  EXPECT_EQ(only(std::span(reports).subspan(1, 2)), 99);
  // Every run of `all` has its place by its value.
  Leaderboard all = rank(std::span(reports).subspan(1), {RunChoice::all});
  EXPECT_EQ(all.boards[0].rows[0].metric.value, 99);
}

TEST(Ranking, LowerIsBetterForPerplexity) {
  std::vector<Report> reports{report("a", 9, 1), report("b", 5, 1)};
  for (Report& r : reports) r.total.metrics[0].name = "word_perplexity";
  EXPECT_EQ(ranks(rank(reports).boards[0]), "b 1 | a 2");
}

TEST(Ranking, ATaskSaysItselfWhatIsBetter) {
  std::vector<Report> reports{report("a", 50, 1), report("b", 1, 1)};
  for (Report& r : reports) r.total.metrics[0].name = "ter,strict";  // of several filters
  EXPECT_EQ(ranks(rank(reports).boards[0]), "b 1 | a 2");
  for (Report& r : reports) r.total.metrics[0].lower_is_better = false;
  EXPECT_EQ(ranks(rank(reports).boards[0]), "a 1 | b 2");
  for (Report& r : reports) r.total.metrics[0].name = "loss";
  reports[0].total.metrics[0].lower_is_better.reset();  // an older report
  reports[1].total.metrics[0].lower_is_better = true;
  ASSERT_EQ(rank(reports).boards.size(), 1u);
  EXPECT_EQ(ranks(rank(reports).boards[0]), "b 1 | a 2");
}

TEST(Ranking, EveryFormatSaysWhereLowerIsBetter) {
  std::vector<Report> reports{report("a", 9, 1), report("b", 5, 1)};
  auto said = [](const std::string& text) { return text.find("lower is better") != std::string::npos; };
  for (const bool lower : {false, true}) {
    if (lower)
      for (Report& r : reports) r.total.metrics[0].name = "word_perplexity";
    const Leaderboard all = rank(reports);
    EXPECT_EQ(said(ranking_text(all, {})), lower);
    EXPECT_EQ(said(ranking_markdown(all)), lower);
    EXPECT_EQ(said(ranking_html(all)), lower);
    EXPECT_EQ(get_bool(json::value(ranking_json(all)).at("boards").at(0), "lower_is_better"), lower);
    auto rows = parse_csv(ranking_csv(all));
    ASSERT_TRUE(rows);
    EXPECT_EQ((*rows)[0].back(), "lower_is_better");
    EXPECT_EQ((*rows)[1].back(), lower ? "true" : "false");
  }
}

TEST(Ranking, FiltersByBenchmarkAndTakesAnotherMetric) {
  std::vector<Report> reports{report("a", 1, 1), report("a", 2, 1, "official", "eq-bench@1"),
                              report("a", 3, 1, "official", "eq-bench-x@1")};
  RankOptions options;
  options.benchmarks = {"eq-bench"};
  EXPECT_EQ(rank(reports, options).boards.size(), 2u);
  options.benchmarks = {"eq-bench@1"};
  EXPECT_EQ(rank(reports, options).boards.size(), 1u);
  options.metric = "parseable";
  Leaderboard other = rank(reports, options);
  EXPECT_EQ(other.boards[0].metric, "parseable");
  EXPECT_FALSE(other.boards[0].rows[0].rank);
}

TEST(RankingText, IsATableWithIntervalsOnOneScale) {
  std::vector<Report> reports{report("gpt-x", 80, 5), report("llama", 60, 10)};
  TextStyle style;
  style.width = 84;
  style.utf8 = false;
  EXPECT_EQ(ranking_text(rank(reports), style),
            "eq-bench@2  |  official\n"
            "\n"
            "rank  model  score   95 % interval  50        90   scored\n"
            "---------------------------------------------------------\n"
            "1     gpt-x  80.00  75.00 to 85.00         |o-|   171/171\n"
            "2     llama  60.00  50.00 to 70.00  |--o--|       171/171\n");
  reports = {report("a", 90, 1), report("b", 60, 5), report("c", 58, 5)};
  EXPECT_NE(ranking_text(rank(reports), style).find("\n  (2-3): the ranks that the 95 % intervals leave open\n"), std::string::npos);
  EXPECT_EQ(ranking_text({}, style), "No runs to rank yet.\n");
}

TEST(RankingCsv, QuotesAndReadsBack) {
  std::vector<Report> reports{report("a, \"b\"\nc", 64.77641520467836, 1)};
  reports[0].deviates = {"x", "y, z"};
  std::string csv = ranking_csv(rank(reports));
  auto rows = parse_csv(csv);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  ASSERT_EQ((*rows)[0].size(), (*rows)[1].size());
  auto cell = [&](std::string_view name) {
    for (std::size_t i = 0; i < (*rows)[0].size(); ++i)
      if ((*rows)[0][i] == name) return (*rows)[1][i];
    return std::string("no such column");
  };
  EXPECT_EQ(cell("model"), "a, \"b\"\nc");
  EXPECT_EQ(cell("value"), "64.77641520467836");
  EXPECT_EQ(cell("deviates"), "x; y, z");
  EXPECT_EQ(cell("official"), "false");
  EXPECT_EQ(cell("usd"), "");
}

TEST(RankingJson, HoldsUnroundedNumbersAndNulls) {
  std::vector<Report> reports{report("a", 64.77641520467836, 1), report("b", 1, 1)};
  reports[1].status = "failed";
  json::value value = ranking_json(rank(reports));
  const json::value& rows = *find(value.at("boards").as_array().at(0), "rows");
  EXPECT_EQ(get_number(rows.as_array()[0], "value"), 64.77641520467836);
  EXPECT_EQ(write_json(*find(rows.as_array()[0], "rank_interval")), "[1,1]");
  EXPECT_TRUE(find(rows.as_array()[1], "rank")->is_null());
  ASSERT_TRUE(parse_json(write_json(value)));
}

TEST(RankingMarkdown, CannotBeBrokenByNames) {
  std::vector<Report> reports{report("a|b_*c*<img>\n", 1.5, 1)};
  EXPECT_EQ(
      ranking_markdown(rank(reports)),
      "### eq-bench@2, official\n\n| Rank | Model | score | 95 % interval | Scored | Notes |\n|---:|:---|---:|:---:|---:|:---|\n"
      "| 1 | a\\|b\\_\\*c\\*&lt;img>⏎ | 1.50 | 0.50 to 2.50 | 171 of 171 |  |\n");
}

TEST(RankingHtml, EscapesNamesAndStandsAlone) {
  std::vector<Report> reports{report("<script>x</script>", 1.5, 1)};
  reports[0].deviates = {"<b>"};
  std::string page = ranking_page(rank(reports), "0.1.0");
  EXPECT_EQ(page.find("<script>x"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;x"), std::string::npos);
  EXPECT_EQ(page.find("<b>\""), std::string::npos);
  EXPECT_EQ(page.find("http"), page.find("http-equiv"));
  EXPECT_TRUE(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
}

}  // namespace
}  // namespace assay
