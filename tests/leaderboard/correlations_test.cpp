#include "leaderboard/correlations.h"

#include <gtest/gtest.h>

#include "dataset/csv.h"
#include "leaderboard/correlation_formats.h"
#include "support/shared_data.h"

namespace assay {
namespace {

const char* const kScores =
    "model,Arena Elo,good,bad,short\na,1300,90,10,1\nb,1250,80,20,\nc,1200,70,30,\nd,1150,60,40,\ne,1100,50,50,\nf,1050,45,60,2\ng,1000,40,55,3\n";

ScoreTable scores() {
  ScoreTable table;
  EXPECT_TRUE(table.add(kScores, "scores.csv"));
  return table;
}

TEST(Correlations, AgainstTheReferenceAndEachOther) {
  const ScoreTable table = scores();
  auto found = correlate(table, {});
  ASSERT_TRUE(found) << to_string(found.error());
  ASSERT_TRUE(found->reference);
  EXPECT_EQ(table.columns[*found->reference].name, "Arena Elo");
  ASSERT_EQ(found->columns.size(), 3u);
  EXPECT_EQ(table.columns[found->columns[1]].name, "good");
  EXPECT_EQ(table.columns[found->columns[2]].name, "bad");
  ASSERT_EQ(found->notes.size(), 1u);
  EXPECT_NE(found->notes[0].find("\"short\" is left out"), std::string::npos);
  ASSERT_EQ(found->pairs.size(), 3u);
  EXPECT_EQ(found->pairs[0].spearman, 1.0);
  EXPECT_NEAR(*found->pairs[1].spearman, -1 + 6.0 * 2 / (7 * 48), 1e-12);
  const PairCorrelation* pair = found->find(found->columns[2], found->columns[1]);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->n, 7u);
  EXPECT_TRUE(pair->intervals.spearman);
}

TEST(Correlations, AnIntervalDependsOnItsPairAlone) {
  const ScoreTable table = scores();
  auto all = correlate(table, {}), few = correlate(table, {"Arena Elo", {"bad"}}), other = correlate(table, {"Arena Elo", {"bad"}, 5, 2000, 7});
  ASSERT_TRUE(all && few && other);
  ASSERT_EQ(few->pairs.size(), 1u);
  EXPECT_EQ(all->pairs[1].intervals.spearman->low, few->pairs[0].intervals.spearman->low);
  EXPECT_NE(few->pairs[0].intervals.pearson->high, other->pairs[0].intervals.pearson->high);
}

TEST(Correlations, WhatCannotBeComparedIsAUsageError) {
  const ScoreTable table = scores();
  EXPECT_EQ(correlate(table, {"nothing"}).error().kind, ErrorKind::usage);
  EXPECT_EQ(correlate(table, {"", {"short", "good"}}).error().kind, ErrorKind::usage);
  EXPECT_EQ(correlate(table, {"short"}).error().kind, ErrorKind::usage);
  EXPECT_TRUE(correlate(table, {"short", {}, 3}));
}

/// A thousand columns that share no model with another: what they hold is looked at, not every model for every two of them.
TEST(Correlations, ManyColumnsOfFewModels) {
  ScoreTable table;
  for (int m = 0; m < 100'000; ++m) table.models.push_back("m" + std::to_string(m));
  for (std::size_t c = 0; c < 1'000; ++c) {
    ScoreColumn column{"c" + std::to_string(c), "many", std::vector<std::optional<double>>(5'000)};
    for (std::size_t i = 0; i < 5; ++i) column.values[c * 5 + i] = 1;
    table.columns.push_back(std::move(column));
  }
  auto found = correlate(table, {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "no two columns share 5 models");
}

TEST(Correlations, EveryFormatHoldsThem) {
  ScoreTable table = scores();
  table.columns[1].name = "good <b>";
  const CorrelationOptions options;
  auto found = correlate(table, options);
  ASSERT_TRUE(found);
  const std::string text = correlations_text(table, *found, {});
  EXPECT_NE(text.find("Correlation with Arena Elo"), std::string::npos);
  EXPECT_NE(text.find("1.000"), std::string::npos);
  auto rows = parse_csv(correlations_csv(table, *found));
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_EQ((*rows)[1][1], "good <b>");
  EXPECT_EQ((*rows)[1][3], "1.0");
  const json::object document = correlations_json(table, *found, options);
  EXPECT_EQ(document.at("pairs").as_array().size(), 3u);
  EXPECT_EQ(*as_number(document.at("pairs").at(0).at("spearman").at("value")), 1.0);
  const std::string page = correlations_page(table, *found, options, "1");
  EXPECT_EQ(page.find("<b>good"), std::string::npos);
  EXPECT_NE(page.find("good &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("style=\""), std::string::npos);
  EXPECT_NE(page.find("<circle"), std::string::npos);
  EXPECT_NE(page.find("class=\"heat below\""), std::string::npos);
  // Without a reference: the pairs, strongest first.
  table.columns[0].name = "other";
  auto pairs = correlate(table, options);
  ASSERT_TRUE(pairs);
  EXPECT_FALSE(pairs->reference);
  const std::string list = correlations_text(table, *pairs, {});
  EXPECT_LT(list.find("good"), list.find("bad"));
  EXPECT_NE(correlations_page(table, *pairs, options, "1").find("How alike"), std::string::npos);
}

/// The published figures, from the published tables: 0.93 and 0.96 with the Arena.
TEST(Correlations, PublishedSheetOfMixeval) {
  ASSAY_NEED_SHARED("golden/mixeval/correlation.json");
  ScoreTable table;
  // The two tables name some models differently.
  ASSERT_TRUE(table.add_names(
      "Gemini 1.5 Pro-API-0409,Gemini 1.5 Pro API-0409-Preview\nMistral-Large,Mistral-Large-2402\nGemini 1.0 Pro,Gemini Pro\nReka Flash-20240226,Reka-Flash-21B\n"
      "Vicuna-33B-v1.3,Vicuna-33B\nZephyr-7B-\u03b2,Zephyr-7b-beta\nVicuna-7B-v1.5,Vicuna-7B\n",
      "names"));
  for (const char* file : {"upstream/mixeval/benchmark_scores.csv", "upstream/mixeval/leaderboard_2024-06-01.json"}) {
    auto text = read_file(test::shared(file));
    ASSERT_TRUE(text);
    auto added = table.add(*text, file);
    ASSERT_TRUE(added) << to_string(added.error());
  }
  const json::value golden = test::load_json(test::shared("golden/mixeval/correlation.json"));
  for (const json::value& item : golden.at("items").as_array()) {
    const std::string elo = *get_string(item, "elo");
    const std::size_t from = elo.find('"') + 1;
    CorrelationOptions options;
    options.reference = elo.substr(from, elo.rfind('"') - from);
    options.columns = {*get_string(item, "score")};
    options.replicates = 200;
    auto found = correlate(table, options);
    ASSERT_TRUE(found) << to_string(found.error());
    ASSERT_EQ(found->pairs.size(), 1u);
    const PairCorrelation& pair = found->pairs[0];
    const double scale = *get_number(item, "scale");
    EXPECT_EQ(static_cast<std::int64_t>(pair.n), *get_integer(item, "n")) << elo;
    EXPECT_NEAR(*pair.spearman, *get_number(item, "spearman"), 1e-9) << elo;
    EXPECT_NEAR(*pair.pearson, *get_number(item, "pearson"), 1e-9) << elo;
    EXPECT_NEAR(*pair.kendall_tau_b, *get_number(item, "kendall_tau_b"), 1e-9) << elo;
    EXPECT_NEAR(pair.line->slope / scale, *get_number(item, "slope"), 1e-9) << elo;
    EXPECT_NEAR(pair.line->intercept / scale, *get_number(item, "intercept"), 1e-9) << elo;
    EXPECT_NEAR(pair.line->rmse / scale, *get_number(item, "rmse"), 1e-9) << elo;
  }
}

}  // namespace
}  // namespace assay
