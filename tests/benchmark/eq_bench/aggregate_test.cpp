#include "benchmark/eq_bench/aggregate.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace assay::eq_bench {
namespace {

TEST(EqBenchAggregate, TiesGoToTheRevisedScores) {
  std::vector<QuestionScore> questions{{6.0, 6.0}, {7.0, 7.0}};
  IterationScore s = score_iteration(questions);
  EXPECT_TRUE(s.final_is_revised);
  EXPECT_EQ(s.final_score(), 65);
}

TEST(EqBenchAggregate, RevisedNeedsNearlyAsManyQuestions) {
  std::vector<QuestionScore> questions(20, QuestionScore{5.0, 9.0});
  questions[0].revised.reset();
  EXPECT_TRUE(score_iteration(questions).final_is_revised);  // 19 of 20
  questions[1].revised.reset();
  EXPECT_FALSE(score_iteration(questions).final_is_revised);
}

TEST(EqBenchAggregate, DividesByWhatWasDeclared) {
  std::vector<QuestionScore> questions{{8.0, std::nullopt}};
  std::vector<IterationScore> one{score_iteration(questions)};
  EXPECT_EQ(score_run(one, 1).score, 80);
  EXPECT_EQ(score_run(one, 3).score, 26.67);
  EXPECT_EQ(score_run(one, 3).parseable, 0.33);
  EXPECT_EQ(score_run({}, 1).score, 0);
}

TEST(EqBenchAggregate, FailureRule) {
  EXPECT_FALSE(too_few_parseable(143, 171));
  EXPECT_TRUE(too_few_parseable(142, 171));
  EXPECT_FALSE(too_few_parseable(50, 60));
  EXPECT_TRUE(too_few_parseable(49, 60));
  EXPECT_EQ(too_few_text(142), "142.0 questions were parseable (min is 83%)");
}

TEST(EqBenchGolden, Aggregate) {
  ASSAY_NEED_SHARED("golden/eq-bench/aggregate.json");
  json::value file = assay::test::load_json(assay::test::shared("golden/eq-bench/aggregate.json"));
  std::size_t cases = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    std::string what = test::text_of(c, "name");
    std::vector<IterationScore> iterations;
    std::vector<std::string> names;
    for (const auto& [key, questions] : find(c, "iterations")->as_object()) {
      std::vector<QuestionScore> scores;
      for (const auto& member : questions.as_object())
        scores.push_back({get_number(member.value(), "first_pass_score"), get_number(member.value(), "revised_score")});
      iterations.push_back(score_iteration(scores));
      names.emplace_back(key);
    }
    RunScore run = score_run(iterations, static_cast<std::size_t>(get_integer(c, "total_iterations").value()));
    const json::value& expect = *find(c, "expect_v2");
    EXPECT_EQ(run.score, get_number(expect, "score").value()) << what;
    EXPECT_EQ(run.parseable, get_number(expect, "parseable").value()) << what;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const json::value& wanted = *find_path(expect, {"iterations", names[i]});
      if (wanted.is_null()) continue;  // beyond the declared number
      EXPECT_NEAR(iterations[i].first_pass, get_number(wanted, "first_pass_score").value(), 1e-9) << what;
      EXPECT_NEAR(iterations[i].revised, get_number(wanted, "revised_score").value(), 1e-9) << what;
      EXPECT_NEAR(iterations[i].final_score(), get_number(wanted, "final_score").value(), 1e-9) << what;
      EXPECT_EQ(iterations[i].first_pass_parseable, static_cast<std::size_t>(get_integer(wanted, "first_pass_parseable").value()))
          << what;
      EXPECT_EQ(iterations[i].revised_parseable, static_cast<std::size_t>(get_integer(wanted, "revised_parseable").value()))
          << what;
      EXPECT_EQ(iterations[i].final_parseable(), static_cast<std::size_t>(get_integer(wanted, "final_parseable").value()))
          << what;
    }
    ++cases;
  }
  EXPECT_EQ(cases, 25u);
}

}  // namespace
}  // namespace assay::eq_bench
