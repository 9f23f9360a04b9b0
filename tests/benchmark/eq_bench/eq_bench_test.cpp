#include "benchmark/eq_bench/eq_bench.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "benchmark/eq_bench/baselines.h"
#include "benchmark/eq_bench/formats.h"
#include "drive.h"
#include "golden.h"

namespace assay::eq_bench {
namespace {

using test::MemoryData;
using test::MemoryResults;
using test::response;
using test::ScriptedContext;

std::string question_json(const std::string& id) {
  return "\"" + id + R"(": {"prompt": "\nHow does )" + id + R"( feel? [End of answer]\n", )" +
         R"("reference_answer": {"emotion1":"Calm","emotion2":"Proud","emotion3":"Jealous","emotion4":"Bored","emotion1_score":4,"emotion2_score":5,"emotion3_score":1,"emotion4_score":0}, )" +
         R"("reference_answer_fullscale": {"emotion1":"Calm","emotion2":"Proud","emotion3":"Jealous","emotion4":"Bored","emotion1_score":7,"emotion2_score":"8","emotion3_score":2,"emotion4_score":0}})";
}

MemoryData small_set(std::size_t n) {
  MemoryData data;
  std::string text = "{";
  for (std::size_t i = 1; i <= n; ++i) text += (i > 1 ? ",\n" : "") + question_json("q" + std::to_string(i));
  text += "}";
  for (const char* name : {"v2/questions/en", "v1/questions/en", "v2/questions/de"}) data.files[name] = text;
  return data;
}

std::shared_ptr<Evaluation> prepare(DataSource& data, const std::string& version = "2",
                                    std::map<std::string, std::string> options = {}, int iterations = 1) {
  PrepareSettings settings;
  settings.ref = {"eq-bench", version, ""};
  settings.options = std::move(options);
  settings.iterations = iterations;
  auto made = EqBench().prepare(settings, data);
  if (!made) {
    ADD_FAILURE() << to_string(made.error());
    return nullptr;
  }
  return *made;
}

constexpr const char* kPerfect = "Calm: 7\nProud: 8\nJealous: 2\nBored: 0";
constexpr const char* kWorse = "Calm: 1\nProud: 8\nJealous: 2\nBored: 0";  // d = 6: 10 - 6 * 0.7477

Report run_all(Evaluation& evaluation, const ScriptedContext::Script& script,
               std::vector<Evaluation::OutputFile>* files = nullptr) {
  MemoryResults results(evaluation);
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    ScriptedContext context(script);
    auto result = test::evaluate(evaluation, i, context);
    if (!result) {
      EXPECT_EQ(result.error().kind, ErrorKind::missing);
      UnitResult missing;
      missing.samples.emplace_back().sample = evaluation.unit(i).id;
      missing.samples[0].outcome = Outcome::missing;
      result = missing;
    }
    results.add(*result);
  }
  Report report;
  report.run = "R";
  report.created = "2026-01-02T03:04:05Z";
  report.roles["model"] = "m";
  EXPECT_TRUE(evaluation.finish(results, report));
  if (files) *files = evaluation.original_files(results, report).value();
  return report;
}

TEST(EqBenchEvaluation, AsksWarmerUntilAnAnswerIsAccepted) {
  MemoryData data = small_set(2);
  auto evaluation = prepare(data);
  ScriptedContext context([](const std::string&, int ask) -> Result<Response> {
    if (ask == 0) return fail(ErrorKind::timeout, "too slow");
    return response(ask == 1 ? "hm" : std::string("  ") + kPerfect + "\n", Finish::length);
  });
  auto result = test::evaluate(*evaluation, 1, context);
  ASSERT_TRUE(result) << to_string(result.error());
  ASSERT_EQ(context.asked.size(), 3u);
  double temperature = 0.01;
  for (const test::Asked& asked : context.asked) {
    EXPECT_EQ(asked.role, "model");
    EXPECT_EQ(asked.sample, "q2");
    EXPECT_EQ(asked.request.sampling.temperature, temperature);
    EXPECT_EQ(asked.request.sampling.max_tokens, 60);
    ASSERT_EQ(asked.request.messages.size(), 1u);
    EXPECT_EQ(asked.request.messages[0].role, "user");
    EXPECT_TRUE(asked.request.messages[0].content.ends_with("\nYour answer:\n"));
    temperature += 0.15;
  }
  const SampleResult& sample = result->samples.at(0);
  EXPECT_EQ(sample.outcome, Outcome::scored);
  EXPECT_TRUE(sample.cut);
  EXPECT_EQ(as_number(sample.values.at("score")), 10.0);
  const json::array& asks = sample.evidence.at("asks").as_array();
  EXPECT_NE(test::text_of(asks[0], "error").find("too slow"), std::string::npos);
  EXPECT_EQ(test::text_of(asks[2], "text"), kPerfect);
  EXPECT_TRUE(test::bool_of(asks[2], "accepted"));
  EXPECT_FALSE(test::bool_of(asks[1], "accepted"));
  EXPECT_EQ(write_json(*find(asks[2], "spans")), "[[0,7],[8,16],[17,27],[28,36]]");
  EXPECT_EQ(test::text_of(sample.evidence.at("formula"), "text"), "10 - 0.7477 * (0 + 0 + 0 + 0) = 10");
}

TEST(EqBenchEvaluation, TheFormulaIsShownWithItsNumbers) {
  MemoryData data = small_set(1);
  auto evaluation = prepare(data);
  ScriptedContext context([](const std::string&, int) -> Result<Response> { return response(kWorse); });
  auto result = test::evaluate(*evaluation, 0, context);
  const json::value& formula = result->samples.at(0).evidence.at("formula");
  EXPECT_EQ(test::text_of(formula, "text"), "10 - 0.7477 * (6 + 0 + 0 + 0) = 5.5138");
  EXPECT_EQ(write_json(find(formula, "rows")->as_array()[0]),
            R"({"emotion":"Calm","answer":1.0,"reference":7.0,"d":6.0,"s":6.0})");
}

TEST(EqBenchEvaluation, OutcomesAreKeptApart) {
  MemoryData data = small_set(1);
  auto evaluation = prepare(data);
  auto outcome = [&](const ScriptedContext::Script& script) {
    ScriptedContext context(script);
    auto result = test::evaluate(*evaluation, 0, context);
    EXPECT_TRUE(result);
    return result->samples.at(0);
  };
  EXPECT_EQ(outcome([](auto&, int) -> Result<Response> { return fail(ErrorKind::network, "reset"); }).outcome, Outcome::failed);
  EXPECT_EQ(outcome([](auto&, int) -> Result<Response> { return response("  \n"); }).outcome, Outcome::failed);
  EXPECT_EQ(outcome([](auto&, int) -> Result<Response> { return response("I think"); }).outcome, Outcome::unparseable);
  EXPECT_EQ(outcome([](auto&, int) -> Result<Response> { return response("I think", Finish::length); }).outcome,
            Outcome::truncated);
  SampleResult mixed = outcome([](auto&, int ask) -> Result<Response> {
    if (ask == 2) return fail(ErrorKind::network, "reset");
    return response("Calm: 0\nProud: 0\nJealous: 0\nBored: 0");
  });
  EXPECT_EQ(mixed.outcome, Outcome::unparseable);
  EXPECT_EQ(mixed.reason, "all scores are zero");
}

TEST(EqBenchEvaluation, FatalErrorsAreReturnedAtOnce) {
  MemoryData data = small_set(1);
  auto evaluation = prepare(data);
  for (ErrorKind kind : {ErrorKind::auth, ErrorKind::model_missing, ErrorKind::quota, ErrorKind::cancelled, ErrorKind::missing}) {
    ScriptedContext context([kind](auto&, int) -> Result<Response> { return fail(kind, "no"); });
    auto result = test::evaluate(*evaluation, 0, context);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, kind);
    EXPECT_EQ(context.asked.size(), 1u);
  }
}

TEST(EqBenchEvaluation, ReportHasTheOfficialFiguresAndOursBeside) {
  MemoryData data = small_set(12);
  auto evaluation = prepare(data, "2", {}, 2);
  ASSERT_EQ(evaluation->unit_count(), 24u);
  EXPECT_EQ(evaluation->unit(12).iteration, 2);
  EXPECT_EQ(evaluation->unit(12).id, "q1");
  std::vector<Evaluation::OutputFile> files;
  Report report = run_all(
      *evaluation,
      [](const std::string& sample, int) -> Result<Response> {
        if (sample == "q3") return response("none");
        return response(sample == "q1" ? kWorse : kPerfect);
      },
      &files);
  const double raw = 100 * ((5.5138 + 10 * 10) / 11 / 10);
  const Metric& score = *report.total.metric("score");
  EXPECT_EQ(&score, &report.total.metrics.front());
  EXPECT_EQ(score.value, 95.92);
  EXPECT_NEAR(*score.raw, raw, 1e-9);
  EXPECT_EQ(score.n, 22u);
  ASSERT_TRUE(score.stderr_ && score.ci_low && score.ci_high);
  EXPECT_NEAR((*score.ci_low + *score.ci_high) / 2, raw, 1e-9);
  EXPECT_EQ(report.total.metric("parseable")->value, 11.0);
  EXPECT_NEAR(*report.total.metric("score_all_answered")->value, raw * 11 / 12, 1e-9);
  EXPECT_EQ(report.total.metric("revised_score"), nullptr);
  EXPECT_TRUE(report.total.metric("score_v1_formula"));
  EXPECT_EQ(report.total.counts.scored, 22u);
  EXPECT_EQ(report.total.counts.unparseable, 2u);
  EXPECT_EQ(report.total.parts.size(), 2u);
  EXPECT_EQ(report.status, "complete");
  EXPECT_TRUE(report.deviates.empty());
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[1].content.substr(files[1].content.find('\n') + 1),
            "R,2026-01-02 03:04:05,,m,,,95.92,eq-bench_v2,11.0,2,assay,,,\n");
  auto read = read_results(files[0].content, "f");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at(0).iterations.size(), 2u);
  EXPECT_EQ(read->at(0).iterations[1].questions.size(), 11u);
}

TEST(EqBenchEvaluation, TooFewParseableIsAFailedRun) {
  MemoryData data = small_set(6);
  auto evaluation = prepare(data);
  Report report =
      run_all(*evaluation, [](const std::string& s, int) -> Result<Response> { return response(s < "q3" ? "x" : kPerfect); });
  EXPECT_EQ(report.status, "failed");
  EXPECT_EQ(report.reason, "4.0 questions were parseable (min is 83%)");
  EXPECT_EQ(report.total.metric("score")->value, 100.0);
}

TEST(EqBenchEvaluation, UnansweredQuestionsMakeItIncomplete) {
  MemoryData data = small_set(12);
  auto evaluation = prepare(data);
  Report report = run_all(*evaluation, [](const std::string& s, int) -> Result<Response> {
    if (s == "q1") return fail(ErrorKind::network, "reset");
    if (s == "q2") return fail(ErrorKind::missing, "not there");
    return response(kPerfect);
  });
  EXPECT_EQ(report.status, "incomplete");
  EXPECT_EQ(report.reason, "2 of 12 questions have no answer (1 failed, 1 missing)");
  EXPECT_EQ(report.total.metric("score_all_answered")->n, 10u);
  Report none =
      run_all(*evaluation, [](const std::string&, int) -> Result<Response> { return fail(ErrorKind::network, "reset"); });
  EXPECT_EQ(none.status, "incomplete");
  EXPECT_FALSE(none.total.metric("score")->value);
  EXPECT_EQ(none.total.metric("score")->why_null, "no question was answered");
}

TEST(EqBenchEvaluation, StrictV1ReportsBothFigures) {
  MemoryData data = small_set(2);
  auto lower = [](const std::string&, int) -> Result<Response> { return response("calm: 0\nproud: 0\njealous: 0\nbored: 9"); };
  Report loose = run_all(*prepare(data, "1"), lower);
  EXPECT_EQ(loose.total.metric("score")->value, 100.0);
  EXPECT_EQ(loose.total.metric("score_strict")->value, -100.0);
  EXPECT_TRUE(loose.deviates.empty());
  Report strict = run_all(*prepare(data, "1", {{"strict", "true"}}), lower);
  EXPECT_EQ(strict.total.metric("score")->value, -100.0);
  EXPECT_EQ(strict.total.metric("score_not_strict")->value, 100.0);
  EXPECT_EQ(strict.deviates.size(), 1u);
}

TEST(EqBenchEvaluation, ReviseCountsThePartialAnswer) {
  MemoryData data = small_set(1);
  auto evaluation = prepare(data, "2", {{"revise", "true"}});
  ScriptedContext context([](auto&, int ask) -> Result<Response> {
    return response(ask == 0 ? std::string("First pass scores:\n") + kPerfect + "\nRevised scores:\n" : "x");
  });
  auto result = test::evaluate(*evaluation, 0, context);
  EXPECT_EQ(context.asked.size(), 3u);
  EXPECT_EQ(context.asked[0].request.sampling.max_tokens, 600);
  EXPECT_FALSE(context.asked[0].request.messages[0].content.ends_with("Your answer:\n"));
  EXPECT_EQ(result->samples[0].outcome, Outcome::scored);
  EXPECT_EQ(as_number(result->samples[0].values.at("first_pass_v2")), 10.0);
  EXPECT_TRUE(result->samples[0].values.at("revised_v2").is_null());
}

TEST(EqBenchEvaluation, KnownRequestsAreTheFirstAttempts) {
  MemoryData data = small_set(2);
  auto evaluation = prepare(data);
  std::vector<std::string> pending;
  auto known = evaluation->known_requests(1, pending);
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].sample, "q2");
  EXPECT_EQ(std::get<Generate>(known[0].request).sampling.temperature, 0.01);
  EXPECT_EQ(pending.size(), 2u);
}

TEST(EqBenchEvaluation, SelectionAndItsErrors) {
  MemoryData data = small_set(12);
  PrepareSettings settings;
  settings.ref = {"eq-bench", "2", ""};
  settings.samples = {"q9", "q2"};
  auto some = EqBench().prepare(settings, data);
  ASSERT_TRUE(some);
  EXPECT_EQ((*some)->unit_count(), 2u);
  EXPECT_EQ((*some)->unit(0).id, "q2");
  settings.samples = {"q99"};
  auto wrong = EqBench().prepare(settings, data);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
  settings.samples.clear();
  settings.limit = 3;
  EXPECT_EQ((*EqBench().prepare(settings, data))->unit_count(), 3u);
  settings.ref.variant = "ja";
  EXPECT_EQ(EqBench().prepare(settings, data).error().kind, ErrorKind::data);
  MemoryData without;
  without.files["v2/questions/en"] =
      R"({"1": {"prompt": "p", "reference_answer": {"emotion1":"A","emotion2":"B","emotion3":"C","emotion4":"D",
      "emotion1_score":1,"emotion2_score":1,"emotion3_score":1,"emotion4_score":1}}})";
  settings.ref.variant = "";
  EXPECT_NE(EqBench().prepare(settings, without).error().message.find("reference_answer_fullscale"), std::string::npos);
}

TEST(EqBenchEvaluation, AModelThatAnswersWithoutTextFailsItsSampleButCompletesTheRun) {
  MemoryData data = small_set(6);
  auto evaluation = prepare(data);
  // Five good answers and one question that gets nothing: 5 of 6 is just enough (83.33 %).
  Report silent = run_all(*evaluation, [](const std::string& sample, int) -> Result<Response> {
    return response(sample == "q6" ? "" : kPerfect);
  });
  EXPECT_EQ(silent.status, "complete");
  EXPECT_EQ(silent.total.counts.failed, 1u);
  EXPECT_EQ(silent.total.metric("parseable")->value, 5.0);
  // An error instead of an answer may go away: that run is not complete.
  Report broken = run_all(*evaluation, [](const std::string& sample, int) -> Result<Response> {
    if (sample == "q6") return fail(ErrorKind::timeout, "too slow");
    return response(kPerfect);
  });
  EXPECT_EQ(broken.status, "incomplete");
  EXPECT_EQ(broken.total.counts.failed, 1u);
}

TEST(EqBenchEvaluation, ManifestNamesDataPromptsAndSettings) {
  MemoryData data = small_set(2);
  json::value a = prepare(data)->manifest(), b = prepare(data, "2", {{"revise", "true"}})->manifest();
  EXPECT_NE(test::text_of(*find(a, "selection"), "prompts_sha256"), test::text_of(*find(b, "selection"), "prompts_sha256"));
  EXPECT_EQ(test::text_of(*find(a, "questions"), "sha256").size(), 64u);
  EXPECT_EQ(get_integer(a, "max_tokens"), 60);
}

TEST(EqBenchBaselines, ReferenceIsPerfectInEveryMode) {
  for (const char* version : {"1", "2"})
    for (const char* revise : {"false", "true"}) {
      MemoryData data = small_set(3);
      auto evaluation = prepare(data, version, {{"revise", revise}});
      auto texts = evaluation->baselines();
      ASSERT_TRUE(texts);
      Random random(1);
      Report report = run_all(*evaluation, [&](const std::string& sample, int ask) -> Result<Response> {
        Origin origin;
        origin.sample = sample;
        origin.ask = ask;
        auto text = texts->answer(BaselineAnswers::Kind::reference, origin, Generate{}, random, 0);
        if (!text) return std::unexpected(text.error());
        return response(*text);
      });
      EXPECT_EQ(report.total.metric("score")->value, 100.0) << version << revise;
    }
  Random random(3);
  Question q = test::small_question();
  EXPECT_EQ(baseline_answer(BaselineAnswers::Kind::constant, q, Protocol{}, random, 5),
            "Calm: 5\nProud: 5\nJealous: 5\nBored: 5");
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(
        parse_answer(baseline_answer(BaselineAnswers::Kind::random, q, Protocol{}, random, 0), Protocol{}).first_pass.size(), 4u);
}

class ScoreFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("eq_bench_score_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "_" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  Result<std::vector<Report>> score(const std::string& content, const std::string& version = "2", bool reparse = false) {
    std::string path = (folder_ / "raw_results.json").string();
    EXPECT_TRUE(write_file(path, content));
    MemoryData data = small_set(2);
    Benchmark::ScoreRequest request;
    request.settings.ref = {"eq-bench", version, ""};
    request.path = path;
    request.reparse = reparse;
    return EqBench().score_file(request, data);
  }
  std::filesystem::path folder_;
};

TEST_F(ScoreFile, ReadsWhatARunWrites) {
  MemoryData data = small_set(2);
  auto evaluation = prepare(data);
  std::vector<Evaluation::OutputFile> files;
  Report live = run_all(
      *evaluation, [](const std::string& s, int) -> Result<Response> { return response(s == "q1" ? kWorse : kPerfect); }, &files);
  for (bool reparse : {false, true}) {
    auto reports = score(files[0].content, "2", reparse);
    ASSERT_TRUE(reports) << to_string(reports.error());
    ASSERT_EQ(reports->size(), 1u);
    const Report& again = reports->front();
    EXPECT_EQ(again.total.metric("score")->value, live.total.metric("score")->value);
    EXPECT_EQ(again.total.metric("score")->raw, live.total.metric("score")->raw);
    EXPECT_EQ(again.total.metric("score")->stderr_, live.total.metric("score")->stderr_);
    EXPECT_EQ(again.total.metric("score_all_answered")->value, live.total.metric("score_all_answered")->value);
    EXPECT_EQ(again.status, "complete");
    EXPECT_EQ(again.roles.at("model"), "m");
  }
}

TEST_F(ScoreFile, AnUnfinishedRunIsIncomplete) {
  const std::string text =
      R"({"i--v2--en--m----------": {"run_metadata": {"eq_bench_version": "v2", "total_iterations": 1}, "iterations": {"1": {"raw_inference":
         {"q1": "Calm: 7\nProud: 8\nJealous: 2\nBored: 0"}}}}})";
  auto raw = score(text, "2", true);
  ASSERT_TRUE(raw) << to_string(raw.error());
  EXPECT_EQ(raw->at(0).status, "incomplete");
  EXPECT_EQ(raw->at(0).total.counts.scored, 1u);
  EXPECT_EQ(raw->at(0).total.counts.missing, 1u);
  auto stored = score(text, "2", false);
  EXPECT_EQ(stored->at(0).total.counts.scored, 0u);
}

TEST_F(ScoreFile, WrongVersionAndUnknownQuestionsAreSaid) {
  const std::string text =
      R"({"i--v1--en--m": {"run_metadata": {"eq_bench_version": "v1"}, "iterations": {"1": {"raw_inference": {"zz": "Calm: 7"}}}}})";
  auto wrong = score(text);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().hint, "it holds runs of eq-bench@1");
  auto unknown = score(text, "1");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("\"zz\""), std::string::npos);
}

}  // namespace
}  // namespace assay::eq_bench
