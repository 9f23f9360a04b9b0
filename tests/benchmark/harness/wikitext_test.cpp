// WikiText as text, worked out by hand from the harness's rules.
#include "benchmark/harness/wikitext.h"

#include "benchmark/harness/yaml_golden.h"
#include "benchmark/harness/yaml_scoring.h"

namespace assay::harness {
namespace {

std::string plain(std::string_view page) {
  auto text = detokenize_wikitext(page);
  return text ? *text : "error: " + text.error().message;
}

TEST(Wikitext, ReadsAsWritten) {
  EXPECT_EQ(plain(" = Robins = \n \n The 1 @,@ 200 birds ' nests , built in 3 @.@ 5 @-@ metre trees ( mostly oaks ) ; all \" "
                  "safe \" . \n"),
            " = Robins =\n\nThe 1,200 birds' nests, built in 3.5-metre trees (mostly oaks); all \"safe\".\n");
  EXPECT_EQ(plain("a : b ! c ? d"), "a: b! c? d");
  EXPECT_EQ(plain(" = = Food = = "), " == Food == ");
  EXPECT_EQ(plain(" = = = = X"), " ==== X");
  EXPECT_EQ(plain("20 ° C , N 7"), "20°C, 1 7");
  EXPECT_EQ(plain("x N y"), "x 1 y");
  EXPECT_EQ(plain("[ one ] { two } ( )"), "[one] {two} ()");
  EXPECT_EQ(plain("it 's ' quoted text ' here"), "it's' quoted text ' here");  // apostrophes pair up as they come
  EXPECT_EQ(plain("/' 7/"), "/'[0-9]/");                                       // the original's slip, kept
  EXPECT_EQ(plain(""), "");
}

TEST(Wikitext, WhatCannotBeMatchedIsAnError) {
  EXPECT_FALSE(detokenize_wikitext(std::string(5 << 20, 'x')).has_value());
}

TEST(Wikitext, TheTaskAsksTheTextAndCountsThePage) {
  auto config = read_task_config(
      python_value(*parse_json(
          R"({"task":"wikitext","dataset_path":"x","test_split":"test","output_type":"loglikelihood_rolling","doc_to_text":"","doc_to_target":"{{page}}"})")),
      "tasks/wikitext/wikitext.yaml");
  ASSERT_TRUE(config.has_value()) << to_string(config.error());
  config->doc_to_target = {{}, PythonFunction{"preprocess_wikitext.wikitext_detokenizer", config->file}};
  config->process_results = PythonFunction{"preprocess_wikitext.process_results", config->file};
  test::GivenRows rows;
  rows.splits["test"].push_back(json::object{{"page", " a @,@ b . "}});
  auto plan = YamlPlan::make(*config, rows, {});
  ASSERT_TRUE(plan.has_value()) << to_string(plan.error());
  auto document = plan->document(0);
  ASSERT_TRUE(document.has_value()) << to_string(document.error());
  ASSERT_EQ(document->requests.size(), 1u);
  EXPECT_EQ(document->requests[0].continuation, " a,b. ");
  auto scorer = TaskScorer::make(plan->task());
  ASSERT_TRUE(scorer.has_value()) << to_string(scorer.error());
  auto scores = scorer->score(*document, std::vector<Loglikelihood>{{.sum = -8}});
  ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
  ASSERT_EQ(scores->at(0).values.size(), 3u);
  EXPECT_EQ(std::get<Weighted>(scores->at(0).values[0].second), Weighted(-8, 6));  // "", a, @,@, b, ., "" of the page
  EXPECT_EQ(std::get<Weighted>(scores->at(0).values[1].second), Weighted(-8, 11));
}

}  // namespace
}  // namespace assay::harness
