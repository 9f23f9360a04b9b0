#include "benchmark/eq_bench/questions.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace assay::eq_bench {
namespace {

const std::string kReference =
    R"({"emotion1":"Calm","emotion2":"Proud","emotion3":"Jealous","emotion4":"Bored","emotion1_score":4,"emotion2_score":"5","emotion3_score":1,"emotion4_score":0})";

std::string file(const std::string& reference) {
  return "{\n  \"7\": {\"prompt\": \"p\", \"reference_answer\": " + kReference +
         "},\n  \"x\": {\"prompt\": \"q\", \"reference_answer\": " + reference + "}\n}";
}

TEST(EqBenchQuestions, ReadsInFileOrderWithNumbersAsTexts) {
  auto read = read_questions(file(kReference), "f.json");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].id, "7");
  EXPECT_EQ((*read)[1].id, "x");
  EXPECT_EQ((*read)[0].reference.scores[1], 5);
  EXPECT_EQ((*read)[0].reference.lowered[0], "calm");
  EXPECT_FALSE((*read)[0].fullscale);
  auto null = read_questions("{\"7\": {\"prompt\": \"p\", \"reference_answer\": " + kReference + ", \"reference_answer_fullscale\": null}}", "f.json");
  ASSERT_TRUE(null) << to_string(null.error());
  EXPECT_FALSE((*null)[0].fullscale);
}

TEST(EqBenchQuestions, ErrorsNameTheKeyAndTheLine) {
  auto broken = [](std::string from, std::string to) {
    std::string reference = kReference;
    reference.replace(reference.find(from), from.size(), to);
    auto read = read_questions(file(reference), "f.json");
    return read ? std::string("accepted") : read.error().message + " @ " + read.error().where;
  };
  EXPECT_EQ(broken(R"("emotion3_score":1,)", ""), "question \"x\": reference_answer.emotion3_score is missing @ f.json:3:3");
  EXPECT_EQ(broken(R"("emotion3_score":1)", R"("emotion3_score":"much")"),
            "question \"x\": reference_answer.emotion3_score is not a number @ f.json:3:3");
  EXPECT_EQ(broken("Jealous", "calm"), "question \"x\": reference_answer.emotion3 repeats the name of emotion1 @ f.json:3:3");
  EXPECT_EQ(broken(R"("emotion4":"Bored")", R"("emotion4":7)"),
            "question \"x\": reference_answer.emotion4 is missing or not a text @ f.json:3:3");
}

TEST(EqBenchQuestions, ErrorsOfTheWholeFile) {
  auto where = [](std::string_view text) {
    auto read = read_questions(text, "f.json");
    EXPECT_FALSE(read);
    if (read) return std::string();
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    return read.error().where;
  };
  EXPECT_EQ(where("{\n \"1\": oops}").substr(0, 9), "f.json:2:");
  EXPECT_EQ(where("[]"), "f.json");
  EXPECT_EQ(where("{}"), "f.json");
  EXPECT_EQ(where("{\"1\": 5}"), "f.json:1:2");
  EXPECT_EQ(where("{\"1\": {\"prompt\": \"\"}}"), "f.json:1:2");
}

TEST(EqBenchQuestions, VersionByCount) {
  EXPECT_EQ(version_by_count(60), "1");
  EXPECT_EQ(version_by_count(171), "2");
  EXPECT_EQ(version_by_count(6), "2");
}

TEST(EqBenchQuestions, OfficialFiles) {
  ASSAY_NEED_SHARED("upstream/eq-bench/data/eq_bench_v2_questions_171.json");
  EXPECT_EQ(test::official("v1", "en").size(), 60u);
  for (const char* lang : {"en", "de", "ja", "jahalf"}) {
    ASSERT_EQ(test::official("v2", lang).size(), 171u);
    EXPECT_EQ(test::official("v2", lang).back().id, "171");
    for (const Question& q : test::official("v2", lang)) EXPECT_TRUE(q.fullscale) << q.id;
  }
}

}  // namespace
}  // namespace assay::eq_bench
