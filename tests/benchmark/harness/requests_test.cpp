// Every request of the four tasks, and what the hash model gets for them, against the original program (golden/open-llm-leaderboard).
#include <cmath>

#include "base/python_random.h"
#include "base/stream_hash.h"
#include "benchmark/harness/aggregate.h"
#include "benchmark/harness/metrics.h"
#include "golden.h"

namespace assay::harness {
namespace {

using namespace test;

TaskPlan plan_of(const std::string& name, const TaskSettings& settings) {
  auto plan = TaskPlan::make(*find_task(name), task_data(name), settings);
  EXPECT_TRUE(plan) << to_string(plan.error());
  return plan ? *plan : TaskPlan{};
}

/// The answers of the hash model, or of anything else, scored; the two metrics document by document.
struct Scored {
  std::vector<double> first, second;
};

void expect_near(double wanted, double got, const std::string& what) {
  EXPECT_NEAR(wanted, got, 1e-12 * std::max(1.0, std::fabs(wanted))) << what;
}

void check_results(const json::value& results, const TaskInfo& task, const Scored& scored) {
  expect_near(*get_number(results, task.metrics[0]), mean(scored.first), task.name);
  expect_near(*get_number(results, task.metrics[1]), mean(scored.second), task.name);
  if (auto error = get_number(results, task.metrics[0] + "_stderr")) expect_near(*error, *mean_stderr(scored.first), task.name);
  if (auto error = get_number(results, task.metrics[1] + "_stderr")) expect_near(*error, *mean_stderr(scored.second), task.name);
}

void check_case(const json::value& golden) {
  const std::string name = *get_string(golden, "task");
  SCOPED_TRACE(name);
  const TaskInfo& task = *find_task(name);
  EXPECT_EQ(task.version, get_integer(golden, "version"));
  TaskSettings settings;
  settings.shots = static_cast<std::size_t>(*get_integer(golden, "num_fewshot"));
  settings.limit = get_number(golden, "limit");
  settings.description = get_string(golden, "description").value_or("");
  const TaskPlan plan = plan_of(name, settings);
  ASSERT_EQ(plan.size(), get_integer(golden, "n_docs"));

  if (const json::value* order = find(golden, "doc_source_index")) {
    for (std::size_t i = 0; i < plan.size(); ++i) ASSERT_EQ(plan.document(i).row, order->at(i).as_int64()) << i;
  }
  auto same_examples = [&](std::size_t i, const json::value& wanted) {
    auto drawn = plan.examples_of(i);
    ASSERT_EQ(drawn.size(), wanted.as_array().size());
    for (std::size_t k = 0; k < drawn.size(); ++k) ASSERT_EQ(drawn[k], wanted.at(k).as_int64()) << i << " " << k;
  };
  if (const json::value* examples = find(golden, "fewshot_source_index"))
    for (std::size_t i = 0; i < plan.size(); ++i) same_examples(i, examples->at(i));
  if (const json::value* examples = find(golden, "fewshot_source_index_all_docs")) same_examples(0, *examples);

  StreamHash all(HashKind::sha256);
  Scored scored;
  std::size_t requests = 0;
  std::vector<std::vector<std::string>> hashes;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    LoglikelihoodGroup group = plan.request(i);
    std::string together;
    std::vector<double> loglikelihoods;
    hashes.emplace_back();
    for (const auto& item : group.items) {
      std::string hash = sha_pair(group.shared_prefix + item.context, item.continuation);
      together += bytes_of(hash);
      loglikelihoods.push_back(hash_logprob(hash));
      hashes.back().push_back(std::move(hash));
      ++requests;
    }
    std::string document = sha256_hex(together);
    if (const json::value* wanted = find(golden, "doc_hash16")) {
      ASSERT_EQ(document.substr(0, 16), wanted->at(i).as_string()) << i;
    }
    all.update(document);
    DocumentScore score = score_document(plan.document(i), loglikelihoods);
    scored.first.push_back(score.first);
    scored.second.push_back(score.second);
  }
  EXPECT_EQ(requests, get_integer(golden, "n_requests"));
  EXPECT_EQ(all.hex(), get_string(golden, "all_docs_sha256"));
  EXPECT_EQ(requests_sha256(plan), get_string(golden, "upstream_requests_sha256"));
  if (const json::value* texts = find(golden, "requests_full_text"))
    for (const json::value& text : texts->as_array()) {
      auto doc = static_cast<std::size_t>(*get_integer(text, "doc")), request = static_cast<std::size_t>(*get_integer(text, "request"));
      LoglikelihoodGroup group = plan.request(doc);
      EXPECT_EQ(group.items[request].continuation, get_string(text, "continuation"));
      if (std::string context = *get_string(text, "context"); !context.starts_with("(same as")) {
        EXPECT_EQ(plan.context(doc), context);
      }
      EXPECT_EQ(hashes[doc][request], get_string(text, "sha256"));
      EXPECT_EQ(hash_logprob(hashes[doc][request]), get_number(text, "logprob"));
      EXPECT_EQ(hash_greedy(hashes[doc][request]), get_bool(text, "is_greedy"));
    }
  if (const json::value* per_doc = find(golden, "per_doc"))
    for (std::size_t which = 0; which < 2; ++which) {
      const std::vector<double>& mine = which ? scored.second : scored.first;
      const json::value& wanted = per_doc->at(task.metrics[which]);
      for (std::size_t i = 0; i < plan.size(); ++i)
        if (wanted.is_string()) {
          ASSERT_EQ(mine[i] == 1, wanted.as_string()[i] == '1') << task.metrics[which] << " " << i;
        } else {
          expect_near(*as_number(wanted.at(i)), mine[i], task.metrics[which]);
        }
    }
  check_results(golden.at("results"), task, scored);
}

#define NEED_DATA ASSAY_NEED_SHARED("golden/open-llm-leaderboard/README.md")

TEST(HarnessRequests, ArcWithTwentyFiveExamples) {
  NEED_DATA;
  check_case(golden("arc_challenge_25shot.json"));
}

TEST(HarnessRequests, HellaSwagWithTenExamples) {
  NEED_DATA;
  check_case(golden("hellaswag_10shot.json"));
}

TEST(HarnessRequests, TruthfulQa) {
  NEED_DATA;
  check_case(golden("truthfulqa_mc_0shot.json"));
}

TEST(HarnessRequests, MmluWithFiveExamplesInAllSubjects) {
  NEED_DATA;
  const json::value all = golden("mmlu_5shot.json");
  std::size_t subjects = 0;
  for (const auto& task : all.at("tasks").as_object()) {
    check_case(task.value());
    ++subjects;
  }
  EXPECT_EQ(subjects, 57u);
}

TEST(HarnessRequests, LimitsAndDescriptions) {
  NEED_DATA;
  const json::value all = golden("limits_descriptions.json");
  for (const json::value& one : all.at("cases").as_array()) check_case(one);
}

TEST(HarnessRequests, PublishedZeroShotHashes) {
  NEED_DATA;
  const json::value all = golden("zero_shot_request_hashes.json");
  std::size_t compared = 0;
  for (const auto& [name, value] : all.at("tasks").as_object()) {
    const std::string task(name);
    SCOPED_TRACE(task);
    std::string wanted = get_string(value, "upstream_requests_sha256").value_or(get_string(value, "upstream_testdata_value").value_or(""));
    EXPECT_EQ(published_requests_sha256(task), wanted);
    if (task == "hellaswag") continue;  // the file in the official order is not here
    TaskPlan plan = plan_of(task, {});
    EXPECT_EQ(requests_sha256(plan), wanted);
    ++compared;
    const json::value* upstream = find_path(value, {"upstream_res", "results", task});
    if (!upstream) continue;
    PythonRandom random(std::int64_t{42});
    Scored scored;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      std::vector<double> answers;
      for (std::size_t k = 0; k < plan.document(i).choices.size(); ++k) answers.push_back(-random.random());
      DocumentScore score = score_document(plan.document(i), answers);
      scored.first.push_back(score.first);
      scored.second.push_back(score.second);
    }
    check_results(*upstream, plan.task(), scored);
  }
  EXPECT_EQ(compared, 60u);
  EXPECT_EQ(published_requests_sha256("piqa"), "");
}

TEST(HarnessRequests, AFractionOfTheFirstTaskIsACountForTheOthers) {
  NEED_DATA;
  for (const json::value& one : golden("multi_task_limit.json").at("cases").as_array()) {
    std::optional<double> limit = get_number(one, "limit");
    for (const json::value& name : one.at("tasks").as_array()) {
      const std::string task(name.as_string());
      TaskSettings settings;
      settings.shots = static_cast<std::size_t>(*get_integer(one, "num_fewshot"));
      settings.limit = limit;
      TaskPlan plan = plan_of(task, settings);
      EXPECT_EQ(plan.size(), get_integer(one.at("n_docs"), task));
      limit = limit_for_next_task(plan.in_file(), *limit);
      Scored scored;
      for (std::size_t i = 0; i < plan.size(); ++i) {
        std::vector<double> answers;
        for (const std::string& choice : plan.document(i).choices) answers.push_back(hash_logprob(sha_pair(plan.context(i), " " + choice)));
        DocumentScore score = score_document(plan.document(i), answers);
        scored.first.push_back(score.first);
        scored.second.push_back(score.second);
      }
      check_results(one.at("results").at(task), plan.task(), scored);
    }
  }
}

Documents small(std::size_t n) {
  Documents out;
  for (std::size_t i = 0; i < n; ++i)
    out.push_back({.row = i, .query = "Question: number " + std::to_string(i) + "\nAnswer:", .choices = {"yes", "no"}, .gold = i % 2});
  return out;
}

TEST(TaskPlan, RefusesWhatCannotBe) {
  auto truthful = TaskPlan::make(*find_task("truthfulqa_mc"), {small(2), {}, "Q: a\nA: b\n\n"}, {.shots = 1});
  ASSERT_FALSE(truthful);
  EXPECT_EQ(truthful.error().kind, ErrorKind::usage);
  auto few = TaskPlan::make(*find_task("arc_challenge"), {small(2), small(3), ""}, {.shots = 4});
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().kind, ErrorKind::data);
}

TEST(TaskPlan, ExamplesDoNotDependOnTheLimit) {
  auto whole = TaskPlan::make(*find_task("arc_challenge"), {small(20), small(30), ""}, {.shots = 3});
  auto part = TaskPlan::make(*find_task("arc_challenge"), {small(20), small(30), ""}, {.shots = 3, .limit = 5});
  ASSERT_TRUE(whole && part);
  ASSERT_EQ(part->size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(part->context(i), whole->context(i));
  EXPECT_NE(whole->prefix(0), whole->prefix(1));
}

TEST(TaskPlan, MmluTakesTheFirstOfItsPool) {
  auto plan = TaskPlan::make(*find_task("hendrycksTest-anatomy"), {small(4), small(2), ""}, {.shots = 7, .description = "not used"});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->shots(), 2u);
  EXPECT_EQ(plan->prefix(0),
            "The following are multiple choice questions (with answers) about anatomy.\n\nQuestion: number 0\nAnswer: yes\n\nQuestion: number 1\nAnswer: "
            "no\n\n");
  EXPECT_EQ(plan->prefix(0), plan->prefix(3));
}

TEST(TaskPlan, Limits) {
  EXPECT_EQ(limited_count(1172, 0.05), 58u);
  EXPECT_EQ(limited_count(10, 25), 10u);
  EXPECT_EQ(limited_count(10, 3.9), 3u);
  EXPECT_EQ(limited_count(10, 0), 0u);
  EXPECT_EQ(limited_count(10, std::nan("")), 0u);
  EXPECT_EQ(limit_for_next_task(1172, 0.05), 58);
  EXPECT_EQ(limit_for_next_task(100, 120), 120) << "a task with few documents takes nothing from the next one";
  EXPECT_EQ(limit_for_next_task(100, 3.9), 3);
}

TEST(HarnessTasks, NamesInEverySpelling) {
  for (const char* name : {"arc_challenge", "arc-challenge", "arc:challenge", "harness|arc:challenge|25"}) {
    ASSERT_TRUE(find_task(name)) << name;
    EXPECT_EQ(find_task(name)->name, "arc_challenge");
  }
  EXPECT_EQ(find_task("truthfulqa-mc")->name, "truthfulqa_mc");
  EXPECT_EQ(find_task("harness|hendrycksTest-high_school_us_history|5")->subject, "high_school_us_history");
  EXPECT_EQ(find_task("truthfulqa_gen"), nullptr);
  EXPECT_EQ(all_tasks().size(), 61u);
}

TEST(HarnessTasks, Patterns) {
  NEED_DATA;
  const json::value all = golden("task_patterns.json");
  std::vector<std::string> names;
  for (const json::value& name : all.at("names").as_array()) names.emplace_back(name.as_string());
  for (const json::value& one : all.at("cases").as_array()) {
    std::vector<std::string> wanted;
    for (const json::value& name : one.at("result").as_array()) wanted.emplace_back(name.as_string());
    EXPECT_EQ(match_tasks(*get_string(one, "patterns"), names), wanted) << *get_string(one, "patterns");
  }
  std::vector<std::string> unmatched;
  match_tasks("piqa,nothing,arc_*", names, &unmatched);
  EXPECT_EQ(unmatched, std::vector<std::string>{"nothing"});
}

}  // namespace
}  // namespace assay::harness
