// The suite and single tasks as Evaluations, answered by the hash model; the original's result files.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cmath>

#include "base/python_dump.h"
#include "base/text.h"
#include "benchmark/harness/baselines.h"
#include "benchmark/harness/harness_v1.h"
#include "benchmark/harness/open_llm_leaderboard.h"
#include "benchmark/harness/results_file.h"
#include "evaluated.h"
#include "golden.h"
#include "benchmark/harness/text_task.h"
#include "support/loop.h"
#include "support/temporary_folder.h"

namespace assay::harness {
namespace {

using namespace test;

/// The official files from the shared folder, HellaSwag's stand-in among them; or texts that a test gives.
class Files final : public DataSource {
 public:
  std::map<std::string, std::string, std::less<>> texts;
  std::string edition = "official";
  std::vector<std::string> asked;

  Result<DataFile> file(std::string_view name) override {
    asked.emplace_back(name);
    if (auto it = texts.find(name); it != texts.end()) return made(name, it->second);
    auto path = path_of(std::string(name));
    if (path.empty() || edition != "official") return fail(ErrorKind::usage, "no file " + std::string(name));
    auto text = read_file(shared("upstream/open-llm-leaderboard/" + path));
    if (!text) return fail(ErrorKind::data, text.error().message, path);
    return made(name, *text);
  }

 private:
  DataFile made(std::string_view name, std::string text) {
    return {.name = std::string(name), .content = std::move(text), .sha256 = std::string(64, 'a'), .edition = edition};
  }
  static std::string path_of(const std::string& name) {
    if (name == "arc-challenge/test") return "arc/ARC-Challenge-Test.jsonl";
    if (name == "arc-challenge/train") return "arc/ARC-Challenge-Train.jsonl";
    if (name == "hellaswag/stand-in") return "hellaswag/hellaswag_val_sample.jsonl";
    if (name == "truthfulqa/mc") return "truthfulqa/mc_task_v0.json";
    if (name == "truthfulqa/prompt") return "texts/truthfulqa_qa_prompt.txt";
    if (name.starts_with("mmlu/test/")) return "mmlu/test/" + name.substr(10) + "_test.csv";
    if (name.starts_with("mmlu/dev/")) return "mmlu/dev/" + name.substr(9) + "_dev.csv";
    return {};
  }
};

PrepareSettings settings(std::string name, std::string version, std::string variant = "", std::map<std::string, std::string> options = {}) {
  PrepareSettings out;
  out.ref = {std::move(name), std::move(version), std::move(variant)};
  out.options = std::move(options);
  return out;
}

/// Answers at once.
class Answers final : public UnitContext {
 public:
  std::function<Result<std::vector<Loglikelihood>>(const std::string& sample, const LoglikelihoodGroup&)> reply;
  Async<Response> ask(std::string_view role, std::string_view sample, Request request) override {
    EXPECT_EQ(role, "model");
    LoglikelihoodGroup group;
    if (const auto* rolling = std::get_if<Rolling>(&request)) {
      group.items.push_back({"", rolling->text});
    } else {
      group = std::get<LoglikelihoodGroup>(request);
    }
    auto answers = reply(std::string(sample), group);
    if (!answers) co_return std::unexpected(answers.error());
    Response response;
    response.loglikelihoods = std::move(*answers);
    co_return response;
  }
};

Result<std::vector<Loglikelihood>> hash_answers(const std::string&, const LoglikelihoodGroup& group) {
  std::vector<Loglikelihood> out;
  for (const auto& item : group.items) {
    std::string hash = sha_pair(group.shared_prefix + item.context, item.continuation);
    out.push_back({.sum = hash_logprob(hash), .greedy = hash_greedy(hash), .tokens = 1});
  }
  return out;
}

struct Ran {
  std::shared_ptr<Evaluation> evaluation;
  std::unique_ptr<Kept> results;
  Report report;
};

Ran run_all(Result<std::shared_ptr<Evaluation>> prepared, decltype(Answers::reply) reply = hash_answers) {
  Ran out;
  if (!prepared) {
    ADD_FAILURE() << to_string(prepared.error());
    return out;
  }
  out.evaluation = *prepared;
  out.results = std::make_unique<Kept>(*out.evaluation);
  Answers answers;
  answers.reply = std::move(reply);
  assay::test::Loop loop;
  loop.start(evaluate_all(*out.evaluation, answers, out.results->units, true));
  loop.finish();
  auto finished = out.evaluation->finish(*out.results, out.report);
  EXPECT_TRUE(finished) << to_string(finished.error());
  return out;
}

double value(const Part& part, std::string_view name) {
  const Metric* metric = part.metric(name);
  if (metric && metric->value) return *metric->value;
  ADD_FAILURE() << part.name << " has no " << name;
  return std::nan("");
}

const Part& part(const Part& whole, std::string_view name) {
  for (const Part& one : whole.parts)
    if (one.name == name) return one;
  ADD_FAILURE() << whole.name << " has no part " << name;
  return whole;
}

TEST(OpenLlmLeaderboard, TheSuiteOnTheRealData) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/mmlu_5shot.json");
  Files files;
  OpenLlmLeaderboard benchmark;
  Ran ran = run_all(benchmark.prepare(settings("open-llm-leaderboard", "1", "", {{"hellaswag", "stand-in"}}), files));
  ASSERT_TRUE(ran.evaluation);
  EXPECT_EQ(ran.evaluation->unit_count(), 1172u + 600 + 14042 + 817);
  EXPECT_EQ(ran.report.status, "complete");
  const Part& total = ran.report.total;
  const json::value& arc = golden("arc_challenge_25shot.json").at("results");
  const json::value& hellaswag = golden("hellaswag_10shot.json").at("results");
  const json::value& truthful = golden("truthfulqa_mc_0shot.json").at("results");
  const json::value& mmlu = golden("mmlu_5shot.json");
  const Part& arc_part = part(total, "arc_challenge");
  EXPECT_EQ(arc_part.metrics.front().name, "acc_norm");
  EXPECT_NEAR(value(arc_part, "acc_norm"), *get_number(arc, "acc_norm"), 1e-12);
  EXPECT_NEAR(value(arc_part, "acc"), *get_number(arc, "acc"), 1e-12);
  EXPECT_NEAR(*arc_part.metrics.front().stderr_, *get_number(arc, "acc_norm_stderr"), 1e-12);
  EXPECT_EQ(arc_part.metrics.front().n, 1172u);
  EXPECT_NEAR(value(part(total, "hellaswag"), "acc_norm"), *get_number(hellaswag, "acc_norm"), 1e-12);
  EXPECT_NEAR(value(part(total, "truthfulqa_mc"), "mc2"), *get_number(truthful, "mc2"), 1e-12);
  EXPECT_NEAR(value(part(total, "truthfulqa_mc"), "mc1"), *get_number(truthful, "mc1"), 1e-12);
  const Part& mmlu_part = part(total, "mmlu");
  EXPECT_EQ(mmlu_part.parts.size(), 57u);
  EXPECT_NEAR(value(mmlu_part, "acc"), *get_number(mmlu, "average_acc_over_57_subjects"), 1e-12);
  for (const Part& subject : mmlu_part.parts) {
    const json::value& wanted = mmlu.at("tasks").at(subject.name).at("results");
    EXPECT_NEAR(value(subject, "acc"), *get_number(wanted, "acc"), 1e-12) << subject.name;
    EXPECT_NEAR(*subject.metrics.front().stderr_, *get_number(wanted, "acc_stderr"), 1e-12) << subject.name;
  }
  double columns = 100 * (*get_number(arc, "acc_norm") + *get_number(hellaswag, "acc_norm") + *get_number(mmlu, "average_acc_over_57_subjects") +
                          *get_number(truthful, "mc2"));
  EXPECT_EQ(total.metrics.front().name, "average");
  EXPECT_NEAR(value(total, "average"), columns / 4, 1e-10);
  EXPECT_NEAR(value(total, "mmlu"), 100 * *get_number(mmlu, "average_acc_over_57_subjects"), 1e-10);
  ASSERT_EQ(ran.report.deviates.size(), 1u);
  EXPECT_TRUE(contains(ran.report.deviates[0], "stand-in"));
  EXPECT_EQ(total.counts.scored, 16631u);
}

TEST(OpenLlmLeaderboard, RequestsAreBuiltFast) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/mmlu_5shot.json");
  Files files;
  OpenLlmLeaderboard benchmark;
  auto evaluation = benchmark.prepare(settings("open-llm-leaderboard", "1", "", {{"hellaswag", "stand-in"}}), files);
  ASSERT_TRUE(evaluation);
  std::vector<std::string> pending;
  std::size_t requests = 0, bytes = 0;
  for (std::size_t i = 0; i < (*evaluation)->unit_count(); ++i)
    for (const KnownRequest& known : (*evaluation)->known_requests(i, pending)) {
      const auto& group = std::get<LoglikelihoodGroup>(known.request);
      requests += group.items.size();
      bytes += group.shared_prefix.size();
    }
  EXPECT_EQ(requests, 4687u + 2400 + 56168 + 9996);
  EXPECT_GT(bytes, 30'000'000u);
  EXPECT_TRUE(pending.empty());
}

std::string arc_rows(std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i)
    out += "{\"question\": \"number " + std::to_string(i) + "?\", \"choices\": {\"text\": [\"yes\", \"no, never\"]}, \"answerKey\": \"" +
           (i % 2 ? "A" : "B") + "\"}\n";
  return out;
}

Files small_files() {
  Files files;
  files.edition = "sample";
  files.texts["arc-challenge/test"] = arc_rows(6);
  files.texts["arc-challenge/train"] = arc_rows(4);
  files.texts["mmlu/test/anatomy"] = "a?,1,2,3,4,A\nb?,1,2,3,4,D\n";
  files.texts["mmlu/dev/anatomy"] = "c?,1,2,3,4,A\n";
  files.texts["mmlu/test/virology"] = "a?,1,2,3,4,A\n";
  files.texts["mmlu/dev/virology"] = "c?,1,2,3,4,A\n";
  files.texts["hellaswag/validation"] = "{\"activity_label\": \"A\", \"ctx_a\": \"B\", \"endings\": [\"x\", \"y\"], \"label\": 1}\n";
  files.texts["hellaswag/train"] = files.texts["hellaswag/validation"];
  files.texts["truthfulqa/mc"] = "[{\"question\": \"Q?\", \"mc1_targets\": {\"a\": 1, \"b\": 0}, \"mc2_targets\": {\"a\": 1, \"b\": 0}}]";
  files.texts["truthfulqa/prompt"] = "Q: x\nA: y\n";
  return files;
}

TEST(OpenLlmLeaderboard, ASampleEditionHasFewerSubjectsAndExamples) {
  Files files = small_files();
  OpenLlmLeaderboard benchmark;
  Ran ran = run_all(benchmark.prepare(settings("open-llm-leaderboard", "1"), files));
  ASSERT_TRUE(ran.evaluation);
  EXPECT_EQ(ran.evaluation->unit_count(), 6u + 1 + 3 + 1);
  EXPECT_EQ(part(ran.report.total, "mmlu").parts.size(), 2u);
  EXPECT_EQ(ran.report.deviates.size(), 4u);  // ARC, HellaSwag and two subjects lack examples
  EXPECT_FALSE(ran.report.total.metrics.front().stderr_);  // a task with one document has no standard error
  EXPECT_TRUE(ran.report.total.metrics.front().value);
}

TEST(OpenLlmLeaderboard, OnlyASampleEditionMayLackSubjects) {
  Files files = small_files();
  files.edition = "custom";
  OpenLlmLeaderboard benchmark;
  EXPECT_FALSE(benchmark.prepare(settings("open-llm-leaderboard", "1"), files));
}

TEST(HarnessV1, FailuresAreCountedAndTheRestIsScored) {
  Files files = small_files();
  HarnessV1 benchmark;
  std::size_t asked = 0;
  Ran ran = run_all(benchmark.prepare(settings("harness-v1", "", "arc_challenge", {{"num_fewshot", "2"}}), files),
                    [&](const std::string&, const LoglikelihoodGroup& group) -> Result<std::vector<Loglikelihood>> {
                      ++asked;
                      if (asked == 1) return fail(ErrorKind::timeout, "too late");
                      if (asked == 2) return std::vector<Loglikelihood>(1);
                      std::vector<Loglikelihood> out(group.items.size());
                      for (Loglikelihood& one : out) one.truncated = asked == 3;
                      return out;
                    });
  EXPECT_EQ(ran.report.status, "incomplete");
  EXPECT_EQ(ran.report.reason, "2 of 6 documents have no answer (2 failed, 0 missing)");
  EXPECT_EQ(ran.report.total.counts.scored, 4u);
  EXPECT_EQ(ran.report.total.metrics.front().n, 4u);
  EXPECT_EQ(value(ran.report.total, "truncated"), 1);
  EXPECT_TRUE(contains(ran.results->units[1].samples[0].reason, "1 log-likelihoods for 2 choices"));
}

TEST(HarnessV1, SamplesByName) {
  Files files = small_files();
  HarnessV1 benchmark;
  auto all = benchmark.prepare(settings("harness-v1", "", "arc_challenge", {{"num_fewshot", "2"}}), files);
  ASSERT_TRUE(all);
  PrepareSettings some = settings("harness-v1", "", "arc_challenge", {{"num_fewshot", "2"}});
  some.samples = {"arc_challenge/3", "arc_challenge/0"};
  auto picked = benchmark.prepare(some, files);
  ASSERT_TRUE(picked);
  ASSERT_EQ((*picked)->unit_count(), 2u);
  std::vector<std::string> pending;
  for (std::size_t i = 0; i < 2; ++i)  // the same request as among all: examples do not depend on what else is asked
    for (std::size_t k = 0; k < 6; ++k)
      if ((*all)->unit(k).id == (*picked)->unit(i).id) {
        EXPECT_EQ(canonical_json((*all)->known_requests(k, pending)[0].request), canonical_json((*picked)->known_requests(i, pending)[0].request));
      }
  some.samples = {"arc_challenge/99"};
  EXPECT_FALSE(benchmark.prepare(some, files));
}

TEST(HarnessV1, RefusesWhatItDoesNotKnow) {
  HarnessV1 benchmark;
  auto error = [&](std::string variant, std::map<std::string, std::string> options) {
    Files files = small_files();
    auto prepared = benchmark.prepare(settings("harness-v1", "", std::move(variant), std::move(options)), files);
    return prepared ? std::string("accepted") : to_string(prepared.error());
  };
  EXPECT_TRUE(contains(error("", {}), "no task"));
  EXPECT_TRUE(contains(error("", {{"tasks", "arc_chalenge"}}), "did you mean arc_challenge"));
  EXPECT_TRUE(contains(error("arc_challenge", {{"shots", "3"}}), "no option"));
  EXPECT_TRUE(contains(error("arc_challenge", {{"num_fewshot", "2.5"}}), "whole number"));
  EXPECT_TRUE(contains(error("arc_challenge", {{"limit", "-1"}}), "positive"));
  EXPECT_TRUE(contains(error("arc_challenge", {{"limit", "3"}, {"description", "[]"}}), "object"));
  EXPECT_TRUE(contains(error("truthfulqa_mc", {{"num_fewshot", "1"}}), "six examples"));
  EXPECT_EQ(error("", {{"tasks", "arc-challenge"}, {"num_fewshot", "0"}}), "accepted");
  Files files = small_files();
  PrepareSettings twice = settings("harness-v1", "", "arc_challenge");
  twice.iterations = 2;
  EXPECT_FALSE(benchmark.prepare(twice, files));
}

TEST(HarnessV1, Baselines) {
  Files files = small_files();
  HarnessV1 benchmark;
  auto prepared = benchmark.prepare(settings("harness-v1", "", "", {{"tasks", "arc_challenge,truthfulqa_mc,hellaswag"}, {"num_fewshot", "0"}}), files);
  ASSERT_TRUE(prepared);
  auto baselines = (*prepared)->baselines();
  auto score = [&](BaselineAnswers::Kind kind) {
    return run_all(prepared, [&](const std::string& sample, const LoglikelihoodGroup& group) {
             Origin origin;
             origin.sample = sample;
             Random random(7);
             return baselines->loglikelihoods(kind, origin, group, random, 0);
           }).report;
  };
  Report best = score(BaselineAnswers::Kind::reference);
  EXPECT_EQ(value(part(best.total, "arc_challenge"), "acc"), 1);
  EXPECT_EQ(value(part(best.total, "arc_challenge"), "acc_norm"), 1);
  EXPECT_NEAR(value(part(best.total, "truthfulqa_mc"), "mc2"), 1, 1e-12);
  EXPECT_EQ(value(part(best.total, "hellaswag"), "acc_norm"), 1);
  EXPECT_EQ(best.total.metrics.front().name, "mean_of_tasks");
  Report first = score(BaselineAnswers::Kind::constant);
  EXPECT_EQ(value(part(first.total, "arc_challenge"), "acc"), 0.5);
  Random random(1);
  EXPECT_FALSE(baselines->answer(BaselineAnswers::Kind::random, {}, Generate{}, random, 0));
}

TEST(HarnessV1, NotANumberIsNull) {
  Files files = small_files();
  HarnessV1 benchmark;
  Ran ran = run_all(benchmark.prepare(settings("harness-v1", "", "truthfulqa_mc"), files),
                    [](const std::string&, const LoglikelihoodGroup& group) -> Result<std::vector<Loglikelihood>> {
                      return std::vector<Loglikelihood>(group.items.size(), Loglikelihood{.sum = -2000});
                    });
  EXPECT_FALSE(ran.report.total.metric("mc2")->value);
  EXPECT_TRUE(contains(ran.report.total.metric("mc2")->why_null, "underflows"));
  EXPECT_EQ(value(ran.report.total, "mc1"), 1);
}

TEST(HarnessV1, ResultsFileOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/results_file.json");
  Files files;
  HarnessV1 benchmark;
  Ran ran = run_all(benchmark.prepare(
      settings("harness-v1", "", "", {{"tasks", "hendrycksTest-anatomy,arc_challenge"}, {"num_fewshot", "5"}, {"limit", "30"}}), files));
  ASSERT_TRUE(ran.evaluation);
  ran.report.roles["model"] = "pretrained=x/y,revision=main";
  auto written = ran.evaluation->original_files(*ran.results, ran.report);
  ASSERT_TRUE(written);
  ASSERT_EQ(written->size(), 1u);
  std::string wanted = *get_string(golden("results_file.json"), "text");
  // What the command line fills in.
  wanted = replace_all(wanted, "\"model\": \"hash\"", "\"model\": \"assay\"");
  wanted = replace_all(wanted, "\"batch_size\": \"2\"", "\"batch_size\": null");
  EXPECT_EQ((*written)[0].content, wanted);
}

TEST(HarnessV1, WriteOutOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/write_out.json");
  HarnessV1 benchmark;
  auto listing = [&](const char* task, const char* shots, const char* limit) {
    Files files;
    Ran ran = run_all(benchmark.prepare(
        settings("harness-v1", "", task, {{"num_fewshot", shots}, {"limit", limit}, {"write_out", "true"}}), files));
    auto written = ran.evaluation->original_files(*ran.results, ran.report);
    EXPECT_TRUE(written && written->size() == 2);
    EXPECT_EQ(written->back().name, std::string(task) + "_write_out_info.json");
    return written->back().content;
  };
  const json::value& wanted = golden("write_out.json");
  EXPECT_EQ(listing("arc_challenge", "2", "3"), *get_string(wanted.at("arc_challenge_2shot_limit3"), "file_text"));
  EXPECT_EQ(listing("truthfulqa_mc", "0", "2"), *get_string(wanted.at("truthfulqa_mc_limit2"), "file_text"));
}

TEST(TextTask, Names) {
  auto task = parse_text_task("json=train:a\\:b:/x/y:z.json");
  ASSERT_TRUE(task);
  EXPECT_EQ(task->split, "train");
  EXPECT_EQ(task->key, "a:b");
  EXPECT_EQ(task->file, "/x/y:z.json");
  for (const char* wrong : {"json=", "json=/x/y", "json=train:text", "json=train::x", "json=:text:x", "json=train:text:", "jsontrain:text:x"})
    EXPECT_FALSE(parse_text_task(wrong)) << wrong;
  EXPECT_EQ(find_task("json=train:t:/x"), find_task("json=train:t:/x"));
  EXPECT_EQ(find_task("json=train"), nullptr);
}

TEST(TextTask, WordsAsPythonSplitsThem) {
  EXPECT_EQ(count_words(""), 1u);
  EXPECT_EQ(count_words("one"), 1u);
  EXPECT_EQ(count_words("one  two\n three"), 3u);
  EXPECT_EQ(count_words(" one "), 3u);
  EXPECT_EQ(count_words("a\u00a0b"), 2u);
  EXPECT_EQ(count_words("a\u200bb"), 1u);
}

TEST(HarnessV1, PerplexityOfAFile) {
  assay::test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "texts.jsonl";
  ASSERT_TRUE(write_file(file, "{\"text\": \"one two\"}\n{\"text\": \"é\"}\n"));
  const std::string task = "json=train:text:" + file.string();
  HarnessV1 benchmark;
  Files files = small_files();
  Ran ran = run_all(benchmark.prepare(settings("harness-v1", "", "", {{"tasks", task}, {"num_fewshot", "0"}, {"write_out", "true"}}), files));
  ASSERT_TRUE(ran.evaluation);
  const double one = hash_logprob(sha_pair("", "one two")), two = hash_logprob(sha_pair("", "é"));
  EXPECT_NEAR(value(ran.report.total, "word_perplexity"), std::exp(-(one + two) / 3), 1e-9);
  EXPECT_NEAR(value(ran.report.total, "byte_perplexity"), std::exp(-(one + two) / 9), 1e-12);
  EXPECT_NEAR(value(ran.report.total, "bits_per_byte"), -(one + two) / 9 / std::log(2.0), 1e-12);
  EXPECT_FALSE(ran.report.total.metrics.front().stderr_);
  EXPECT_EQ(ran.report.deviates.size(), 1u);
  auto written = ran.evaluation->original_files(*ran.results, ran.report);
  ASSERT_TRUE(written && written->size() == 2);
  EXPECT_TRUE(contains((*written)[0].content, "\"bits_per_byte\": "));
  EXPECT_FALSE(contains((*written)[1].name, "/"));
  EXPECT_TRUE(contains((*written)[1].content, "\"byte_perplexity\": \"(-"));

  Ran mixed = run_all(benchmark.prepare(settings("harness-v1", "", "arc_challenge", {{"tasks", task}, {"num_fewshot", "0"}}), files));
  ASSERT_TRUE(mixed.evaluation);
  EXPECT_EQ(mixed.report.total.parts.size(), 2u);
  EXPECT_FALSE(mixed.report.total.metric("mean_of_tasks"));

  auto refused = [&](std::map<std::string, std::string> options) {
    auto prepared = benchmark.prepare(settings("harness-v1", "", "", std::move(options)), files);
    return prepared ? std::string("accepted") : to_string(prepared.error());
  };
  EXPECT_TRUE(contains(refused({{"tasks", task}, {"num_fewshot", "1"}}), "without examples"));
  EXPECT_TRUE(contains(refused({{"tasks", "json=test:text:" + file.string()}}), "one split"));
  EXPECT_TRUE(contains(refused({{"tasks", "json=train:words:" + file.string()}}), "words"));
  EXPECT_TRUE(contains(refused({{"tasks", "json=train"}}), "names no texts"));
}

TEST(HarnessResults, Table) {
  std::vector<TaskResult> results{{"arc_challenge", 0, {{"acc", 4.0 / 15, 0.0821}, {"acc_norm", 0.3, 0.0851}}}, {"x", 1, {{"word_perplexity", 12, std::nullopt}}}};
  EXPECT_EQ(results_table(results),
            "|    Task     |Version|    Metric     | Value |   |Stderr|\n"
            "|-------------|------:|---------------|------:|---|-----:|\n"
            "|arc_challenge|      0|acc            | 0.2667|±  |0.0821|\n"
            "|             |       |acc_norm       | 0.3000|±  |0.0851|\n"
            "|x            |      1|word_perplexity|12.0000|   |      |\n");
  // As its table writer does, a column has no more decimals than one of its numbers needs (a published table of pythia-160m).
  results = {{"truthfulqa_mc", 1, {{"mc1", 0.2436, 0.0150}, {"mc2", 0.4444, 0.0150}}}};
  EXPECT_EQ(results_table(results),
            "|    Task     |Version|Metric|Value |   |Stderr|\n"
            "|-------------|------:|------|-----:|---|-----:|\n"
            "|truthfulqa_mc|      1|mc1   |0.2436|±  | 0.015|\n"
            "|             |       |mc2   |0.4444|±  | 0.015|\n");
}

}  // namespace
}  // namespace assay::harness
