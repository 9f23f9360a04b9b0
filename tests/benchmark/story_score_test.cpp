// Scores of items, iterations and runs, and the judge's words they are read from, against the original's results.
#include "benchmark/story_score.h"

#include <gtest/gtest.h>

#include "base/number.h"
#include "base/python_regex.h"
#include "base/random.h"
#include "base/text.h"
#include "benchmark/story_judgement.h"
#include "support/shared_data.h"

namespace assay::story {
namespace {

Scores scores_of(const json::value& object) {
  Scores out;
  for (const auto& member : object.as_object()) out.emplace_back(std::string(member.key()), as_number(member.value()).value());
  return out;
}

void expect_judgement(const json::value& expected, const std::string& what) {
  const std::string text = get_string(expected, "text").value();
  const Judgement read = read_judgement(text);
  const json::array& scores = find(expected, "scores")->as_array();
  ASSERT_EQ(read.scores.size(), scores.size()) << what << ": " << shorten(text, 100);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(read.scores[i].first, std::string(scores[i].as_array()[0].as_string())) << what;
    EXPECT_EQ(read.scores[i].second, as_number(scores[i].as_array()[1])) << what << " " << read.scores[i].first;
  }
  const json::value* item = find(expected, "item_score");
  auto score = item_score(read.scores, Negatives::v2_4);
  if (item->is_null())
    EXPECT_FALSE(score) << what;
  else
    EXPECT_NEAR(10 * score.value(), as_number(*item).value(), 1e-9) << what;
}

TEST(Golden, CraftedJudgements) {
  ASSAY_NEED_SHARED("golden/eq-bench/cw_parse.json");
  const json::value file = test::load_json(test::shared("golden/eq-bench/cw_parse.json"));
  const json::array& cases = find(file, "cases")->as_array();
  ASSERT_GT(cases.size(), 30u);
  for (std::size_t i = 0; i < cases.size(); ++i) expect_judgement(cases[i], "case " + std::to_string(i));
}

TEST(Golden, PublishedJudgements) {
  ASSAY_NEED_SHARED("golden/eq-bench/cw_published.json");
  const json::value file = test::load_json(test::shared("golden/eq-bench/cw_published.json"));
  std::size_t judged = 0;
  for (const json::value& model : find(file, "cases")->as_array()) {
    std::vector<double> items;
    for (const json::value& output : find(model, "judge_outputs")->as_array()) {
      expect_judgement(output, get_string(model, "model").value() + " " + std::to_string(items.size()));
      if (auto score = item_score(read_judgement(get_string(output, "text").value()).scores, Negatives::v2_4)) items.push_back(*score);
      ++judged;
    }
    const IterationScore iteration = score_iteration(items);
    EXPECT_EQ(score_run({&iteration, 1}).score, get_number(model, "benchmark_score_of_this_single_iteration"));
  }
  EXPECT_EQ(judged, 62u);
}

TEST(Golden, Aggregates) {
  ASSAY_NEED_SHARED("golden/eq-bench/cw_aggregate.json");
  const json::value file = test::load_json(test::shared("golden/eq-bench/cw_aggregate.json"));
  const json::array& cases = find(file, "cases")->as_array();
  ASSERT_EQ(cases.size(), 9u);
  for (const json::value& one : cases) {
    std::vector<IterationScore> iterations;
    for (const auto& iteration : find(one, "iterations")->as_object()) {
      std::vector<double> items;
      for (const auto& item : iteration.value().as_object())
        if (auto score = item_score(scores_of(item.value()), Negatives::v2_4)) items.push_back(*score);
      iterations.push_back(score_iteration(items));
    }
    EXPECT_EQ(score_run(iterations).score, get_number(one, "expect")) << get_string(one, "name").value();
  }
}

TEST(Judgement, TenItemsAreTooFew) {
  std::vector<double> ten(10, 5.0), eleven(11, 6.0);
  std::vector<IterationScore> both{score_iteration(ten), score_iteration(eleven)};
  EXPECT_FALSE(both[0].counted());
  EXPECT_TRUE(both[1].counted());
  EXPECT_EQ(score_run(both).score, 60.0);
  EXPECT_EQ(score_run({both.data(), 1}).score, 0.0);
  EXPECT_EQ(score_run({both.data(), 1}).counted, 0u);
}

TEST(Judgement, NegativeNamesDependOnTheRelease) {
  EXPECT_TRUE(is_negative(" Not AMATEURISH at all ", Negatives::v2_3));
  EXPECT_TRUE(is_negative("Purple Prose", Negatives::v2_4));
  EXPECT_FALSE(is_negative("Purple Prose", Negatives::v2_3));
  EXPECT_FALSE(is_negative("Coherent", Negatives::v2_4));
  EXPECT_EQ(counted_value("Trite", 12, Negatives::v2_4), -2);
}

TEST(Judgement, MarksAreRemovedOrKeptByTheRelease) {
  const std::string text = "**Coherent:** [8]\n[Trite]: [Score 2]*";
  const Judgement now = read_judgement(text);
  EXPECT_EQ(now.text, "Coherent: 8\nTrite: Score 2");
  ASSERT_EQ(now.spans.size(), 2u);
  EXPECT_EQ(text.substr(now.spans[0].first, now.spans[0].second - now.spans[0].first), "Coherent:** [8");
  EXPECT_EQ(text.substr(now.spans[1].first, now.spans[1].second - now.spans[1].first), "Trite]: [Score 2");
  EXPECT_TRUE(read_judgement(text, false).scores.empty());
  EXPECT_EQ(read_judgement("**Trite**: 3", false).scores.at(0).first, "**Trite**");
}

TEST(Judgement, HugeNumbersAreNone) {
  const Judgement read = read_judgement("A: " + std::string(400, '9') + "\nB: 4");
  ASSERT_EQ(read.scores.size(), 1u);
  EXPECT_EQ(read.scores[0].first, "B");
}

/// The scanner against the expression it stands for, on random texts of the signs that matter.
TEST(Judgement, FindsWhatTheExpressionFinds) {
  auto regex = PythonRegex::compile(R"((.*?):\s*(?:Score\s+)?(-?\d+(?:\.\d+)?))");
  ASSERT_TRUE(regex);
  const std::vector<std::string> signs{"a", "B", ":", ":", " ", "\n", "1", "20", ".", "-", "Score", "Score ", "\t", "\xEF\xBC\x98", "\xC2\xA0", "*", "\r", ": 3", "\xE2\x80\x99"};
  Random random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint64_t n = random.below(24); n > 0; --n) text += signs[random.below(signs.size())];
    auto matches = regex->find_all(text);
    ASSERT_TRUE(matches);
    std::vector<std::pair<std::string, double>> expected;
    for (const Match& match : *matches) {
      std::string name(strip(match.text(text, 1)));
      double value = python_float(match.text(text, 2)).value();
      auto it = std::find_if(expected.begin(), expected.end(), [&](const auto& one) { return one.first == name; });
      if (it == expected.end())
        expected.emplace_back(name, value);
      else
        it->second = value;
    }
    const Judgement read = read_judgement(text, false);
    ASSERT_EQ(read.scores, expected) << text;
    ASSERT_EQ(read.spans.size(), expected.size());
  }
}

TEST(Judgement, IsLinear) {
  // 3 MB on one line without a score, then colons without end: minutes for a scan that starts again at every sign.
  EXPECT_TRUE(read_judgement(std::string(3'000'000, 'a')).scores.empty());
  std::string colons;
  for (int i = 0; i < 500'000; ++i) colons += "x: ";
  EXPECT_TRUE(read_judgement(colons).scores.empty());
}

}  // namespace
}  // namespace assay::story
