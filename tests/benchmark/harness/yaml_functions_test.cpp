// Equals of Python functions that task files name, by hand-made rows: what they make of a field, of a split, of answers.
#include "benchmark/harness/yaml_functions.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/text.h"
#include "benchmark/harness/drop_answers.h"
#include "benchmark/harness/yaml_files.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_scoring.h"

namespace assay::harness {
namespace {

std::string field(const std::string& folder, const std::string& function, const char* row) {
  RowFunction made = find_row_function({function, "x/" + folder + "/task.yaml"});
  if (!made) return "none";
  auto value = made(parse_json(row)->get_object());
  return value ? write_json(to_json(*value)) : value.error().message;
}

std::string rows(const std::string& folder, const std::string& function, const char* list) {
  RowsFunction made = find_rows_function({function, "x/" + folder + "/task.yaml"});
  if (!made) return "none";
  const json::value parsed = *parse_json(list);
  auto out = made({parsed.get_array().begin(), parsed.get_array().end()});
  return out ? write_json(json::array(out->begin(), out->end())) : to_string(out.error());
}

TEST(YamlExamFunctions, QuestionsWithLetteredOptions) {
  const char* medmcqa = R"({"question": "Where?", "opa": "Here", "opb": "There", "opc": "Both", "opd": "None", "cop": 2})";
  EXPECT_EQ(field("medmcqa", "utils_medmcqa.doc_to_text", medmcqa),
            R"("Question: Where?\nChoices:\nA. Here\nB. There\nC. Both\nD. None\nAnswer:")");
  EXPECT_EQ(field("medmcqa", "utils_medmcqa.doc_to_target_cot", medmcqa), "\"C\"");
  EXPECT_TRUE(contains(field("medmcqa", "utils_medmcqa.doc_to_text_cot", medmcqa), "D. None\\nFirst, think"));
  EXPECT_EQ(field("medmcqa", "utils_medmcqa.doc_to_text", R"({"question": "Where?", "opa": "x"})"), "the row has no text \"opb\"");
  const char* medqa = R"({"sent1": "Which?", "ending0": "a", "ending1": "b", "ending2": "c", "ending3": "d", "label": 3})";
  EXPECT_EQ(field("medqa", "preprocess_medqa.doc_to_text", medqa), R"("Question: Which?\nA. a\nB. b\nC. c\nD. d\nAnswer:")");
  EXPECT_EQ(field("medqa", "preprocess_medqa.doc_to_target", medqa), "3");
  EXPECT_EQ(field("medqa", "preprocess_medqa.doc_to_target_cot", medqa), "\"D\"");
  const char* logiqa = R"({"label": " c", "context": "All is.", "question": "So?", "options": ["w", "x", "y", "z"]})";
  EXPECT_EQ(field("logiqa", "utils_logiqa.doc_to_text", logiqa), R"("Passage: All is.\nQuestion: So?\nChoices:\nA. w\nB. x\nC. y\nD. z\nAnswer:")");
  EXPECT_EQ(field("logiqa", "utils_logiqa.doc_to_target", logiqa), "2");
  EXPECT_EQ(field("logiqa", "utils_logiqa.doc_to_target", R"({"label": "e"})"), "label must be a, b, c or d");
  EXPECT_EQ(field("logiqa2", "utils_logiqa2.doc_to_text", R"({"text": "T", "question": "So?", "options": ["w", "x", "y", "z", "5"]})"),
            R"("Passage: T\nQuestion: So?\nA. w\nB. x\nC. y\nD. z\nAnswer:")");
  const char* arabic = R"({"Subject": "History", "Level": "Univ", "Country": null, "Context": "Long ago.", "Question": "Who?",
                           "Option 1": "x", "Option 2": "y", "Option 3": null, "Option 4": "", "Option 5": null})";
  EXPECT_EQ(field("arabicmmlu", "utils.doc_to_text", arabic),
            R"("This is a History question for university. Select the correct answer!\n\nQuestion: Long ago.\n\nWho?\nA. x\nB. y\n\nAnswer:")");
  EXPECT_EQ(field("arabicmmlu", "utils.doc_to_choice", arabic), R"(["A","B"])");
  EXPECT_EQ(field("mathqa", "utils.doc_to_choice", R"({"options": "a ) 38 , b ) 27.675 , c ) 1,000 , d ) data , e ) none of these"})"),
            R"(["38","27.675","1,000","data","none of these"])");
}

TEST(YamlExamFunctions, PassagesWithQuestions) {
  const char* capitals = R"({"QUESTION": "Does it?", "CONTEXTS": ["One.", "Two."], "final_decision": "yes"})";
  EXPECT_EQ(field("pubmedqa", "preprocess_pubmedqa.doc_to_text", capitals), R"("Abstract: One.\nTwo.\nQuestion: Does it?\nAnswer:")");
  EXPECT_EQ(field("pubmedqa", "preprocess_pubmedqa.doc_to_text", R"({"question": "Q", "context": {"contexts": ["C"]}})"),
            R"("Abstract: C\nQuestion: Q\nAnswer:")");
  const char* race =
      R"j({"article": "It rained.", "problems": "[{'question': 'What fell?', 'answer': 'B', 'options': ['Sun', 'Rain', 'Hail', 'Snow']}, )j"
      R"j({'question': 'We were  _  .', 'answer': 'A', 'options': ['wet', 'dry', 'hot', 'old']}, )j"
      R"j({'question': \"It's over when  _  .\", 'answer': 'D', 'options': ['a', 'b', 'c', 'd']}]"})j";
  EXPECT_EQ(field("race", "preprocess_race.doc_to_text", race),
            R"("Article: It rained.\n\nQuestion: What fell?\nAnswer: Rain\n _  .wet\nIt's over when  _  .")");
  EXPECT_EQ(field("race", "preprocess_race.doc_to_choice", race), R"(["a","b","c","d"])");
  EXPECT_EQ(field("race", "preprocess_race.doc_to_target", race), "3");
  EXPECT_TRUE(contains(field("race", "preprocess_race.doc_to_text", R"({"article": "A", "problems": "[{'question': 'Q'}]"})"), "four options"));
  EXPECT_TRUE(contains(field("race", "preprocess_race.doc_to_text", R"({"article": "A", "problems": "import os"})"), "no Python list"));
}

TEST(YamlExamFunctions, PairsOfSentences) {
  const char* copa = R"({"premise": " It rained. ", "question": "effect", "choice1": "Streets were wet.", "choice2": "I slept.", "label": 1})";
  EXPECT_EQ(field("super_glue/copa", "utils.doc_to_text", copa), "\"It rained therefore\"");
  EXPECT_EQ(field("super_glue/copa", "utils.doc_to_choice", copa), R"([" streets were wet."," i slept."])");
  EXPECT_EQ(field("super_glue/copa", "utils.doc_to_target", copa), "\" i slept.\"");
  EXPECT_EQ(field("xwinograd", "utils.doc_to_choice", R"({"sentence": "A _ b", "option1": "x", "option2": "y"})"), R"(["A x","A y"])");
  EXPECT_EQ(field("other/copa", "utils.doc_to_text", copa), "none");
  EXPECT_EQ(field("glue/mnli", "utils.doc_to_text", R"({"premise": "P.", "hypothesis": " it is "})"),
            R"("P.\nQuestion: it is. True, False or Neither?\nAnswer:")");
  const char* webqs = R"({"answers": ["Paris", "Lyon", "Paris, France", "Lille"]})";
  EXPECT_EQ(field("webqs", "utils.doc_to_choice", webqs), R"(["Lille","Lyon","Paris"])");
  EXPECT_EQ(field("webqs", "utils.doc_to_target", webqs), "[0,1,2]");
  EXPECT_EQ(field("crows_pairs", "utils.doc_to_choice", R"({"sent_more": "a", "sent_less": "b"})"), R"(["a","b"])");
}

TEST(YamlSplitFunctions, MakeRowsOfRows) {
  EXPECT_EQ(rows("crows_pairs", "utils.filter_orientation", R"([{"bias_type": "sexual-orientation"}, {"bias_type": "age"}])"),
            R"([{"bias_type":"sexual-orientation"}])");
  EXPECT_EQ(rows("truthfulqa", "utils.process_docs_gen",
                 R"([{"question": " Why? ", "correct_answers": [" It is", "", "So."], "incorrect_answers": ["No"], "source": "s"}])"),
            R"([{"question":"Why?","correct_answers":["It is.","So.","I have no comment."],"incorrect_answers":["No."],"source":"s"}])");
  EXPECT_EQ(rows("logiqa", "utils_logiqa.process_docs", R"([{"text": "\nb\nAll is.So.\nWhat?\nA.one\nB.two.\n\na\nC\nQ\nA.x\n"}])"),
            R"([{"label":"b","context":"All is. So.","question":"What?","options":["one","two."]},{"label":"a","context":"C","question":"Q","options":["x"]}])");
  EXPECT_EQ(rows("logiqa2", "utils_logiqa2.process_docs", R"([{"text": " T ", "question": " Q", "options": ["a "], "id": 1}])"),
            R"([{"text":"T","question":"Q","options":["a"],"id":1}])");
  EXPECT_TRUE(contains(rows("logiqa", "utils_logiqa.process_docs", R"([{"text": "b\nx"}])"), "row 0"));
  EXPECT_EQ(rows("wsc273", "utils.process_doc",
                 R"([{"text": "Ann saw  Bo since she ran.", "pronoun": "she", "pronoun_loc": 17, "options": ["Ann", "The man"], "label": 0},
                     {"text": "Ann left. Her hat fell.", "pronoun": "Her", "pronoun_loc": 10, "options": ["The girl", "Bo"], "label": 0}])"),
            R"([{"text":"Ann saw Bo since she ran.","pronoun":"she","pronoun_loc":17,"options":["Ann","the man"],"label":0},)"
            R"({"text":"Ann left. Her hat fell.","pronoun":"Her","pronoun_loc":10,"options":["The girl's","Bo's"],"label":0}])");
  EXPECT_TRUE(contains(rows("drop", "utils.process_docs", R"([{"query_id": "q", "answer": {"number": "1"}}])"), "validated_answers"));
  EXPECT_EQ(rows("gpqa", "utils.process_docs", "[]"), "none");
}

TEST(DropAnswers, AreNumbersSpansOrDates) {
  const json::value row = *parse_json(R"({"answer": {"number": "", "date": {"day": "", "month": "", "year": "1990"}, "spans": []},
    "validated_answers": {"number": ["3", "", "", "3"], "spans": [[], ["x", "y"], [], []],
                          "date": [{"day": "", "month": "", "year": ""}, {"day": "", "month": "", "year": ""},
                                   {"day": "2", "month": "May", "year": ""}, {"day": "", "month": "", "year": ""}]}})");
  auto answers = drop_answers(row.get_object());
  ASSERT_TRUE(answers) << to_string(answers.error());
  EXPECT_EQ(*answers, (std::vector<std::vector<std::string>>{{"1990"}, {"3"}, {"x", "y"}, {"2 May"}}));
}

TEST(DropAnswers, AreComparedAsBagsOfWords) {
  EXPECT_EQ(drop_normalised("The 5 big-apples, a!"), "5.0 big apples");
  EXPECT_EQ(drop_normalised("$1,000 (in Athens)"), "1000.0 in athens");
  EXPECT_EQ(drop_normalised("an \t 1.50\n"), "1.5");
  using Answers = std::vector<std::vector<std::string>>;
  auto scores = [](std::string_view said, const Answers& answers) {
    const DropScores out = drop_scores(said, answers);
    return std::pair(out.em, out.f1);
  };
  EXPECT_EQ(scores(" the 5", {{"5.0"}}), std::pair(1.0, 1.0));
  EXPECT_EQ(scores("5 touchdowns", {{"5"}}), std::pair(0.0, 0.67));
  EXPECT_EQ(scores("6 yards", {{"5 yards"}}), std::pair(0.0, 0.0));  // the number must be there
  EXPECT_EQ(scores("some yards", {{"yards and yards"}}), std::pair(0.0, 0.5));
  EXPECT_EQ(scores("Ann", {{"Ann", "Bo"}}), std::pair(0.0, 0.5));  // one of two spans
  EXPECT_EQ(scores("Ann", {{"Bo"}, {"Ann"}}), std::pair(1.0, 1.0));
  EXPECT_EQ(scores("", {{""}, {" "}}), std::pair(0.0, 0.0));
  EXPECT_EQ(scores("x y z", {{"x", "q", "r"}}), std::pair(0.0, 0.17));  // a half of a third, rounded
}

TaskConfig task(const std::string& folder, const std::string& function, const std::string& more) {
  const std::string file = "tasks/" + folder + "/task.yaml";
  auto mapping = read_task_yaml("task: t\ndataset_path: d\ntest_split: test\ndoc_to_text: q\ndoc_to_target: a\nprocess_results: !function utils." +
                                    function + "\n" + more,
                                file);
  EXPECT_TRUE(mapping) << to_string(mapping.error());
  auto config = read_task_config(*mapping, file);
  EXPECT_TRUE(config) << to_string(config.error());
  EXPECT_TRUE(config->refusals.empty()) << join(config->refusals, "; ");
  return *config;
}

std::string metrics(std::initializer_list<const char*> names) {
  std::string out = "metric_list:\n";
  for (const char* name : names) out += std::string("  - metric: ") + name + "\n    aggregation: mean\n";
  return out;
}

std::string values(const Result<std::vector<DocumentScores>>& scores) {
  if (!scores) return scores.error().message;
  std::string out;
  for (const auto& [name, value] : scores->at(0).values) out += name + "=" + write_json(to_json(value)) + " ";
  return out;
}

TEST(YamlResultFunctions, ScoreTextsByDrop) {
  auto scorer = TaskScorer::make(task("drop", "process_results", metrics({"em", "f1"})));
  ASSERT_TRUE(scorer) << to_string(scorer.error());
  TaskDocument document;
  document.row = *parse_json(R"({"answers": [["5"], ["6", "7"]]})");
  const std::string said[] = {" 5 touchdowns"};
  EXPECT_EQ(values(scorer->score(document, said)), "em=0.0 f1=0.67 ");
  document.row = json::object{};
  EXPECT_EQ(values(scorer->score(document, said)), "the row has no list \"answers\"");
  auto wrong = TaskScorer::make(task("drop", "process_results", "output_type: multiple_choice\ndoc_to_choice: [a, b]\n" + metrics({"em"})));
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(contains(wrong.error().message, "output_type generate_until")) << wrong.error().message;
}

TEST(YamlResultFunctions, ScoreTextsByTheNearestTruth) {
  auto scorer = TaskScorer::make(task("truthfulqa", "process_results_gen", metrics({"bleu_max", "bleu_acc", "rouge1_max", "rouge1_diff", "rougeL_acc"})));
  ASSERT_TRUE(scorer) << to_string(scorer.error());
  TaskDocument document;
  document.row = *parse_json(R"({"correct_answers": ["The sky is blue today.", "Blue."], "incorrect_answers": ["The sky is green."]})");
  const std::string right[] = {"The sky is blue today."}, near[] = {"The sky is"}, nothing[] = {""};
  // One word off the wrong answer: 3 of 5 said, 3 of 4 wanted.
  auto scores = scorer->score(document, right);
  ASSERT_TRUE(scores);
  std::vector<double> found;
  for (const auto& [name, value] : scores->at(0).values) found.push_back(std::get<double>(value));
  ASSERT_EQ(found.size(), 5u);
  const double wrong = 100 * (2 * 0.6 * 0.75 / (0.6 + 0.75));
  EXPECT_NEAR(found[0], 100, 1e-9);
  EXPECT_EQ(found[1], 1);
  EXPECT_NEAR(found[2], 100, 1e-9);
  EXPECT_NEAR(found[3], 100 - wrong, 1e-9);
  EXPECT_EQ(found[4], 1);
  // Three words of five or of four: nearer to the wrong answer.
  scores = scorer->score(document, near);
  EXPECT_NEAR(std::get<double>(scores->at(0).values[3].second), 100 * (2.0 * 3 / 8 - 2.0 * 3 / 7), 1e-9);
  EXPECT_EQ(std::get<double>(scores->at(0).values[4].second), 0);
  EXPECT_EQ(values(scorer->score(document, nothing)), "bleu_max=0.0 bleu_acc=0.0 rouge1_max=0.0 rouge1_diff=0.0 rougeL_acc=0.0 ");
  document.row = *parse_json(R"({"correct_answers": ["x"], "incorrect_answers": []})");
  EXPECT_EQ(values(scorer->score(document, right)), "the row has no list of texts \"incorrect_answers\"");
}

TEST(YamlResultFunctions, ScorePairsByTheLikelier) {
  auto scorer = TaskScorer::make(task("crows_pairs", "process_results",
                                      "output_type: multiple_choice\ndoc_to_choice: [a, b]\n" + metrics({"likelihood_diff", "pct_stereotype"})));
  ASSERT_TRUE(scorer) << to_string(scorer.error());
  TaskDocument document;
  document.choices = {"a", "b"};
  const Loglikelihood answers[] = {{.sum = -3.5}, {.sum = -5.0}};
  EXPECT_EQ(values(scorer->score(document, answers)), "likelihood_diff=1.5 pct_stereotype=1.0 ");
}

}  // namespace
}  // namespace assay::harness
