#include "benchmark/eq_bench/attempts.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace assay::eq_bench {
namespace {

using test::protocol;
constexpr const char* kGood = "Calm: 7\nProud: 8\nJealous: 2\nBored: 0";

TEST(EqBenchAttempts, StopsAtTheFirstAcceptedAnswer) {
  Question q = test::small_question();
  Protocol p = protocol("2", "en", false);
  Attempts attempts(q, p);
  EXPECT_EQ(attempts.temperature(), 0.01);
  EXPECT_FALSE(attempts.give("hello").accepted);
  EXPECT_EQ(attempts.temperature(), 0.01 + 0.15);
  EXPECT_FALSE(attempts.stored());
  EXPECT_TRUE(attempts.give(std::string("  ") + kGood + "\n").accepted);
  EXPECT_TRUE(attempts.done());
  EXPECT_EQ(attempts.stored(), 1u);
  EXPECT_EQ(attempts.all()[1].text, kGood);
}

TEST(EqBenchAttempts, SaysWhyAnAnswerIsNotAccepted) {
  Question q = test::small_question();
  Protocol p = protocol("2", "en", false);
  Attempts attempts(q, p);
  EXPECT_EQ(attempts.give(std::nullopt).why, "no text came");
  EXPECT_EQ(attempts.give("Calm: 0\nProud: 0\nJealous: 0\nBored: 0").why, "all scores are zero");
  EXPECT_EQ(attempts.give("Calm: 0\nProud: 0").why, "2 emotions found instead of 4");
  EXPECT_TRUE(attempts.done());
  EXPECT_FALSE(attempts.stored());
}

TEST(EqBenchAttempts, RevisionKeepsTheFirstPartialAnswer) {
  Question q = test::small_question();
  Protocol p = protocol("2", "en", true);
  EXPECT_EQ(p.max_tokens, 600);
  Attempts attempts(q, p);
  attempts.give("nothing");
  attempts.give("Revised scores:\n" + std::string(kGood));
  EXPECT_FALSE(attempts.stored());  // only after the last attempt
  attempts.give("First pass scores:\n" + std::string(kGood) + "\nRevised scores:\n");
  EXPECT_EQ(attempts.stored(), 1u);
  EXPECT_FALSE(attempts.accepted());
}

TEST(EqBenchAttempts, AnErrorInOnePassLosesThePartialAnswer) {
  Question q = test::small_question();
  Protocol p = protocol("2", "de", true);
  Attempts attempts(q, p);
  attempts.give("Erste:\nCalm: 2,5\nProud: 8\nJealous: 2\nBored: 1\nÜberarbeitete:\n" + std::string(kGood));
  attempts.give("x");
  attempts.give("x");
  EXPECT_FALSE(attempts.stored());
}

TEST(EqBenchProtocol, OptionsAndTheirErrors) {
  EXPECT_EQ(make_protocol("2", "", {{"revise", "true"}, {"program", "2.3"}})->max_tokens, 60);
  EXPECT_EQ(make_protocol("2", "", {{"revise", "true"}, {"program", "2.1"}})->max_tokens, 1000);
  EXPECT_EQ(make_protocol("1", "", {})->max_tokens, 60);
  EXPECT_EQ(make_protocol("1", "de", {}).error().kind, ErrorKind::usage);
  EXPECT_EQ(make_protocol("3", "", {}).error().kind, ErrorKind::usage);
  EXPECT_EQ(make_protocol("2", "fr", {}).error().kind, ErrorKind::usage);
  EXPECT_EQ(make_protocol("2", "", {{"program", "9"}}).error().kind, ErrorKind::usage);
  EXPECT_EQ(make_protocol("2", "", {{"revise", "perhaps"}}).error().kind, ErrorKind::usage);
  EXPECT_EQ(make_protocol("2", "", {{"revize", "true"}}).error().hint, "did you mean revise?");
}

void expect_map(const Answers& answers, const json::value& wanted, const std::string& what) {
  const json::object& object = wanted.as_object();
  ASSERT_EQ(answers.size(), object.size()) << what;
  std::size_t i = 0;
  for (const auto& member : object) {
    EXPECT_EQ(answers[i].name, std::string_view(member.key())) << what;
    EXPECT_EQ(answers[i].digits, std::string_view(member.value().as_string())) << what;
    ++i;
  }
}

TEST(EqBenchGolden, ProcessQuestion) {
  ASSAY_NEED_SHARED("golden/eq-bench/process_question.json");
  json::value file = assay::test::load_json(assay::test::shared("golden/eq-bench/process_question.json"));
  std::size_t cases = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    std::string version = test::text_of(c, "version"), lang = test::text_of(c, "lang"), id = test::text_of(c, "question_id");
    std::string what = test::text_of(c, "name") + " " + version + " " + lang + " " + id;
    Protocol p = protocol(version.substr(1), lang, test::bool_of(c, "revise"));
    Attempts attempts(test::question(test::official(version, lang), id), p);
    const json::array& replies = find(c, "replies")->as_array();
    const json::array& calls = find_path(c, {"expect", "calls"})->as_array();
    for (const json::value& call : calls) {
      ASSERT_FALSE(attempts.done()) << what;
      EXPECT_EQ(attempts.temperature(), get_number(call, "temperature").value()) << what;
      EXPECT_EQ(p.max_tokens, get_integer(call, "max_tokens").value()) << what;
      std::size_t n = attempts.all().size();
      if (n < replies.size() && replies[n].is_string()) {
        attempts.give(std::string_view(replies[n].as_string()));
      } else {
        attempts.give(std::nullopt);
      }
    }
    EXPECT_TRUE(attempts.done()) << what;
    const json::value& stored = *find_path(c, {"expect", "stored"});
    const json::value* answer = find_path(stored, {"respondent_answers", id});
    ASSERT_EQ(attempts.stored().has_value(), answer != nullptr) << what;
    if (answer) {
      const Attempt& a = attempts.all()[*attempts.stored()];
      expect_map(a.parsed.first_pass, *find(*answer, "first_pass"), what);
      expect_map(a.parsed.revised, *find(*answer, "revised"), what);
      EXPECT_EQ(a.text, test::text_of(*find(stored, "raw_inference"), id)) << what;
      const json::value &v1 = *find_path(stored, {"individual_scores", id}),
                        &v2 = *find_path(stored, {"individual_scores_fullscale", id});
      test::expect_score(a.scores.first_v1, *find(v1, "first_pass_score"), what);
      test::expect_score(a.scores.first_v2, *find(v2, "first_pass_score"), what);
      if (p.revise) {
        test::expect_score(a.scores.revised_v1, *find(v1, "revised_score"), what);
        test::expect_score(a.scores.revised_v2, *find(v2, "revised_score"), what);
      } else {
        EXPECT_TRUE(find(v1, "revised_score")->is_null());
        EXPECT_FALSE(a.scores.revised_v1.value);
      }
    }
    ++cases;
  }
  EXPECT_EQ(cases, 48u);
}

}  // namespace
}  // namespace assay::eq_bench
