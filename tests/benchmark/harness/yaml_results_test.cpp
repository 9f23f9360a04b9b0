// Result files, sample lines, tables and argument strings of today's harness.
#include "benchmark/harness/yaml_results.h"

#include <boost/json/array.hpp>

#include "base/number.h"
#include "benchmark/harness/argument_string.h"
#include "benchmark/harness/markdown_table.h"
#include "benchmark/harness/numpy_text.h"
#include "benchmark/harness/yaml_golden.h"

namespace assay::harness {
namespace {

using namespace test;

TEST(ArgumentString, AsTheOriginal) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_filters_metrics.json");
  const json::array& cases = golden("head_filters_metrics.json").at("arg_strings").as_array();
  EXPECT_EQ(cases.size(), 4u);
  for (const json::value& one : cases) {
    auto read = read_argument_string(std::string_view(one.at("in").as_string()));
    ASSERT_TRUE(read.has_value()) << to_string(read.error());
    EXPECT_EQ(to_json(*read), one.at("out")) << one.at("in");
  }
}

TEST(ArgumentString, Corners) {
  auto read = [](std::string_view text) {
    auto value = read_argument_string(text);
    return value ? write_json(to_json(*value)) : "error: " + value.error().message;
  };
  EXPECT_EQ(read("a=[1, 2],b={'x': (3,)},c"), R"({"a":[1,2],"b":{"x":[3]},"c":""})");
  EXPECT_EQ(read("until=['a, b', \"]\"],top_p=1"), R"({"until":["a, b","]"],"top_p":1})");
  EXPECT_EQ(read("a=[1,b=2"), R"({"a":"[1","b":2})");  // never closed: an ordinary character, as there
  EXPECT_EQ(read("a=it's,b=f(x,c=1_000"), R"({"a":"it's","b":"f(x","c":1000})");
  EXPECT_EQ(read("a=1,a=2"), R"({"a":2})");
  EXPECT_EQ(read("a=-3,b=+.5,c=1e400,d=0x10,e=99999999999999999999"), R"({"a":-3,"b":0.5,"c":Infinity,"d":16,"e":1e+20})");
  // int(), then float(), then a literal: digits of any script, None as Python has it, texts with a prefix.
  EXPECT_EQ(read("a=１２,b=-(5),c= None,d=u'x',e=\x1c" "1,f=1 # one,g= true,h=2j"),
            "{\"a\":12,\"b\":-5,\"c\":null,\"d\":\"x\",\"e\":\"\\u001c1\",\"f\":1,\"g\":\" true\",\"h\":\"2j\"}");
  EXPECT_EQ(read_argument_value("99999999999999999999").text, "99999999999999999999");  // a whole number of any size
  EXPECT_EQ(read_argument_value("-007").integer, -7);
  EXPECT_EQ(read(R"({"a": {"b": [true, null]}})"), R"({"a":{"b":[true,null]}})");
  EXPECT_TRUE(read("{oops").starts_with("error: the arguments are no JSON"));
}

TEST(MarkdownTable, NumbersAndTexts) {
  EXPECT_EQ(markdown_table({"A", "Value", "", "Stderr"}, {{"x", "0.9300", "±", "0.0100"}, {"", "12.0000", "±", "0.0050"}}),
            "| A |Value|   |Stderr|\n"
            "|---|----:|---|-----:|\n"
            "|x  | 0.93|±  | 0.010|\n"
            "|   |12.00|±  | 0.005|\n");
  EXPECT_EQ(markdown_table({"Task", "Stderr"}, {{"été", "0.0100"}, {"日本語", "   N/A"}}),
            "| Task |Stderr|\n"
            "|------|------|\n"
            "|été   |0.0100|\n"
            "|日本語|   N/A|\n");
  EXPECT_EQ(markdown_table({"a"}, {}), "| a |\n|---|\n");
  EXPECT_EQ(markdown_table({"n"}, {{"0.0000"}, {"1.0000"}}), "| n |\n|--:|\n|  0|\n|  1|\n");
}

TaskConfig task_named(std::string name, std::string alias, double version) {
  TaskConfig out;
  out.task = std::move(name);
  out.task_alias = std::move(alias);
  out.version = PythonValue::of(version);
  out.output_type = OutputType::multiple_choice;
  return out;
}

AggregateValue value_of(const char* metric, const char* filter, double value, std::optional<double> error, std::size_t n) {
  AggregateValue out;
  out.metric = metric;
  out.filter = filter;
  out.value = value;
  out.stderr_ = error;
  out.n = n;
  return out;
}

/// A group of two, and a task beside it.
struct Finished {
  TaskSelection selection;
  std::vector<TaskOutcome> outcomes;

  Finished() {
    selection.tasks = {task_named("b_two", "two", 1), task_named("a_one", "a_one", 1), task_named("text", "text", 2)};
    TaskGroup group;
    group.group = "both";
    group.alias = "Both";
    group.members = {"b_two", "a_one"};
    group.version = PythonValue::of(std::int64_t{3});
    group.aggregates.push_back({.metric = "acc"});
    selection.groups.push_back(group);
    selection.top = {"both", "text"};
    const PlannedMetric acc{"acc", Aggregation::mean, true, F1Average::binary},
        words{"word_perplexity", Aggregation::weighted_perplexity, false, F1Average::binary};
    outcomes.push_back({&selection.tasks[0], 5, 100, 10, {acc}, {"b_two", 10, {value_of("acc", "none", 0.5, 0.1, 10)}}, "aa"});
    outcomes.push_back({&selection.tasks[1], 5, 100, 30, {acc}, {"a_one", 30, {value_of("acc", "none", 0.9, 0.05, 30)}}, "bb"});
    outcomes.push_back(
        {&selection.tasks[2], 0, 7, 7, {words}, {"text", 7, {value_of("word_perplexity", "none", 12.25, std::nullopt, 7)}}, ""});
  }
};

TEST(YamlResults, Document) {
  const Finished run;
  RunFacts facts;
  facts.model = "gguf";
  facts.model_name = "org/model:x";
  facts.system_instruction = "Be brief.";
  facts.seconds = 1.5;
  const json::object all = yaml_results_document(run.selection, run.outcomes, facts);
  EXPECT_EQ(write_json(all.at("results").at("b_two")),
            R"({"name":"b_two","alias":"two","sample_len":10,"acc,none":0.5,"acc_stderr,none":0.1})");
  EXPECT_EQ(write_json(all.at("results").at("text")),
            R"({"name":"text","alias":"text","sample_len":7,"word_perplexity,none":12.25,"word_perplexity_stderr,none":"N/A"})");
  const json::value& group = all.at("groups").at("both");
  EXPECT_EQ(group.at("acc,none").as_double(), (0.5 * 10 + 0.9 * 30) / 40);
  EXPECT_EQ(write_json(group.at("sample_count")), R"({"acc,none":40})");
  EXPECT_EQ(all.at("results").at("both"), group);
  EXPECT_EQ(write_json(all.at("group_subtasks")), R"({"text":[],"both":["b_two","a_one"]})");
  EXPECT_EQ(write_json(all.at("versions")), R"({"b_two":1.0,"a_one":1.0,"text":2.0,"both":"3"})");
  EXPECT_EQ(write_json(all.at("n-shot")), R"({"b_two":5,"a_one":5,"text":0,"both":5})");
  EXPECT_EQ(write_json(all.at("higher_is_better")),
            R"({"b_two":{"acc":true},"a_one":{"acc":true},"text":{"word_perplexity":false},"both":{"acc":true}})");
  EXPECT_EQ(write_json(all.at("n-samples").at("b_two")), R"({"original":100,"effective":10})");
  EXPECT_EQ(write_json(all.at("task_hashes")), R"({"b_two":"aa","a_one":"bb"})");
  EXPECT_EQ(all.at("model_name_sanitized"), "org__model__x");
  EXPECT_EQ(all.at("system_instruction_sha"), json::value(sha256_hex("Be brief.")));
  EXPECT_TRUE(all.at("chat_template_sha").is_null());
  EXPECT_EQ(all.at("total_evaluation_time_seconds"), "1.5");
  EXPECT_EQ(all.at("config").at("fewshot_seed"), 1234);
  std::vector<std::string> keys;
  for (const auto& [key, value] : all) keys.emplace_back(key);
  EXPECT_EQ(std::vector<std::string>(keys.begin(), keys.begin() + 9),
            (std::vector<std::string>{"results", "groups", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better",
                                      "n-samples", "config"}));
}

TEST(YamlResults, Tables) {
  const Finished run;
  const json::object all = yaml_results_document(run.selection, run.outcomes, {});
  EXPECT_EQ(yaml_results_table(all, run.selection),
            "| Tasks  |Version|Filter|n-shot|    Metric     |   |Value|   |Stderr|\n"
            "|--------|------:|------|-----:|---------------|---|----:|---|------|\n"
            "|Both    |      3|none  |     5|acc            |↑  | 0.80|±  |0.0450|\n"
            "| - a_one|      1|none  |     5|acc            |↑  | 0.90|±  |0.0500|\n"
            "| - two  |      1|none  |     5|acc            |↑  | 0.50|±  |0.1000|\n"
            "|text    |      2|none  |     0|word_perplexity|↓  |12.25|±  |   N/A|\n");
  EXPECT_EQ(yaml_results_table(all, run.selection, "groups"),
            "|Groups|Version|Filter|n-shot|Metric|   |Value|   |Stderr|\n"
            "|------|------:|------|-----:|------|---|----:|---|-----:|\n"
            "|Both  |      3|none  |     5|acc   |↑  |  0.8|±  | 0.045|\n");
  Finished single;
  single.selection.groups.clear();
  single.selection.top = {"text"};
  const json::object one = yaml_results_document(single.selection, std::span(single.outcomes).last(1), {});
  EXPECT_FALSE(one.contains("groups"));
  EXPECT_EQ(yaml_results_table(one, single.selection, "groups"), "");
}

TEST(YamlResults, TheGroupOfTheVectors) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_group_mmlu_stem.json");
  const json::value& golden_case = golden("head_group_mmlu_stem.json").at("case");
  TaskSelection selection;
  TaskGroup group;
  group.group = "mmlu_stem";
  group.alias = "stem";
  group.version = PythonValue::of(std::int64_t{2});
  group.aggregates.push_back({.metric = "acc"});
  for (const auto& [name, expected] : golden_case.at("tasks").as_object()) {
    selection.tasks.push_back(task_named(std::string(name), std::string(expected.at("results").at("alias").as_string()), 1));
    group.members.emplace_back(name);
  }
  selection.groups.push_back(group);
  selection.top = {"mmlu_stem"};
  std::vector<TaskOutcome> outcomes;
  for (const TaskConfig& task : selection.tasks) {
    const json::value& expected = golden_case.at("tasks").at(task.task);
    const json::value& results = expected.at("results");
    TaskAggregate aggregate{
        task.task, 10, {value_of("acc", "none", *get_number(results, "acc,none"), *get_number(results, "acc_stderr,none"), 10)}};
    outcomes.push_back({&task,
                        5,
                        golden_case.at("n-samples").at(task.task).at("original").to_number<std::size_t>(),
                        10,
                        {{"acc", Aggregation::mean, true, F1Average::binary}},
                        std::move(aggregate),
                        ""});
  }
  const json::object all = yaml_results_document(selection, outcomes, {});
  EXPECT_EQ(all.at("group_subtasks"), golden_case.at("group_subtasks"));
  EXPECT_EQ(all.at("n-shot"), golden_case.at("n-shot"));
  EXPECT_EQ(all.at("versions"), golden_case.at("versions"));
  EXPECT_EQ(all.at("higher_is_better"), golden_case.at("higher_is_better"));
  EXPECT_EQ(all.at("n-samples"), golden_case.at("n-samples"));
  for (const TaskConfig& task : selection.tasks)
    EXPECT_EQ(all.at("results").at(task.task), golden_case.at("tasks").at(task.task).at("results"));
  std::vector<std::string> ours, theirs;
  for (const auto& [key, value] : all.at("groups").at("mmlu_stem").as_object())
    ours.push_back(std::string(key) + (key.starts_with("acc") ? "" : write_json(value)));
  for (const auto& [key, value] : golden_case.at("groups").at("mmlu_stem").as_object())
    theirs.push_back(std::string(key) + (key.starts_with("acc") ? "" : write_json(value)));
  EXPECT_EQ(ours, theirs);
}

TEST(YamlResults, SumsOfTheVectors) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_tasks.json");
  for (const json::value& one : golden("head_tasks.json").at("cases").as_array()) {
    if (one.at("tasks_requested") != "gsm8k" && one.at("tasks_requested") != "pile_10k") continue;
    const std::string name(one.at("tasks_requested").as_string());
    HeadRows rows;
    auto plan = YamlPlan::make(head_task(name + "/" + name + ".yaml"), rows, settings_of(one, "num_fewshot_option"));
    ASSERT_TRUE(plan.has_value()) << to_string(plan.error());
    const json::array& sums = one.at("tasks").at(name).at("doc_hash_prompt_hash_target_hash_first").as_array();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const SampleHashes hashes = sample_hashes(plan->task(), *plan->document(i));
      EXPECT_EQ(json::value({hashes.doc, hashes.prompt, hashes.target}), sums[i]);
    }
  }
}

TEST(YamlResults, SampleLines) {
  TaskConfig task = task_named("t", "t", 1);
  TaskDocument document;
  document.id = 4;
  document.row = json::object{{"q", "é\n"}, {"n", 1.0}};
  document.target = PythonValue::list_of({PythonValue::of("a'b"), PythonValue::of(std::int64_t{2})});
  document.choices = {"x", "y"};
  document.requests = {{"c", " x"}, {"c", " y"}};
  const DocumentScores scores{"none", {}, {{"acc", 1.0}, {"f1", LabelPair(0, 1)}, {"exact_match", 1.0}}};
  const std::vector<Loglikelihood> answers{{.sum = -1.5, .greedy = true}, {.sum = -20, .greedy = false}};
  EXPECT_EQ(sample_line(task, document, scores, {}, answers),
            "{\"doc_id\": 4, \"doc\": {\"q\": \"é\\n\", \"n\": 1.0}, \"target\": \"[\\\"a'b\\\", 2]\", "
            "\"arguments\": {\"gen_args_0\": {\"arg_0\": \"c\", \"arg_1\": \" x\"}, \"gen_args_1\": {\"arg_0\": \"c\", "
            "\"arg_1\": \" y\"}}, "
            "\"resps\": [[[\"-1.5\", \"True\"]], [[\"-20.0\", \"False\"]]], \"filtered_resps\": [[\"-1.5\", \"True\"], "
            "[\"-20.0\", \"False\"]], "
            "\"filter\": \"none\", \"metrics\": [\"acc\", \"f1\", \"exact_match\"], \"doc_hash\": \"" +
                sha256_hex("{\n  \"q\": \"é\\n\",\n  \"n\": 1.0\n}") + "\", \"prompt_hash\": \"" + sha256_hex("c") +
                "\", \"target_hash\": \"" + sha256_hex("[\"a'b\", 2]") + "\", \"acc\": 1.0, \"f1\": [0, 1], \"exact_match\": 1}\n");  // greedy or not is an int there
  task.output_type = OutputType::generate_until;
  task.generation_kwargs = python_value(*parse_json(R"({"until":["\n"]})"));
  document.requests.resize(1);
  DocumentScores said{"maj", PythonValue::of("B"), {{"exact_match", 0.0}}};
  const std::string line = sample_line(task, document, said, std::vector<std::string>{"A", "B"}, {});
  EXPECT_NE(line.find("\"arg_1\": {\"until\": [\"\\n\"]}}}, \"resps\": [[\"A\", \"B\"]], \"filtered_resps\": [\"B\"]"),
            std::string::npos)
      << line;
  SamplesHash sums;
  sums.add({"a", "b", "c"});
  sums.add({"d", "e", "f"});
  EXPECT_EQ(sums.hex(), sha256_hex("abcdef"));
}

TEST(NumpyText, AsNumpyPrints) {
  EXPECT_EQ(numpy_text(std::vector{0.5, 0.25}), "[0.5  0.25]");
  EXPECT_EQ(numpy_text(std::vector{1.0, 0.0}), "[1. 0.]");
  EXPECT_EQ(numpy_text(std::vector{1e-5, 1.0}), "[1.e-05 1.e+00]");
  EXPECT_EQ(numpy_text(std::vector{1e-100, 0.5}), "[1.e-100 5.e-001]");
  EXPECT_EQ(numpy_text(std::vector<double>{}), "[]");
  EXPECT_EQ(numpy_text(std::vector(8, 1 / 8.0 + 1e-7)),
            "[0.1250001 0.1250001 0.1250001 0.1250001 0.1250001 0.1250001 0.1250001\n 0.1250001]");
}

TEST(YamlResults, FileNames) {
  EXPECT_EQ(sanitized_model_name("a/b:c??d"), "a__b__c__d");
  EXPECT_EQ(results_file_name("2026-08-21T10:11:12.123456"), "results_2026-08-21T10-11-12.123456.json");
  EXPECT_EQ(samples_file_name("a/../b", "2026-08-21T10:11:12"), "samples_a_.._b_2026-08-21T10-11-12.jsonl");
}

}  // namespace
}  // namespace assay::harness
