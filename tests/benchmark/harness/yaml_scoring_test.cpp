// The scores of today's YAML tasks against the harness's own, from answers to results: real tasks, one feature at a time, given
// answers, a group.
#include "benchmark/harness/yaml_scoring.h"

#include <boost/json/array.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "benchmark/harness/numpy_text.h"
#include "benchmark/harness/yaml_golden.h"
#include "benchmark/harness/yaml_summary.h"

namespace assay::harness {
namespace {

using namespace test;

/// What the hash model answers to a generation, counting how often a context came.
class HashTexts {
 public:
  std::string answer(const std::string& context) {
    const std::string hash = sha_pair(context, std::to_string(asked_[context]++));
    const unsigned long n = std::stoul(hash.substr(0, 8), nullptr, 16) % 200,
                        kind = std::stoul(hash.substr(8, 2), nullptr, 16) % 4;
    const char letter = "ABCD"[std::stoul(hash.substr(10, 2), nullptr, 16) % 4];
    switch (kind) {
      case 0:
        return "#### " + std::to_string(n);
      case 1:
        return " So the answer is " + std::to_string(n) + ". ";
      case 2:
        return std::string("(") + letter + ")";
      default:
        return std::string(" The answer is ") + letter + ".\n";
    }
  }

 private:
  std::map<std::string, int> asked_;
};

Result<std::vector<DocumentScores>> scored(const TaskConfig& task, const TaskScorer& scorer, const TaskDocument& document,
                                           HashTexts& texts) {
  if (task.output_type == OutputType::generate_until) {
    std::vector<std::string> answers;
    for (std::int64_t k = 0; k < task.repeats; ++k) answers.push_back(texts.answer(document.requests.front().context));
    return scorer.score(document, answers);
  }
  std::vector<Loglikelihood> answers;
  for (const TaskRequest& request : document.requests) {
    const std::string hash = sha_pair(request.context, request.continuation);
    answers.push_back({.sum = hash_logprob(hash), .greedy = hash_greedy(hash)});
  }
  return scorer.score(document, answers);
}

TaskScorer scorer_of(const TaskConfig& task) {
  auto scorer = TaskScorer::make(task);
  EXPECT_TRUE(scorer.has_value()) << to_string(scorer.error());
  return *scorer;
}

/// As the golden files show a value.
void expect_value(const MetricValue& ours, const json::value& theirs, const std::string& where) {
  if (const auto* number = std::get_if<double>(&ours)) {
    EXPECT_NEAR(*number, *as_number(theirs), 1e-12 * std::abs(*as_number(theirs))) << where;
  } else if (const auto* choice = std::get_if<ChoiceNumbers>(&ours)) {
    EXPECT_EQ(choice->gold, theirs.at(0).as_int64()) << where;
    EXPECT_EQ(numpy_text(choice->values), theirs.at(1).as_string()) << where;
  } else {
    EXPECT_EQ(to_json(ours), theirs) << where;
  }
}

bool with_numpy(const std::string& task) {
  return task == "truthfulqa_mc2" || task == "f6";
}

void expect_results(const TaskAggregate& ours, const json::value& theirs, bool numpy) {
  std::vector<std::string> keys;
  for (const AggregateValue& value : ours.values) {
    keys.push_back(value.key());
    keys.push_back(value.stderr_key());
    ASSERT_TRUE(value.value.has_value()) << value.key() << ": " << value.why;
    const double wanted = *get_number(theirs, value.key());
    // Sums run from left to right in doubles: equal to the last digit, but for numpy's.
    EXPECT_NEAR(*value.value, wanted, numpy ? 1e-12 * std::abs(wanted) : 0) << value.key();
    const json::value& error = theirs.at(value.stderr_key());
    if (error.is_string()) {
      EXPECT_EQ(error.as_string(), "N/A");
      EXPECT_FALSE(value.stderr_.has_value()) << value.key();
    } else {
      ASSERT_TRUE(value.stderr_.has_value()) << value.key();
      EXPECT_NEAR(*value.stderr_, *as_number(error), numpy ? 1e-12 * *as_number(error) : 0) << value.key();
    }
  }
  EXPECT_EQ(static_cast<std::int64_t>(ours.sample_len), get_integer(theirs, "sample_len"));
  std::vector<std::string> wanted;
  for (const auto& [key, value] : theirs.as_object())
    if (key != "name" && key != "alias" && key != "sample_len") wanted.emplace_back(key);
  EXPECT_EQ(keys, wanted);
}

std::map<std::string, std::string> file_of() {
  std::map<std::string, std::string> out;
  for (const char* file :
       {"arc/arc_challenge.yaml", "arc/arc_challenge_chat.yaml", "mmlu/default/mmlu_abstract_algebra.yaml",
        "truthfulqa/truthfulqa_mc1.yaml", "truthfulqa/truthfulqa_mc2.yaml", "openbookqa/openbookqa.yaml", "gsm8k/gsm8k.yaml",
        "blimp/adjunct_island.yaml", "lambada/lambada_openai.yaml", "pile_10k/pile_10k.yaml", "hellaswag/hellaswag.yaml"}) {
    std::string name = std::filesystem::path(file).stem().string();
    out[name == "adjunct_island" ? "blimp_adjunct_island" : name] = file;
  }
  return out;
}

TEST(YamlScoring, ElevenTasks) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_tasks.json");
  const auto files = file_of();
  std::size_t n = 0;
  for (const json::value& one : golden("head_tasks.json").at("cases").as_array()) {
    for (const auto& [key, expected] : one.at("tasks").as_object()) {
      const std::string name(key);
      SCOPED_TRACE(name);
      HeadRows rows;
      auto plan = YamlPlan::make(head_task(files.at(name)), rows, settings_of(one, "num_fewshot_option"));
      ASSERT_TRUE(plan.has_value()) << to_string(plan.error());
      const TaskScorer scorer = scorer_of(plan->task());
      TaskTally tally(name, scorer);
      HashTexts texts;
      for (std::size_t i = 0; i < plan->size(); ++i, ++n) {
        auto scores = scored(plan->task(), scorer, *plan->document(i), texts);
        ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
        for (const DocumentScores& chain : *scores)
          for (const auto& [metric, value] : chain.values)
            expect_value(value, expected.at("per_doc_metrics").at(metric + "," + chain.filter).at(i),
                         metric + " of " + std::to_string(i));
        tally.add(*scores);
      }
      expect_results(tally.finish(1000), expected.at("results"), with_numpy(name));
      const json::value& better = one.at("higher_is_better").at(name);
      for (const PlannedMetric& metric : scorer.metrics())
        EXPECT_EQ(metric.higher_is_better, better.at(metric.name).as_bool()) << metric.name;
    }
  }
  EXPECT_GT(n, 400u);
}

TEST(YamlScoring, EveryFeature) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_features.json");
  const json::value& vectors = golden("head_features.json");
  GivenRows rows;
  for (const json::value& row : vectors.at("documents").as_array()) rows.splits["test"].push_back(row);
  for (const json::value& row : vectors.at("few_shot_pool_train_split").as_array()) rows.splits["train"].push_back(row);
  for (const json::value& one : vectors.at("cases").as_array()) {
    if (find(one, "error")) continue;
    const std::string name(one.at("config").at("task").as_string());
    SCOPED_TRACE(name);
    auto config = read_task_config(python_value(one.at("config")), "inline.yaml");
    ASSERT_TRUE(config.has_value()) << to_string(config.error());
    auto plan = YamlPlan::make(*config, rows, settings_of(one, "num_fewshot"));
    ASSERT_TRUE(plan.has_value()) << to_string(plan.error());
    const TaskScorer scorer = scorer_of(plan->task());
    TaskTally tally(name, scorer);
    HashTexts texts;
    std::map<std::pair<std::string, std::int64_t>, const json::value*> samples;
    for (const json::value& sample : one.at("samples").as_array())
      samples[{std::string(sample.at("filter").as_string()), sample.at("doc_id").as_int64()}] = &sample;
    for (std::size_t i = 0; i < plan->size(); ++i) {
      auto scores = scored(plan->task(), scorer, *plan->document(i), texts);
      ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
      for (const DocumentScores& chain : *scores) {
        const json::value& sample = *samples.at({chain.filter, static_cast<std::int64_t>(i)});
        if (config->output_type == OutputType::generate_until) {
          EXPECT_EQ(to_json(chain.filtered), sample.at("filtered").at(0)) << i;
        }
        const json::object& wanted = sample.at("metrics").as_object();
        EXPECT_EQ(chain.values.size(), wanted.size());
        for (const auto& [metric, value] : chain.values) {
          expect_value(value, wanted.at(metric), metric + " of " + std::to_string(i));
          // What a result row keeps comes back the same.
          auto back = metric_value(*parse_json(write_json(to_json(value))), *scorer.metric(metric));
          ASSERT_TRUE(back.has_value()) << to_string(back.error());
          EXPECT_EQ(*back, value);
        }
      }
      tally.add(*scores);
    }
    expect_results(tally.finish(1000), one.at("results"), with_numpy(name));
  }
}

TEST(YamlScoring, GivenAnswers) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_generation_scoring.json");
  const auto files = file_of();
  for (const json::value& one : golden("head_generation_scoring.json").at("cases").as_array()) {
    const std::string name(one.at("task").as_string());
    SCOPED_TRACE(name);
    HeadRows rows;
    YamlSettings settings;
    settings.limit = *get_number(one, "limit");
    auto plan = YamlPlan::make(head_task(files.at(name)), rows, settings);
    ASSERT_TRUE(plan.has_value()) << to_string(plan.error());
    const TaskScorer scorer = scorer_of(plan->task());
    TaskTally tally(name, scorer);
    const json::array& responses = one.at("responses").as_array();
    std::map<std::pair<std::string, std::int64_t>, const json::value*> samples;
    for (const json::value& sample : one.at("samples").as_array())
      samples[{std::string(sample.at("filter").as_string()), sample.at("doc_id").as_int64()}] = &sample;
    ASSERT_EQ(plan->size(), responses.size());
    for (std::size_t i = 0; i < responses.size(); ++i) {
      auto scores = scorer.score(plan->bare(i), std::vector<std::string>{std::string(responses[i].as_string())});
      ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
      for (const DocumentScores& chain : *scores) {
        const json::value& sample = *samples.at({chain.filter, static_cast<std::int64_t>(i)});
        EXPECT_EQ(to_json(chain.filtered), sample.at("filtered").at(0));
        EXPECT_EQ(std::get<double>(chain.values.at(0).second), *get_number(sample, "exact_match")) << i;
      }
      tally.add(*scores);
    }
    expect_results(tally.finish(0), one.at("results"), false);
  }
}

TEST(YamlScoring, AGroupIsWeightedBySize) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_group_mmlu_stem.json");
  const json::value& one = golden("head_group_mmlu_stem.json").at("case");
  std::vector<TaskAggregate> tasks;
  for (const auto& [name, expected] : one.at("tasks").as_object()) {
    MetricConfig acc;
    acc.name = "acc";
    TaskConfig config;
    config.task = std::string(name);
    config.output_type = OutputType::multiple_choice;
    config.metrics.push_back(acc);
    TaskTally tally(config.task, scorer_of(config));
    for (const json::value& value : expected.at("per_doc_metrics").at("acc,none").as_array())
      tally.add("none", "acc", *as_number(value));
    tasks.push_back(tally.finish(1000));
    expect_results(tasks.back(), expected.at("results"), false);
  }
  TaskGroup group;
  group.group = "mmlu_stem";
  group.alias = "stem";
  group.aggregates.push_back({.metric = "acc"});
  std::vector<const TaskAggregate*> leaves;
  for (const TaskAggregate& task : tasks) leaves.push_back(&task);
  const GroupAggregate ours = aggregate_group(group, leaves);
  const json::value& theirs = one.at("groups").at("mmlu_stem");
  EXPECT_EQ(ours.alias, theirs.at("alias").as_string());
  EXPECT_EQ(static_cast<std::int64_t>(ours.sample_len), get_integer(theirs, "sample_len"));
  ASSERT_EQ(ours.values.size(), 1u);
  EXPECT_EQ(*ours.values[0].value, *get_number(theirs, "acc,none"));
  EXPECT_NEAR(*ours.values[0].stderr_, *get_number(theirs, "acc_stderr,none"), 1e-16);
  EXPECT_EQ(static_cast<std::int64_t>(ours.values[0].n), get_integer(theirs.at("sample_count"), "acc,none"));

  const json::value& sums = golden("head_filters_metrics.json").at("group_aggregation");
  std::vector<double> errors, values;
  std::vector<std::size_t> sizes;
  for (const json::value& x : sums.at("stderrs").as_array()) errors.push_back(*as_number(x));
  for (const json::value& x : sums.at("metrics").as_array()) values.push_back(*as_number(x));
  for (const json::value& x : sums.at("sizes").as_array()) sizes.push_back(static_cast<std::size_t>(x.as_int64()));
  EXPECT_EQ(pooled_stderr(errors, sizes), *get_number(sums, "pooled_sample_stderr"));
  EXPECT_EQ(aggregate_mean(values, sizes, true), *get_number(sums, "weighted"));
  EXPECT_EQ(aggregate_mean(values, sizes, false), *get_number(sums, "unweighted"));
}

TaskConfig config_of(const char* yaml_as_json) {
  auto config = read_task_config(python_value(*parse_json(yaml_as_json)), "t.yaml");
  EXPECT_TRUE(config.has_value()) << to_string(config.error());
  return config ? *config : TaskConfig{};
}

TEST(YamlScoring, AGroupsWishesInTheirOrderAndTheLaterOfTwo) {
  TaskAggregate small, large;
  small.task = "small", large.task = "large";
  small.sample_len = 10, large.sample_len = 30;
  for (const char* filter : {"z", "a"}) {
    small.values.push_back({.metric = "acc", .filter = filter, .value = 0.2, .n = 10});
    large.values.push_back({.metric = "acc", .filter = filter, .value = 0.6, .n = 30});
    small.values.push_back({.metric = "f1", .filter = filter, .value = 1.0, .n = 10});
  }
  const TaskAggregate* leaves[] = {&small, &large};
  TaskGroup group;
  group.aggregates = {{.metric = "f1"}, {.metric = "acc"}, {.metric = "acc", .weight_by_size = false, .filters = {"z"}}};
  const GroupAggregate made = aggregate_group(group, leaves);
  std::string keys;
  for (const AggregateValue& value : made.values) keys += value.key() + " ";
  EXPECT_EQ(keys, "f1,a f1,z acc,a acc,z ");
  EXPECT_DOUBLE_EQ(*made.values[2].value, 0.5);
  EXPECT_DOUBLE_EQ(*made.values[3].value, 0.4);  // unweighted
}

TEST(YamlScoring, TranslationMetrics) {
  const TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"generate_until","doc_to_text":"a","doc_to_target":"b",
    "metric_list":[{"metric":"bleu"},{"metric":"chrf"},{"metric":"ter"},{"metric":"anls"}]})");
  const TaskScorer scorer = scorer_of(config);
  TaskTally tally("t", scorer);
  for (const auto& [reference, said] :
       {std::pair{"a b c d", "a b c d"}, {"e f g h", "e f x h"}, {"a b c d e f g h", "d e f g h a b c"}}) {
    TaskDocument document;
    document.target = PythonValue::of(reference);
    auto scores = scorer.score(document, std::vector<std::string>{said});
    ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
    tally.add(*scores);
  }
  const TaskAggregate all = tally.finish(100);
  // n-grams: 4+3+8 of 4+4+8, 3+1+6 of 3+3+7, 2+0+4 of 2+2+6, 1+0+2 of 1+1+5.
  EXPECT_NEAR(*all.find("bleu", "none")->value, 100 * std::pow(15 / 16.0 * 10 / 13.0 * 6 / 10.0 * 3 / 7.0, 0.25), 1e-9);
  EXPECT_NEAR(*all.find("ter", "none")->value, 100 * 2 / 16.0, 1e-12);  // a substitution and a shift
  EXPECT_GT(*all.find("chrf", "none")->value, 40);
  EXPECT_GT(*all.find("bleu", "none")->stderr_, 0);
  EXPECT_NEAR(*all.find("anls", "none")->value, (1 + 6 / 7.0 + 0) / 3, 1e-12);
  // At most 100 iterations, whatever was asked.
  EXPECT_EQ(*tally.finish(100000).find("bleu", "none")->stderr_, *all.find("bleu", "none")->stderr_);
  EXPECT_FALSE(tally.finish(0).find("ter", "none")->stderr_.has_value());
}

TEST(YamlScoring, TargetsOfEveryKind) {
  const TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"multiple_choice","doc_to_text":"a","doc_to_target":"b","doc_to_choice":["x","yy"],
    "metric_list":[{"metric":"acc"},{"metric":"acc_norm"},{"metric":"acc_bytes"},{"metric":"exact_match"}]})");
  const TaskScorer scorer = scorer_of(config);
  auto values = [&](PythonValue target, std::vector<std::string> choices, std::vector<double> sums, std::vector<bool> greedy) {
    TaskDocument document;
    document.target = std::move(target);
    document.choices = std::move(choices);
    std::vector<Loglikelihood> answers;
    for (std::size_t i = 0; i < sums.size(); ++i) answers.push_back({.sum = sums[i], .greedy = greedy[i]});
    auto scores = scorer.score(document, answers);
    if (!scores) return "error: " + scores.error().message;
    std::string out;
    for (const auto& [metric, value] : scores->front().values) out += std::to_string(static_cast<int>(std::get<double>(value)));
    return out;
  };
  using V = PythonValue;
  // The best is the second choice; by letter and by byte they differ.
  EXPECT_EQ(values(V::of(std::int64_t{0}), {"a", "日"}, {-3, -2}, {true, false}), "0001");
  EXPECT_EQ(values(V::of(std::int64_t{1}), {"a", "日"}, {-3, -2}, {true, false}), "1110");
  EXPECT_EQ(values(V::of(std::int64_t{1}), {"abc", "日"}, {-3, -2.5}, {true, true}), "1011");
  EXPECT_EQ(values(V::of("日"), {"a", "日"}, {-3, -2}, {true, true}), "1111");
  EXPECT_EQ(values(V::of("b"), {"a", "日"}, {-3, -2}, {true, true}), "0000");  // no such choice: wrong, not an error
  EXPECT_EQ(values(V::of(std::int64_t{7}), {"a", "日"}, {-3, -2}, {true, true}), "0000");
  EXPECT_EQ(values(V::of(std::int64_t{-1}), {"a", "日"}, {-3, -2}, {true, true}),
            "0001");  // Python's last one, for is_greedy alone
  EXPECT_EQ(values(V::list_of({V::of(std::int64_t{0}), V::of(std::int64_t{1})}), {"a", "日"}, {-3, -2}, {true, false}), "1111");
  EXPECT_EQ(values(V::of(true), {"a", "日"}, {-3, -2}, {false, false}), "1110");
  EXPECT_EQ(values(V::of(std::int64_t{0}), {"a", "日"}, {-3}, {true}), "error: 1 log-likelihoods for 2 choices");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(values(V::of(std::int64_t{0}), {"a", "b"}, {nan, -2}, {false, false}), "1110");
}

TEST(YamlScoring, MinusOneIsTheLastOfAllAnswers) {
  const TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"multiple_choice","doc_to_text":"a","doc_to_target":"b","doc_to_choice":["x","y"],
    "metric_list":[{"metric":"exact_match"},{"metric":"acc_mutual_info"}]})");
  TaskDocument document;
  document.target = PythonValue::of(std::int64_t{-1});
  document.choices = {"x", "y"};
  std::vector<Loglikelihood> answers;
  for (bool greedy : {false, false, false, true}) answers.push_back({.sum = -1, .greedy = greedy});
  auto scores = scorer_of(config).score(document, answers);
  ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
  EXPECT_EQ(std::get<double>((*scores)[0].values[0].second), 1);  // that of the second choice without context
}

TEST(YamlScoring, EveryMetricOfEveryChainAndOneOfAName) {
  const TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"generate_until","doc_to_text":"a","doc_to_target":"b",
    "filter_list":[{"name":"a","metric_list":["bleu"],"filter":[{"function":"uppercase"},{"function":"take_first"}]},{"name":"b","filter":[{"function":"take_first"}]},
                   {"name":"a","filter":[{"function":"lowercase"},{"function":"take_first"}]}],
    "metric_list":[{"metric":"exact_match"},{"metric":"anls"},{"metric":"exact_match","ignore_punctuation":true}]})");
  TaskDocument document;
  document.target = PythonValue::of("a!");
  auto scores = scorer_of(config).score(document, std::vector<std::string>{"A"});
  ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
  ASSERT_EQ(scores->size(), 2u);
  EXPECT_EQ((*scores)[0].filter, "a");
  for (const DocumentScores& one : *scores) {
    ASSERT_EQ(one.values.size(), 2u);
    EXPECT_EQ(one.values[0].first, "exact_match");
    EXPECT_EQ(one.values[1].first, "anls");
  }
  EXPECT_EQ(std::get<double>((*scores)[0].values[0].second), 1);  // lower-cased, and without the sign
  EXPECT_EQ(std::get<double>((*scores)[1].values[0].second), 0);
}

TEST(YamlScoring, TheFirstDocumentSaysWhetherTargetsAreSeveral) {
  const TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"generate_until","doc_to_text":"a","doc_to_target":"b",
    "filter_list":[{"name":"plain","filter":[{"function":"take_first"}]},
                   {"name":"number","filter":[{"function":"map","mapping_dict":{"three":3,"half":0.5,"yes":true},"default_value":7},{"function":"take_first"}]}],
    "metric_list":[{"metric":"exact_match"}]})");
  const TaskScorer scorer = scorer_of(config);
  auto values = [&](PythonValue target, std::optional<bool> lists, const std::string& said) {
    TaskDocument document;
    document.target = std::move(target);
    document.lists_of_targets = lists;
    auto scores = scorer.score(document, std::vector<std::string>{said});
    if (!scores) return "error: " + scores.error().message;
    std::string out;
    for (const DocumentScores& one : *scores) out += std::to_string(static_cast<int>(std::get<double>(one.values[0].second)));
    return out;
  };
  using V = PythonValue;
  const V list = V::list_of({V::of("a"), V::of("b")}), numbers = V::list_of({V::of(std::int64_t{3}), V::of(std::int64_t{4})});
  EXPECT_EQ(values(list, true, "b"), "10");
  EXPECT_EQ(values(list, false, "b"), "00");  // an answer that looks like a list is one text
  EXPECT_EQ(values(list, false, "['a', 'b']"), "10");
  V tuple = list;
  tuple.kind = V::Kind::tuple;  // of "['a'], ['b']", say
  EXPECT_EQ(values(tuple, false, "('a', 'b')"), "10");
  EXPECT_EQ(values(V::of("abc"), true, "c"), "10");  // Python's list() of a text: its characters
  EXPECT_EQ(values(V::of(""), true, "c"), "00");
  EXPECT_EQ(values(V::list_of({}), true, ""), "00");
  EXPECT_EQ(values(V::list_of({}), std::nullopt, "[]"), "10");
  // numpy finds no text equal to a number, unless a text beside it made it one. Of a number the one target is made a number, too.
  EXPECT_EQ(values(numbers, true, "3"), "00");
  EXPECT_EQ(values(numbers, true, "three"), "01");
  EXPECT_EQ(values(V::list_of({V::of(std::int64_t{3}), V::of("x")}), true, "3"), "10");
  EXPECT_EQ(values(V::of(" 03 "), false, "three"), "01");
  EXPECT_EQ(values(V::of("0.50"), false, "half"), "01");
  EXPECT_EQ(values(V::of("no"), false, "yes"), "01");
  EXPECT_EQ(values(V::of(3.9), false, "three"), "01");
  EXPECT_EQ(values(V::of(std::int64_t{3}), false, "3"), "10");
}

TEST(YamlScoring, SeveralTargetsAndLists) {
  const TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"generate_until","doc_to_text":"a","doc_to_target":"b","repeats":2,
    "filter_list":[{"name":"all","filter":[{"function":"lowercase"}]},{"name":"one","filter":[{"function":"take_first"}]}],"metric_list":[{"metric":"exact_match"}]})");
  const TaskScorer scorer = scorer_of(config);
  TaskDocument document;
  document.target = PythonValue::of("a");
  auto scores = scorer.score(document, std::vector<std::string>{"A", "b"});
  ASSERT_TRUE(scores.has_value()) << to_string(scores.error());
  EXPECT_EQ(std::get<double>((*scores)[0].values[0].second), 0.5);  // numpy compares each of the list
  EXPECT_EQ(std::get<double>((*scores)[1].values[0].second), 0);
  document.target = PythonValue::list_of({PythonValue::of("x"), PythonValue::of("A")});
  // As many answers as targets are compared one by one, one answer with every target; else nothing is.
  auto of_all = [&](std::vector<std::string> answers) {
    auto made = scorer.score(document, answers);
    return made ? std::get<double>((*made)[0].values[0].second) : -1;
  };
  document.target = PythonValue::list_of({PythonValue::of("x"), PythonValue::of("a")});
  EXPECT_EQ(of_all({"A", "b"}), 0);
  EXPECT_EQ(of_all({"b", "A"}), 1);
  EXPECT_EQ(of_all({"A"}), 1);
  EXPECT_EQ(of_all({"A", "b", "c"}), -1);
  document.target = PythonValue::of(std::int64_t{12});  // a number is compared as text
  EXPECT_EQ(std::get<double>((*scorer.score(document, std::vector<std::string>{"12", "b"}))[1].values[0].second), 1);
  document.choices = {"p", "q"};
  EXPECT_FALSE(scorer.score(document, std::vector<std::string>{"12", "b"}).has_value());
  document.target = PythonValue::of(std::int64_t{-1});
  EXPECT_EQ(std::get<double>((*scorer.score(document, std::vector<std::string>{"q", "b"}))[1].values[0].second), 1);
}

TEST(YamlScoring, RefusedByName) {
  auto refused = [](const char* metrics, const char* type = "generate_until") {
    TaskConfig config = config_of(
        (std::string(
             R"({"task":"t","dataset_path":"x","test_split":"test","doc_to_text":"a","doc_to_target":"b","doc_to_choice":["x","y"],"output_type":")") +
         type + "\",\"metric_list\":" + metrics + "}")
            .c_str());
    auto scorer = TaskScorer::make(config);
    return scorer ? std::string("made") : scorer.error().message;
  };
  EXPECT_EQ(refused(R"([{"metric":"rouge"}])"), "metric rouge of t is not known here");
  EXPECT_EQ(refused(R"([{"metric":"acc"}])"), "metric acc of t does not go with output_type generate_until");
  EXPECT_EQ(refused(R"([{"metric":"exact_match","aggregation":"mode"}])"),
            "metric exact_match of t: the aggregation \"mode\" is not known here");
  EXPECT_EQ(refused(R"([{"metric":"exact_match"}])"), "made");
  EXPECT_EQ(refused(R"([{"metric":"f1","average":"macro"}])", "multiple_choice"), "made");
}

TEST(YamlScoring, WeightedF1OfTheTasksThatNameIt) {
  TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"multiple_choice","doc_to_text":"a","doc_to_target":"b","doc_to_choice":["x","y"]})");
  MetricConfig f1;
  f1.name = "f1";
  f1.aggregation_function = PythonFunction{"utils.weighted_f1_score", "a/b.yaml"};
  config.metrics = {f1};
  TaskTally tally("t", scorer_of(config));
  for (const LabelPair& pair : {LabelPair(0, 0), LabelPair(0, 1), LabelPair(1, 1), LabelPair(2, 2)})
    tally.add("none", "f1", pair);
  const TaskAggregate all = tally.finish(1000);
  EXPECT_DOUBLE_EQ(*all.values.at(0).value, (2 / 3.0 * 2 + 2 / 3.0 + 1) / 4);
  EXPECT_FALSE(all.values.at(0).stderr_.has_value());
  config.metrics[0].aggregation_function->name = "utils.other";
  EXPECT_FALSE(TaskScorer::make(config).has_value());
}

TEST(YamlScoring, WhatJsonHasNoNumberForComesBack) {
  const double inf = std::numeric_limits<double>::infinity();
  auto back = [](const MetricValue& value, Aggregation aggregation) {
    return metric_value(*parse_json(write_json(to_json(value))), {"m", aggregation, true, F1Average::binary});
  };
  EXPECT_EQ(std::get<double>(*back(-inf, Aggregation::perplexity)), -inf);
  EXPECT_TRUE(std::isnan(std::get<double>(*back(std::nan(""), Aggregation::mean))));
  EXPECT_EQ(std::get<Weighted>(*back(Weighted(-inf, 3), Aggregation::bits_per_byte)), Weighted(-inf, 3));
  EXPECT_EQ(std::get<TextPair>(*back(TextPair{"nan", "inf"}, Aggregation::bleu)), (TextPair{"nan", "inf"}));
  EXPECT_EQ(std::get<ChoiceNumbers>(*back(ChoiceNumbers{1, {inf, 0.5}}, Aggregation::brier_score)),
            (ChoiceNumbers{1, {inf, 0.5}}));
  EXPECT_FALSE(back(TextPair{"a", "b"}, Aggregation::mean).has_value());
  EXPECT_FALSE(back(LabelPair(0, 1), Aggregation::bleu).has_value());
  EXPECT_FALSE(metric_value(nullptr, {"m", Aggregation::mean, true, F1Average::binary}).has_value());
}

TEST(YamlSummary, WhatCannotBeComputedSaysWhy) {
  TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"multiple_choice","doc_to_text":"a","doc_to_target":"b","doc_to_choice":["x","y"],
    "metric_list":[{"metric":"f1"},{"metric":"brier_score"},{"metric":"acc"},{"metric":"likelihood"}]})");
  TaskTally tally("t", scorer_of(config));
  tally.add("none", "f1", LabelPair(0, 1));
  tally.add("none", "f1", LabelPair(2, 1));
  tally.add("none", "brier_score", ChoiceNumbers{0, {0.5, 0.5}});
  tally.add("none", "brier_score", ChoiceNumbers{0, {0.5, 0.25, 0.25}});
  tally.add("none", "acc", 1.0);
  tally.add("none", "likelihood", ChoiceNumbers{0, {-1, -2}});
  const TaskAggregate all = tally.finish(1000);
  EXPECT_EQ(all.find("f1", "none")->why, "f1 is for two labels, and there are 3");
  EXPECT_EQ(all.find("brier_score", "none")->why, "brier_score needs as many choices of every document");
  EXPECT_EQ(*all.find("acc", "none")->value, 1);
  EXPECT_FALSE(all.find("acc", "none")->stderr_.has_value());  // one document has none
  EXPECT_FALSE(all.find("likelihood", "none")->value.has_value());
  const std::vector<Metric> metrics = report_metrics(all.values);
  ASSERT_EQ(metrics.size(), 4u);
  EXPECT_EQ(metrics[0].name, "f1");
  EXPECT_FALSE(metrics[0].value.has_value());
  EXPECT_EQ(metrics[0].why_null, "f1 is for two labels, and there are 3");
}

TEST(YamlSummary, AReportSaysWhatIsBetterAsTheTaskDoes) {
  TaskConfig config = config_of(
      R"({"task":"t","dataset_path":"x","test_split":"test","output_type":"generate_until","doc_to_text":"a","doc_to_target":"b",
    "filter_list":[{"name":"strict","filter":[{"function":"take_first"}]},{"name":"loose","filter":[{"function":"take_first"}]}],
    "metric_list":[{"metric":"ter"},{"metric":"exact_match","higher_is_better":false},{"metric":"chrf"}]})");
  TaskTally tally("t", scorer_of(config));
  for (const char* filter : {"strict", "loose"}) tally.add(filter, "ter", TextPair{"a", "b"}), tally.add(filter, "exact_match", 1.0), tally.add(filter, "chrf", TextPair{"a", "b"});
  TaskAggregate one = tally.finish(0), other = one;
  const std::vector<Metric> metrics = report_metrics(one.values);
  ASSERT_EQ(metrics.size(), 6u);
  EXPECT_EQ(metrics[0].name, "ter,strict");
  EXPECT_EQ(metrics[0].lower_is_better, true);
  EXPECT_EQ(metrics[1].lower_is_better, true);
  EXPECT_EQ(metrics[2].lower_is_better, false);
  // A group says what its tasks agree on.
  for (AggregateValue& value : other.values)
    if (value.metric == "exact_match") value.lower_is_better = false;
  const TaskAggregate* leaves[] = {&one, &other};
  TaskGroup group;
  group.aggregates = {{.metric = "ter"}, {.metric = "exact_match"}, {.metric = "chrf"}};
  const std::vector<Metric> both = report_metrics(aggregate_group(group, leaves).values);
  ASSERT_EQ(both.size(), 6u);
  EXPECT_EQ(both[0].lower_is_better, true);
  EXPECT_FALSE(both[2].lower_is_better.has_value());
  EXPECT_EQ(both[4].lower_is_better, false);
}

TEST(YamlSummary, MedianSortsAndNanmeanSkips) {
  auto of = [](const char* aggregation, std::vector<double> values) {
    TaskConfig config = config_of(
        (std::string(
             R"({"task":"t","dataset_path":"x","test_split":"test","doc_to_text":"a","doc_to_target":"b","metric_list":[{"metric":"exact_match","aggregation":")") +
         aggregation + "\"}]}")
            .c_str());
    TaskTally tally("t", scorer_of(config));
    for (double value : values) tally.add("none", "exact_match", value);
    return tally.finish(100).values.at(0);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(*of("median", {5, 1, 4, 2}).value, 4);
  EXPECT_EQ(*of("nanmean", {1, nan, 2}).value, 1.5);
  EXPECT_TRUE(of("nanmean", {1, nan, 2}).stderr_.has_value());
  EXPECT_EQ(of("mean", {1, nan}).why, "not a finite number");
  EXPECT_NEAR(*of("perplexity", {-1, -3}).value, std::exp(2), 1e-12);
}

}  // namespace
}  // namespace assay::harness
