// harness:TASK from options to report: task files and data in folders, answers of the hash model, numbers of the harness.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/text.h"
#include "benchmark/harness/evaluated.h"
#include "benchmark/harness/harness_tasks.h"
#include "benchmark/harness/yaml_golden.h"
#include "benchmark/harness/yaml_requests.h"
#include "support/loop.h"
#include "support/temporary_folder.h"

namespace assay::harness::test {
namespace {

/// The README's hash model, generations included.
class HashModel final : public UnitContext {
 public:
  /// `cuts`: every prompt is too long for it.
  explicit HashModel(bool cuts = false) : cuts_(cuts) {}
  Async<Response> ask(std::string_view role, std::string_view, Request request) override {
    EXPECT_EQ(role, "model");
    Response out;
    out.finish = Finish::stop;
    if (const auto* group = std::get_if<LoglikelihoodGroup>(&request)) {
      for (const auto& item : group->items) {
        const std::string hash = sha_pair(group->shared_prefix + item.context, item.continuation);
        out.loglikelihoods.push_back({.sum = hash_logprob(hash), .greedy = hash_greedy(hash), .tokens = 1});
      }
    } else if (const auto* rolling = std::get_if<Rolling>(&request)) {
      out.loglikelihoods.push_back({.sum = hash_logprob(sha_pair("", rolling->text)), .tokens = 1});
    } else {
      const auto& generate = std::get<Generate>(request);
      out.truncated = cuts_ && generate.cut_left;
      const std::string hash = sha_pair(generate.prompt, std::to_string(asked_[generate.prompt]++));
      const std::string n = std::to_string(std::stoul(hash.substr(0, 8), nullptr, 16) % 200);
      const unsigned kind = std::stoul(hash.substr(8, 2), nullptr, 16) % 4;
      const char letter = "ABCD"[std::stoul(hash.substr(10, 2), nullptr, 16) % 4];
      // What the original's model said it said whole: stops are the back end's business.
      out.text = kind == 0   ? "#### " + n
                 : kind == 1 ? " So the answer is " + n + ". "
                 : kind == 2 ? std::string("(") + letter + ")"
                             : std::string(" The answer is ") + letter + ".\n";
    }
    co_return out;
  }

 private:
  bool cuts_;
  std::map<std::string, int> asked_;
};

Report run(const PrepareSettings& settings, bool cuts = false) {
  NoPack pack;
  auto evaluation = HarnessTasks().prepare(settings, pack);
  EXPECT_TRUE(evaluation) << to_string(evaluation.error());
  Report report;
  if (!evaluation) return report;
  Kept results(**evaluation);
  HashModel model(cuts);
  assay::test::Loop loop;
  loop.start(evaluate_all(**evaluation, model, results.units));
  loop.finish();
  auto done = (*evaluation)->finish(results, report);
  EXPECT_TRUE(done) << to_string(done.error());
  return report;
}

std::string refusal(const PrepareSettings& settings) {
  NoPack pack;
  auto evaluation = HarnessTasks().prepare(settings, pack);
  return evaluation ? "" : to_string(evaluation.error());
}

PrepareSettings settings(std::string variant, std::map<std::string, std::string> options) {
  PrepareSettings out;
  out.ref = {"harness", "", std::move(variant)};
  out.options = std::move(options);
  return out;
}

/// A folder with the rows of the feature vectors, and each configuration as a task file.
class YamlEvaluation : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(shared("golden/open-llm-leaderboard/head_features.json")))
      GTEST_SKIP() << "the shared data are not here";
    const json::value& vectors = golden("head_features.json");
    std::string test, train;
    for (const json::value& row : vectors.at("documents").as_array()) test += write_json(row) + "\n";
    for (const json::value& row : vectors.at("few_shot_pool_train_split").as_array()) train += write_json(row) + "\n";
    put("data/inline/test.jsonl", test);
    put("data/inline/train.jsonl", train);
    for (const json::value& one : vectors.at("cases").as_array())
      put("tasks/" + *get_string(one.at("config"), "task") + ".yaml", write_json(one.at("config")));  // JSON is YAML
  }
  void put(const std::string& name, const std::string& text) { ASSERT_TRUE(write_file(folder_ / name, text)); }
  PrepareSettings of(const std::string& task, std::map<std::string, std::string> options = {}) {
    options.try_emplace("folder", (folder_ / "tasks").string());
    options.try_emplace("rows", (folder_ / "data").string());
    return settings(task, std::move(options));
  }
  assay::test::TemporaryFolder temporary_;
  std::filesystem::path folder_ = temporary_.path();
};

double value_of(const Report& report, const std::string& metric) {
  const Metric* found = report.total.metric(metric);
  EXPECT_NE(found, nullptr) << metric;
  return found && found->value ? *found->value : std::nan("");
}

TEST_F(YamlEvaluation, EveryFeatureGivesTheHarnesssNumbers) {
  for (const json::value& one : golden("head_features.json").at("cases").as_array()) {
    if (find(one, "error")) continue;
    const std::string task = *get_string(one.at("config"), "task");
    SCOPED_TRACE(task);
    std::map<std::string, std::string> options{{"bootstrap_iters", "1000"}};
    if (auto shots = get_integer(one, "num_fewshot")) options["num_fewshot"] = std::to_string(*shots);
    const json::value& given = one.at("options");
    if (get_bool(given, "apply_chat_template").value_or(false))
      options["chat_template"] =
          "{% for m in messages %}<|{{m.role}}|>\n{{m.content}}{% if not loop.last or add_generation_prompt %}<|end|>\n{% endif "
          "%}{% endfor %}"
          "{% if add_generation_prompt %}<|assistant|>\n{% endif %}";
    if (auto system = get_string(given, "system_instruction")) options["system_instruction"] = *system;
    const Report report = run(of(task, options));
    const bool several = one.at("config").as_object().contains("filter_list");
    for (const auto& [key, value] : one.at("results").as_object()) {
      const std::string name(key);
      const std::size_t comma = name.find(',');
      if (comma == std::string::npos || contains(name, "_stderr,")) continue;
      const double theirs = value.to_number<double>();
      EXPECT_NEAR(value_of(report, several ? name : name.substr(0, comma)), theirs, std::abs(theirs) * 1e-12) << name;
      const json::value& error = one.at("results").at(name.substr(0, comma) + "_stderr" + name.substr(comma));
      const Metric* metric = report.total.metric(several ? name : name.substr(0, comma));
      if (!metric) continue;
      EXPECT_EQ(metric->stderr_.has_value(), error.is_number()) << name;
      if (metric->stderr_ && error.is_number()) {
        EXPECT_NEAR(*metric->stderr_, error.to_number<double>(), error.to_number<double>() * 1e-12) << name;
      }
    }
    EXPECT_EQ(report.total.counts.scored, one.at("requests").as_array().size());
    EXPECT_EQ(report.status, "complete");
    EXPECT_FALSE(report.deviates.empty());
  }
}

TEST_F(YamlEvaluation, GenerationsWhoseContextWasCutAreCounted) {
  for (const json::value& one : golden("head_features.json").at("cases").as_array()) {
    if (get_string(one.at("config"), "output_type") != "generate_until" || find(one, "error")) continue;
    const std::string task = *get_string(one.at("config"), "task");
    EXPECT_EQ(run(of(task)).total.metric("truncated"), nullptr) << task;
    const Report report = run(of(task), true);
    EXPECT_EQ(value_of(report, "truncated"), static_cast<double>(report.total.counts.scored)) << task;
    return;
  }
  FAIL() << "no task generates";
}

TEST_F(YamlEvaluation, GroupsTasksAndSelections) {
  put("tasks/pair.yaml", "group: pair\ntask: [f1, f4]\naggregate_metric_list: [{metric: acc}]\n");
  const Report report = run(of("pair", {{"num_fewshot", "2"}, {"limit", "3"}}));
  ASSERT_EQ(report.total.parts.size(), 2u);
  EXPECT_EQ(report.total.parts[0].name, "f1");
  EXPECT_EQ(report.total.counts.scored, 6u);
  const double mean = (*report.total.parts[0].metric("acc")->value + *report.total.parts[1].metric("acc")->value) / 2;
  EXPECT_DOUBLE_EQ(value_of(report, "acc"), mean);
  PrepareSettings chosen = of("f1,f4", {{"num_fewshot", "2"}});
  chosen.ref.variant = "f1";
  chosen.options["tasks"] = "f4";
  chosen.samples = {"f4/2", "f1/0"};
  EXPECT_EQ(run(chosen).total.counts.scored, 2u);
  EXPECT_EQ(run(of("f1", {{"samples", "{\"f1\": [1, 3]}"}})).total.counts.scored, 2u);
  EXPECT_EQ(run(of("f1", {{"limit", "0.3"}})).total.counts.scored, 3u);  // rounded up
}

TEST_F(YamlEvaluation, WhatCannotBeRunSaysWhy) {
  EXPECT_TRUE(contains(refusal(of("nothing")), "there is no task, group or tag"));
  EXPECT_TRUE(contains(refusal(of("f16")), "template line 1, document 0 of split test")) << refusal(of("f16"));
  EXPECT_TRUE(contains(refusal(of("f1", {{"num_fewshot", "99"}})), "has 12 rows")) << refusal(of("f1", {{"num_fewshot", "99"}}));
  EXPECT_TRUE(contains(refusal(of("f1", {{"apply_chat_template", "true"}})), "chat_template"));
  EXPECT_TRUE(contains(refusal(of("f1", {{"num_fewshots", "1"}})), "did you mean num_fewshot"));
  EXPECT_TRUE(contains(refusal(of("f1", {{"rows", "nowhere"}})), "--option rows=FOLDER"))
      << refusal(of("f1", {{"rows", "nowhere"}}));
  EXPECT_TRUE(contains(refusal(settings("f1", {})), "where are the task files"));
  EXPECT_EQ(refusal(settings((folder_ / "tasks/f1.yaml").string(), {{"rows", (folder_ / "data").string()}})), "");
  EXPECT_EQ(refusal(settings((folder_ / "tasks/f1").string(), {{"rows", (folder_ / "data").string()}})), "");
}

TEST(YamlRescore, ResultFilesOfTodaysHarnessBecomeReports) {
  assay::test::TemporaryFolder folder;
  const std::string file = (folder / "m/results_2026.json").string();
  ASSERT_TRUE(write_file(file, R"({"results": {"g": {"alias": "g", "sample_len": 30, "acc,none": 0.5, "acc_stderr,none": 0.1},
      "t": {"alias": "t", "sample_len": 30, "acc,none": 0.5, "acc_stderr,none": "N/A", "f1,none": 0.25, "f1,other": 1}},
      "group_subtasks": {"g": ["t"], "t": []}, "configs": {"t": {}}, "model_name": "m", "config": {"model": "hf"}})"));
  NoPack pack;
  Benchmark::ScoreRequest request;
  request.path = folder.path().string();
  auto reports = HarnessTasks().score_file(request, pack);
  ASSERT_TRUE(reports) << to_string(reports.error());
  ASSERT_EQ(reports->size(), 1u);
  const Report& report = reports->front();
  EXPECT_EQ(report.roles.at("model"), "m");
  EXPECT_EQ(report.total.counts.scored, 30u);
  ASSERT_EQ(report.total.parts.size(), 2u);
  EXPECT_EQ(report.total.parts[0].metric("acc")->stderr_, 0.1);
  EXPECT_EQ(report.total.parts[1].metric("acc,none")->value, 0.5);
  EXPECT_EQ(report.total.parts[1].metric("acc,none")->stderr_, std::nullopt);
  EXPECT_EQ(report.total.parts[1].metric("f1,other")->value, 1.0);
  ASSERT_TRUE(write_file(file, "{\"results\": {}}"));
  auto refused = HarnessTasks().score_file(request, pack);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
}

TEST(YamlRequests, SamplingFollowsTheHarness) {
  auto kwargs = [](const char* text) { return python_value(*parse_json(text)); };
  const Sampling greedy =
      sampling_of(kwargs(R"({"until": ["a", ""], "do_sample": false, "temperature": 0.7, "max_gen_toks": 9})"));
  EXPECT_EQ(greedy.temperature, 0.0);
  EXPECT_EQ(greedy.max_tokens, 9);
  EXPECT_EQ(greedy.stop, std::vector<std::string>{"a"});
  const Sampling drawn = sampling_of(kwargs(R"({"until": "x", "temperature": "0.5", "top_p": 0.9, "max_new_tokens": 3})"));
  EXPECT_EQ(drawn.temperature, 0.5);
  EXPECT_EQ(drawn.top_p, 0.9);
  EXPECT_EQ(drawn.max_tokens, 3);
  EXPECT_EQ(drawn.stop, std::vector<std::string>{"x"});
  EXPECT_EQ(sampling_of(kwargs("{}")).max_tokens, 256);
  EXPECT_EQ(unused_kwargs(kwargs(R"({"until": [], "num_beams": 2})")), std::vector<std::string>{"num_beams"});
  EXPECT_EQ(cut_at_stops("one\n\ntwo. three", {".", "\n\n"}), "one");
}

TEST(YamlRequests, ContextsAreReadAsTheHarnessReadsThem) {
  TaskConfig task;
  task.output_type = OutputType::generate_until;
  TaskDocument document;
  document.requests = {{"Q: 1+1\nA:", ""}};
  const std::vector<Request> requests = requests_of(task, document);
  const auto& raw = std::get<Generate>(requests.at(0));
  EXPECT_EQ(raw.prompt, "Q: 1+1\nA:");
  EXPECT_EQ(raw.bos, false);
  EXPECT_TRUE(raw.cut_left);
  document.requests[0].messages = {{"user", "1+1?"}};
  const std::vector<Request> dialogue = requests_of(task, document);
  EXPECT_EQ(canonical_json(dialogue.at(0)).find("bos"), std::string::npos) << "the template writes it";
}

TEST(YamlRequests, SharedPrefixesAreWhatStandsBeforeTheQuestion) {
  TaskConfig task;
  task.output_type = OutputType::multiple_choice;
  task.metrics.push_back({.name = "acc_mutual_info"});
  TaskDocument document;
  document.choices = {"a", "b"};
  document.shared = 3;
  document.requests = {{"ex q", " a"}, {"ex q", " b"}, {"", " a"}, {"", " b"}};
  const std::vector<Request> requests = requests_of(task, document);
  ASSERT_EQ(requests.size(), 2u);
  const auto& group = std::get<LoglikelihoodGroup>(requests[0]);
  EXPECT_EQ(group.shared_prefix, "ex ");
  EXPECT_EQ(group.items[1].context, "q");
  EXPECT_EQ(group.items[1].continuation, " b");
  EXPECT_EQ(std::get<LoglikelihoodGroup>(requests[1]).shared_prefix, "");
}

}  // namespace
}  // namespace assay::harness::test
