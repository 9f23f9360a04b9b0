// Data files in all the forms they come in, and what is wrong with those that are refused.
#include "base/python_case.h"
#include "benchmark/harness/arc.h"
#include "benchmark/harness/hellaswag.h"
#include "benchmark/harness/mmlu.h"
#include "benchmark/harness/truthfulqa.h"
#include "base/text.h"
#include "golden.h"

namespace assay::harness {
namespace {

using namespace test;

TEST(HellaSwag, CleaningAsTheOriginal) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/hellaswag_preprocess.json");
  const json::value all = golden("hellaswag_preprocess.json");
  const Documents sample = documents(*find_task("hellaswag"), "hellaswag/hellaswag_val_sample.jsonl");
  for (const char* kind : {"synthetic", "real"})
    for (const json::value& one : all.at(kind).as_array()) {
      Documents read;
      if (const json::value* in = find(one, "in")) {
        auto row = read_hellaswag(write_json(*in), "in");
        ASSERT_TRUE(row) << to_string(row.error());
        read = *row;
      } else {
        read.push_back(sample.at(static_cast<std::size_t>(*get_integer(one, "sample_line") - 1)));
      }
      const Document& document = read.front();
      EXPECT_EQ(document.query, get_string(one, "query"));
      const auto& choices = one.at("choices").as_array();
      ASSERT_EQ(document.choices.size(), choices.size());
      for (std::size_t i = 0; i < choices.size(); ++i) {
        EXPECT_EQ(document.choices[i], std::string(choices[i].as_string()));
        if (const json::value* lengths = find(one, "choice_lengths")) {
          EXPECT_EQ(count_code_points(document.choices[i]), lengths->at(i).as_int64());
        }
      }
    }
}

TEST(HellaSwag, Refuses) {
  auto wrong = [](std::string_view text) {
    auto read = read_hellaswag(text, "val.jsonl");
    return read ? std::string("accepted") : read.error().message + " @ " + read.error().where;
  };
  EXPECT_EQ(wrong(""), "the file holds no rows @ val.jsonl");
  EXPECT_TRUE(contains(wrong("{\"ctx_a\": \"a\"}"), "activity_label"));
  EXPECT_TRUE(contains(wrong("\n{\"activity_label\": \"a\", \"ctx_a\": \"b\", \"endings\": [\"x\", 3], \"label\": 0}"), "val.jsonl:2"));
  EXPECT_TRUE(contains(wrong("{\"activity_label\": \"a\", \"ctx_a\": \"b\", \"endings\": [\"x\", \"y\"], \"label\": \"2\"}"), "label"));
  EXPECT_TRUE(contains(wrong("{\"activity_label\": \"a\", \"ctx_a\": \"b\", \"endings\": [\"x\", \"y\"], \"label\": \"\"}"), "label"));
  EXPECT_TRUE(contains(wrong("PAR1xx"), "Parquet"));
  EXPECT_TRUE(contains(wrong("\xff\xfe"), "UTF-8"));
  EXPECT_TRUE(contains(wrong("[1]"), "object"));
}

TEST(Arc, BothForms) {
  auto ai2 = read_arc(
      "{\"id\": \"a\", \"question\": {\"stem\": \"Why?\", \"choices\": [{\"text\": \"x\", \"label\": \"A\"}, {\"text\": \"y\", \"label\": \"B\"}, {\"text\": "
      "\"z\", \"label\": \"C\"}]}, \"answerKey\": \"2\"}\n",
      "f");
  auto exported = read_arc("[{\"question\": \"Why?\", \"choices\": {\"text\": [\"x\", \"y\", \"z\"], \"label\": [\"1\", \"2\", \"3\"]}, \"answerKey\": \"B\"}]", "f");
  ASSERT_TRUE(ai2 && exported);
  for (const Documents& one : {*ai2, *exported}) {
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(one[0].query, "Question: Why?\nAnswer:");
    EXPECT_EQ(one[0].choices, (std::vector<std::string>{"x", "y", "z"}));
    EXPECT_EQ(one[0].gold, 1u);
    EXPECT_EQ(one[0].target(), " y");
  }
  EXPECT_FALSE(read_arc("{\"question\": \"Why?\", \"choices\": {\"text\": [\"x\"]}, \"answerKey\": \"B\"}", "f"));
  EXPECT_FALSE(read_arc("{\"question\": \"Why?\", \"choices\": {\"text\": [\"x\"]}, \"answerKey\": \"\"}", "f"));
  EXPECT_FALSE(read_arc("{\"choices\": {\"text\": [\"x\"]}, \"answerKey\": \"A\"}", "f"));
}

TEST(Mmlu, AllForms) {
  const char* forms[] = {
      "question,choice0,choice1,choice2,choice3,answer\n\" Say \"\"hi\"\", now \",None,N/A,nan,4.0,3\n",
      "\" Say \"\"hi\"\", now \",None,N/A,nan,4.0,D\n",
      "\xEF\xBB\xBF{\"question\": \" Say \\\"hi\\\", now \", \"choices\": [\"None\", \"N/A\", \"nan\", \"4.0\"], \"answer\": 3}\n",
  };
  for (const char* form : forms) {
    auto read = read_mmlu(form, "f");
    ASSERT_TRUE(read) << to_string(read.error());
    ASSERT_EQ(read->size(), 1u);
    EXPECT_EQ((*read)[0].query, "Say \"hi\", now\nA. None\nB. N/A\nC. nan\nD. 4.0\nAnswer:");
    EXPECT_EQ((*read)[0].gold, 3u);
    EXPECT_EQ((*read)[0].choices, (std::vector<std::string>{"A", "B", "C", "D"}));
  }
  auto bracket = read_mmlu("[a] is what?,1,2,3,4,A\n{b} is what?,1,2,3,4,B\n", "f");
  ASSERT_TRUE(bracket);
  EXPECT_EQ(bracket->size(), 2u);
}

TEST(Mmlu, Refuses) {
  auto where = [](std::string_view text) {
    auto read = read_mmlu(text, "f");
    return read ? std::string("accepted") : read.error().where;
  };
  EXPECT_EQ(where("a,b,c,d,e,A\na,b,c\n"), "f:2");
  EXPECT_EQ(where("a,b,c,d,e,E\n"), "f:1");
  EXPECT_EQ(where("a,b,c,d,\"e"), "f:1");
  EXPECT_EQ(where("question,choice0,choice1,choice2,choice3,answer\n"), "f");
  EXPECT_EQ(where("{\"question\": \"q\", \"choices\": [\"1\"], \"answer\": 0}"), "f:1");
}

TEST(TruthfulQa, BothForms) {
  auto task = read_truthfulqa("[{\"question\": \"Q\", \"mc1_targets\": {\"a\": 1, \"b\": 0}, \"mc2_targets\": {\"a\": 1, \"c\": 1, \"b\": 0, \"d\": 1}}]", "f");
  auto exported = read_truthfulqa(
      "{\"question\": \"Q\", \"mc1_targets\": {\"choices\": [\"a\", \"b\"], \"labels\": [1, 0]}, \"mc2_targets\": {\"choices\": [\"a\", \"c\", \"b\", \"d\"], "
      "\"labels\": [1, 1, 0, 1]}}",
      "f");
  ASSERT_TRUE(task && exported);
  for (const Documents& one : {*task, *exported}) {
    EXPECT_EQ(one[0].query, "Q: Q\nA:");
    EXPECT_EQ(one[0].choices, (std::vector<std::string>{"a", "b", "a", "c", "b", "d"}));
    EXPECT_EQ(one[0].mc1, 2u);
    EXPECT_EQ(one[0].truths, 2u);
  }
  EXPECT_FALSE(read_truthfulqa("[{\"question\": \"Q\", \"mc1_targets\": {\"a\": 1}, \"mc2_targets\": {\"a\": 1}}]", "f"));
  EXPECT_FALSE(read_truthfulqa("[{\"question\": \"Q\", \"mc1_targets\": {}, \"mc2_targets\": {\"a\": 0}}]", "f"));
  EXPECT_FALSE(read_truthfulqa("[{\"question\": \"Q\", \"mc1_targets\": {\"a\": 2}, \"mc2_targets\": {\"a\": 0}}]", "f"));
}

TEST(Capitalize, AsPython) {
  EXPECT_EQ(capitalize(""), "");
  EXPECT_EQ(capitalize("the MAN"), "The man");
  EXPECT_EQ(capitalize("ΑΣ"), "Ας");
  EXPECT_EQ(capitalize("Σ"), "Σ");
  EXPECT_EQ(capitalize("ﬃX"), "Ffix");
  EXPECT_EQ(capitalize("ǆA"), "ǅa");
  EXPECT_EQ(capitalize("ბ"), "ბ");
}

}  // namespace
}  // namespace assay::harness
