// Today's YAML tasks against what the harness itself asked: every request of real tasks, of configurations that exercise one
// feature each, and of chats.
#include "base/text.h"
#include "benchmark/harness/yaml_golden.h"

namespace assay::harness::test {
namespace {

const std::map<std::string, std::string>& files_by_name() {
  static const std::map<std::string, std::string> files{{"arc_challenge", "arc/arc_challenge.yaml"},
                                                        {"arc_challenge_chat", "arc/arc_challenge_chat.yaml"},
                                                        {"mmlu_abstract_algebra", "mmlu/default/mmlu_abstract_algebra.yaml"},
                                                        {"mmlu_anatomy", "mmlu/default/mmlu_anatomy.yaml"},
                                                        {"truthfulqa_mc1", "truthfulqa/truthfulqa_mc1.yaml"},
                                                        {"truthfulqa_mc2", "truthfulqa/truthfulqa_mc2.yaml"},
                                                        {"openbookqa", "openbookqa/openbookqa.yaml"},
                                                        {"gsm8k", "gsm8k/gsm8k.yaml"},
                                                        {"blimp_adjunct_island", "blimp/adjunct_island.yaml"},
                                                        {"lambada_openai", "lambada/lambada_openai.yaml"},
                                                        {"pile_10k", "pile_10k/pile_10k.yaml"},
                                                        {"hellaswag", "hellaswag/hellaswag.yaml"}};
  return files;
}

/// A golden target: numbers, texts, lists of them.
bool same_target(const PythonValue& ours, const json::value& theirs) {
  return ours == python_value(theirs);
}

void compare_case(const json::value& golden_case) {
  for (const auto& [name, expected] : find(golden_case, "tasks")->get_object()) {
    SCOPED_TRACE(std::string(name));
    const TaskConfig config = head_task(files_by_name().at(std::string(name)));
    HeadRows rows;
    auto plan = YamlPlan::make(config, rows, settings_of(golden_case, "num_fewshot_option"));
    ASSERT_TRUE(plan) << to_string(plan.error());
    EXPECT_EQ(plan->shots(), expected.at("num_fewshot").as_int64());
    const json::array& hashes = expected.at("doc_hash16").as_array();
    ASSERT_EQ(plan->size(), hashes.size());
    EXPECT_EQ(plan->in_split(), find_path(golden_case, {"n-samples", name, "original"})->to_number<std::size_t>());
    EXPECT_EQ(config.version.real, expected.at("version").to_number<double>());
    std::string all;
    std::size_t requests = 0;
    for (std::size_t i = 0; i < plan->size(); ++i) {
      auto document = plan->document(i);
      ASSERT_TRUE(document) << to_string(document.error());
      std::string bytes;
      for (const TaskRequest& request : document->requests) bytes += bytes_of(request_hash(plan->task(), request));
      requests += document->requests.size();
      const std::string hash = sha256_hex(bytes);
      EXPECT_EQ(hash.substr(0, 16), hashes[i].as_string()) << "document " << i << ": " << document->requests.front().context;
      all += bytes_of(hash);
    }
    EXPECT_EQ(sha256_hex(all), expected.at("all_docs_sha256").as_string());
    EXPECT_EQ(requests, expected.at("n_requests").to_number<std::size_t>());
    const json::array& targets = expected.at("targets_first").as_array();
    for (std::size_t i = 0; i < targets.size(); ++i)
      EXPECT_TRUE(same_target(plan->bare(i).target, targets[i])) << write_json(targets[i]);
    const json::array& sums = expected.at("doc_hash_prompt_hash_target_hash_first").as_array();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const TaskDocument document = *plan->document(i);
      EXPECT_EQ(sha256_hex(python_dumps(document.row, {.indent = 2, .ascii = false})), sums[i].at(0).as_string())
          << python_dumps(document.row);
      EXPECT_EQ(sha256_hex(config.output_type == OutputType::loglikelihood_rolling ? document.requests[0].continuation
                                                                                   : document.requests[0].context),
                sums[i].at(1).as_string());
      EXPECT_EQ(sha256_hex(python_str(document.target)), sums[i].at(2).as_string());
    }
  }
}

TEST(YamlTasks, AsksWhatTheHarnessAsksOfElevenTasks) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_tasks.json");
  const json::array& cases = golden("head_tasks.json").at("cases").as_array();
  EXPECT_EQ(cases.size(), 11u);
  for (const json::value& one : cases) compare_case(one);
}

TEST(YamlTasks, AsksWhatTheHarnessAsksInChats) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_chat.json");
  const json::array& cases = golden("head_chat.json").at("cases").as_array();
  EXPECT_EQ(cases.size(), 7u);
  for (const json::value& one : cases) compare_case(one);
}

TEST(YamlTasks, AsksWhatTheHarnessAsksOfEveryFeature) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_features.json");
  const json::value& vectors = golden("head_features.json");
  GivenRows rows;
  for (const json::value& row : vectors.at("documents").as_array()) rows.splits["test"].push_back(row);
  for (const json::value& row : vectors.at("few_shot_pool_train_split").as_array()) rows.splits["train"].push_back(row);
  const json::array& cases = vectors.at("cases").as_array();
  EXPECT_EQ(cases.size(), 18u);
  for (const json::value& one : cases) {
    SCOPED_TRACE(write_json(one.at("config")));
    auto config = read_task_config(python_value(one.at("config")), "inline.yaml");
    ASSERT_TRUE(config) << to_string(config.error());
    auto plan = YamlPlan::make(*config, rows, settings_of(one, "num_fewshot"));
    if (find(one, "error")) {
      ASSERT_FALSE(plan);
      EXPECT_TRUE(contains(plan.error().message, "missing")) << to_string(plan.error());
      EXPECT_TRUE(contains(plan.error().where, "inline.yaml, template line 1, document 0 of split test")) << plan.error().where;
      continue;
    }
    ASSERT_TRUE(plan) << to_string(plan.error());
    EXPECT_EQ(config->repeats, one.at("repeats").as_int64());
    const json::array& requests = one.at("requests").as_array();
    ASSERT_EQ(plan->size(), requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      auto document = plan->document(i);
      ASSERT_TRUE(document) << to_string(document.error());
      EXPECT_TRUE(same_target(document->target, one.at("targets").at(i))) << write_json(one.at("targets").at(i));
      const json::array& asked = requests[i].as_array();
      ASSERT_EQ(document->requests.size(), asked.size());
      for (std::size_t k = 0; k < asked.size(); ++k) {
        const TaskRequest& request = document->requests[k];
        const json::array& theirs = asked[k].as_array();
        if (config->output_type == OutputType::loglikelihood_rolling) {
          EXPECT_EQ(request.continuation, theirs[0].as_string());
          continue;
        }
        EXPECT_EQ(request.context, theirs[0].as_string());
        if (config->output_type == OutputType::generate_until)
          EXPECT_EQ(to_json(config->generation_kwargs), theirs[1]);
        else
          EXPECT_EQ(request.continuation, theirs[1].as_string());
      }
    }
  }
}

/// A plan over rows given as JSON, without golden files.
Result<YamlPlan> plan_of(const char* config, const char* test_rows, const char* train_rows, const YamlSettings& settings) {
  GivenRows rows;
  for (auto [split, text] : {std::pair{"test", test_rows}, {"train", train_rows}}) {
    const json::value list = *parse_json(text);
    rows.splits[split].assign(list.as_array().begin(), list.as_array().end());
  }
  auto read = read_task_config(python_value(*parse_json(config)), "inline.yaml");
  if (!read) return fail(read.error());
  return YamlPlan::make(*read, rows, settings);
}

TEST(YamlTasks, ChosenSamplesAreAskedInTheSplitsOrderAndOnce) {
  auto prompts = [](std::vector<std::size_t> samples) {
    YamlSettings settings;
    settings.num_fewshot = 2;
    settings.samples = std::move(samples);
    auto plan = plan_of(R"({"task":"t","dataset_path":"x","test_split":"test","training_split":"train","doc_to_text":"{{q}}","doc_to_target":"{{a}}"})",
                        R"([{"q":"q0","a":"a"},{"q":"q1","a":"a"},{"q":"q2","a":"a"},{"q":"q3","a":"a"}])",
                        R"([{"q":"t0","a":"x"},{"q":"t1","a":"x"},{"q":"t2","a":"x"},{"q":"t3","a":"x"},{"q":"t4","a":"x"},{"q":"t5","a":"x"}])", settings);
    EXPECT_TRUE(plan) << to_string(plan.error());
    std::vector<std::string> out;
    for (std::size_t i = 0; plan && i < plan->size(); ++i)
      out.push_back(std::to_string(plan->id(i)) + ": " + plan->document(i)->requests.front().context);
    return out;
  };
  EXPECT_EQ(prompts({3, 1, 3}), prompts({1, 3}));
  ASSERT_EQ(prompts({3, 1}).size(), 2u);
  EXPECT_TRUE(prompts({3, 1})[0].starts_with("1: "));
}

TEST(YamlTasks, TheFirstDocumentIsAskedForTheKindOfTargets) {
  constexpr const char* kConfig =
      R"({"task":"t","dataset_path":"x","test_split":"test","training_split":"train","doc_to_text":"{{q}}","doc_to_target":"{{a}}"})";
  YamlSettings settings;
  settings.num_fewshot = 1;
  settings.samples = std::vector<std::size_t>{1};
  auto one = plan_of(kConfig, R"([{"q":"q0","a":"x"},{"q":"q1","a":"[0, 1]"}])", R"([{"q":"t","a":"y"}])", settings);
  ASSERT_TRUE(one) << to_string(one.error());
  EXPECT_EQ(one->bare(0).target.kind, PythonValue::Kind::list);
  EXPECT_FALSE(one->bare(0).several_targets());
  auto lists = plan_of(kConfig, R"([{"q":"q0","a":"['x']"},{"q":"q1","a":"y"}])", R"([{"q":"t","a":"y"}])", settings);
  ASSERT_TRUE(lists) << to_string(lists.error());
  EXPECT_TRUE(lists->bare(0).several_targets());
  // So it is with texts that are indices of several inputs.
  settings.num_fewshot = 0;
  auto inputs = plan_of(R"({"task":"t","dataset_path":"x","test_split":"test","training_split":"train","output_type":"multiple_choice","doc_to_text":"{{q}}","doc_to_target":"a","doc_to_choice":["u","v"]})",
                        R"([{"q":1,"a":"x"},{"q":-1,"a":"y"}])", "[]", settings);
  ASSERT_TRUE(inputs) << to_string(inputs.error());
  EXPECT_EQ(inputs->document(0)->requests.back().context, "v");
  EXPECT_EQ(inputs->document(0)->requests.back().continuation, " y");
  // An empty choice is an answer with its delimiters, an empty target is none.
  settings.num_fewshot = 1;
  auto empty = plan_of(R"({"task":"t","dataset_path":"x","test_split":"test","training_split":"train","output_type":"multiple_choice","doc_to_text":"{{q}}","doc_to_target":"{{a}}","doc_to_choice":["u",""]})",
                       R"([{"q":"q0","a":0},{"q":"q1","a":0}])", R"([{"q":"t","a":1}])", settings);
  ASSERT_TRUE(empty) << to_string(empty.error());
  EXPECT_EQ(empty->document(0)->requests.front().context, "t \n\nq1");
  auto none = plan_of(kConfig, R"([{"q":"q0","a":"x"},{"q":"q1","a":"y"}])", R"([{"q":"t","a":""}])", settings);
  ASSERT_TRUE(none) << to_string(none.error());
  EXPECT_EQ(none->document(0)->requests.front().context, "tq1");
  // An example without an answer is a question alone.
  auto silent = plan_of(R"({"task":"t","dataset_path":"x","test_split":"test","training_split":"train","doc_to_text":"{{q}}","doc_to_target":"a"})",
                        R"([{"q":"q0","a":"x"},{"q":"q1","a":"y"}])", R"([{"q":"t","a":null}])", settings);
  ASSERT_TRUE(silent) << to_string(silent.error());
  EXPECT_EQ(silent->document(0)->requests.front().context, "tq1");
}

TEST(YamlTasks, AsksWhatTheHarnessAsksOfAGroup) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_group_mmlu_stem.json");
  const json::value& one = golden("head_group_mmlu_stem.json").at("case");
  std::size_t tasks = 0;
  for (const auto& [name, expected] : one.at("tasks").as_object()) {
    SCOPED_TRACE(std::string(name));
    HeadRows rows;
    auto plan =
        YamlPlan::make(head_task("mmlu/default/" + std::string(name) + ".yaml"), rows, settings_of(one, "num_fewshot_option"));
    ASSERT_TRUE(plan) << to_string(plan.error());
    std::string all;
    for (std::size_t i = 0; i < plan->size(); ++i) {
      std::string bytes;
      const TaskDocument document = *plan->document(i);
      for (const TaskRequest& request : document.requests) bytes += bytes_of(request_hash(plan->task(), request));
      all += bytes_of(sha256_hex(bytes));
    }
    EXPECT_EQ(sha256_hex(all), expected.at("all_docs_sha256").as_string());
    ++tasks;
  }
  EXPECT_GT(tasks, 10u);
}

}  // namespace
}  // namespace assay::harness::test
