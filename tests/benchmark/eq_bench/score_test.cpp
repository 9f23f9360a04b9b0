#include "benchmark/eq_bench/score.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace assay::eq_bench {
namespace {

Answers answers(std::initializer_list<std::pair<const char*, const char*>> list) {
  Answers out;
  for (auto [name, digits] : list) out.push_back({name, digits, {}});
  return out;
}

TEST(EqBenchScore, PerfectAnswerScoresTen) {
  Question q = test::small_question();
  EXPECT_EQ(
      score_v2(answers({{"Calm", "7"}, {"Proud", "8"}, {"Jealous", "2"}, {"Bored", "0"}}), *q.fullscale, Names::fold_case).value,
      10.0);
  EXPECT_EQ(
      score_v1(answers({{"Calm", "8"}, {"Proud", "10"}, {"Jealous", "2"}, {"Bored", "0"}}), q.reference, Names::fold_case, false)
          .value,
      10.0);
}

TEST(EqBenchScore, PenaltyIsSShapedToFiveAndLinearBeyond) {
  EXPECT_EQ(penalty_v2(0), 0);
  EXPECT_DOUBLE_EQ(penalty_v2(4), 3.25);  // the inflection: half of 6.5
  EXPECT_GT(penalty_v2(5), 4.99);
  EXPECT_EQ(penalty_v2(5.5), 5.5);
  EXPECT_EQ(penalty_v2(40), 40);
}

TEST(EqBenchScore, TermsAddUpToTheTally) {
  Question q = test::small_question();
  Score s =
      score_v2(answers({{"calm", "1"}, {"Proud", "8"}, {"Jealous", "9"}, {"Bored", "3"}}), *q.fullscale, Names::fold_case, true);
  ASSERT_EQ(s.terms.size(), 4u);
  double tally = 0;
  for (const Term& term : s.terms) tally += term.penalty;
  EXPECT_EQ(tally, s.tally);
  EXPECT_EQ(*s.value, 10 - tally * 0.7477);
  EXPECT_EQ(s.terms[2].difference, 7);
}

TEST(EqBenchScore, V1ForgetsNamesInOtherCaseUnlessStrict) {
  Question q = test::small_question();
  Answers lower = answers({{"calm", "0"}, {"proud", "0"}, {"jealous", "0"}, {"bored", "9"}});
  Score loose = score_v1(lower, q.reference, Names::fold_case, false);
  EXPECT_EQ(loose.value, 10.0);
  EXPECT_TRUE(loose.whole);
  Score strict = score_v1(lower, q.reference, Names::fold_case, true);
  EXPECT_EQ(strict.value, -10.0);
  EXPECT_FALSE(strict.whole);
  EXPECT_FALSE(score_v1(lower, q.reference, Names::exact, false).value);
}

TEST(EqBenchScore, TheSameNameTwiceIsFourInV1AndThreeInV2) {
  Question q = test::small_question();
  Answers twice = answers({{"Calm", "1"}, {"calm", "1"}, {"Proud", "1"}, {"Bored", "1"}});
  EXPECT_TRUE(score_v1(twice, q.reference, Names::fold_case, false).value);
  EXPECT_FALSE(score_v2(twice, *q.fullscale, Names::fold_case).value);
}

TEST(EqBenchScore, AllZeroIsRejectedByV1Only) {
  Question q = test::small_question();
  Answers zero = answers({{"Calm", "0"}, {"Proud", "0"}, {"Jealous", "0"}, {"Bored", "0"}});
  EXPECT_FALSE(score_v1(zero, q.reference, Names::fold_case, false).value);
  EXPECT_TRUE(score_v2(zero, *q.fullscale, Names::fold_case).value);
}

TEST(EqBenchScore, WhatIsNoNumberIsAnError) {
  Question q = test::small_question();
  for (const std::string& bad : {std::string("2,5"), std::string(400, '9')}) {
    Answers a = answers({{"Calm", bad.c_str()}, {"Proud", "0"}, {"Jealous", "0"}, {"Bored", "0"}});
    EXPECT_TRUE(score_v1(a, q.reference, Names::fold_case, false).error);
    EXPECT_TRUE(score_v2(a, *q.fullscale, Names::fold_case).error);
    a[1].name = "Sad";  // the names are looked at first
    EXPECT_FALSE(score_v2(a, *q.fullscale, Names::fold_case).error);
  }
  std::string huge(308, '9');
  Answers a = answers({{"Calm", huge.c_str()}, {"Proud", huge.c_str()}, {"Jealous", huge.c_str()}, {"Bored", huge.c_str()}});
  EXPECT_TRUE(score_v2(a, *q.fullscale, Names::fold_case).error);
}

TEST(EqBenchGolden, QuestionScores) {
  ASSAY_NEED_SHARED("golden/eq-bench/question_scores.json");
  json::value file = assay::test::load_json(assay::test::shared("golden/eq-bench/question_scores.json"));
  std::size_t cases = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    const Question& q = test::question(test::official("v2", "en"), test::text_of(c, "question_id"));
    Answers given;
    for (const json::value& pair : find(c, "answers")->as_array()) {
      const json::value& v = pair.as_array()[1];
      given.push_back({pair.as_array()[0].as_string().c_str(), v.is_string() ? std::string(v.as_string()) : write_json(v), {}});
    }
    bool v2 = test::text_of(c, "formula") == "v2";
    Score score = v2 ? score_v2(given, *q.fullscale, Names::fold_case) : score_v1(given, q.reference, Names::fold_case, false);
    test::expect_score(score, *find(c, "score"), "case " + std::to_string(cases));
    if (const json::value& wanted = *find(c, "score"); wanted.is_number()) EXPECT_EQ(score.whole, !wanted.is_double()) << cases;
    ++cases;
  }
  EXPECT_EQ(cases, 228u);
}

}  // namespace
}  // namespace assay::eq_bench
