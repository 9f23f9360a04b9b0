// The eight published result files, by three routes: the stored parsed answers, the raw text parsed again, and a whole run in
// which a scripted model repeats the recorded texts.
#include <gtest/gtest.h>

#include <filesystem>

#include "benchmark/eq_bench/eq_bench.h"
#include "benchmark/eq_bench/rescore.h"
#include "drive.h"
#include "golden.h"
#include "model/replay.h"

namespace assay::eq_bench {
namespace {

struct Published {
  std::string file;  // of the golden vector
  json::value golden;
  std::string path;  // of the result file
  StoredRun run;
  bool revise = false;
};

std::vector<Published> published() {
  std::vector<Published> out;
  for (const auto& entry : std::filesystem::directory_iterator(assay::test::shared("golden/eq-bench"))) {
    if (!entry.path().filename().string().starts_with("run_")) continue;
    Published one;
    one.file = entry.path().filename().string();
    one.golden = assay::test::load_json(entry.path());
    one.path = assay::test::shared(test::text_of(one.golden, "input")).string();
    one.revise = test::bool_of(one.golden, "revise");
    auto text = read_file(one.path);
    auto runs = text ? read_results(*text, one.path) : Result<std::vector<StoredRun>>(std::unexpected(text.error()));
    if (!runs || runs->size() != 1) {
      ADD_FAILURE() << one.path;
      continue;
    }
    one.run = std::move(runs->front());
    out.push_back(std::move(one));
  }
  return out;
}

void expect_number(const json::value& expected, const std::optional<double>& value, const std::string& what) {
  if (expected.is_null()) {
    EXPECT_FALSE(value) << what;
    return;
  }
  ASSERT_TRUE(value) << what;
  EXPECT_NEAR(*value, as_number(expected).value(), 1e-9) << what;
}

void expect_iterations(const json::value& formula, const std::vector<IterationScore>& iterations, const std::string& what) {
  RunScore run = score_run(iterations, iterations.size());
  EXPECT_EQ(run.score, get_number(formula, "score").value()) << what;
  EXPECT_EQ(run.parseable, get_number(formula, "parseable").value()) << what;
  std::size_t i = 0;
  for (const auto& [name, wanted] : find(formula, "iterations")->as_object()) {
    ASSERT_LT(i, iterations.size());
    EXPECT_NEAR(iterations[i].first_pass, get_number(wanted, "first_pass_score").value(), 1e-9) << what;
    EXPECT_NEAR(iterations[i].revised, get_number(wanted, "revised_score").value(), 1e-9) << what;
    EXPECT_EQ(static_cast<std::int64_t>(iterations[i].first_pass_parseable), get_integer(wanted, "first_pass_parseable")) << what;
    EXPECT_EQ(static_cast<std::int64_t>(iterations[i].revised_parseable), get_integer(wanted, "revised_parseable")) << what;
    EXPECT_NEAR(iterations[i].final_score(), get_number(wanted, "final_score").value(), 1e-9) << what;
    ++i;
  }
  EXPECT_EQ(i, iterations.size());
}

void expect_route(const Published& one, bool reparse) {
  const char* key = reparse ? "from_raw_inference" : "from_respondent_answers";
  const json::value& golden = *find(one.golden, key);
  Protocol p = test::protocol("2", "en", one.revise);
  auto scored = rescore(one.run, test::official("v2", "en"), p, reparse);
  ASSERT_TRUE(scored) << to_string(scored.error());
  std::vector<IterationScore> v1, v2;
  for (const StoredIteration& iteration : scored->iterations) {
    v1.push_back(iteration.v1.value());
    v2.push_back(iteration.v2.value());
    const json::value& per_v1 = *find_path(golden, {"per_question_v1", iteration.name});
    const json::value& per_v2 = *find_path(golden, {"per_question_v2", iteration.name});
    EXPECT_EQ(iteration.questions.size(), per_v2.as_object().size());
    for (const StoredQuestion& q : iteration.questions) {
      const json::value* a = find(per_v1, q.id);
      const json::value* b = find(per_v2, q.id);
      ASSERT_TRUE(a && b) << one.file << " " << q.id;
      std::string what = one.file + " " + key + " " + q.id;
      expect_number(*find(*a, "first_pass_score"), q.first_v1.value, what + " first v1");
      expect_number(*find(*a, "revised_score"), q.revised_v1.value, what + " revised v1");
      expect_number(*find(*b, "first_pass_score"), q.first_v2.value, what + " first v2");
      expect_number(*find(*b, "revised_score"), q.revised_v2.value, what + " revised v2");
    }
  }
  expect_iterations(*find(golden, "v2"), v2, one.file + " v2");
  expect_iterations(*find(golden, "v1_formula"), v1, one.file + " v1");
}

TEST(EqBenchPublished, EveryQuestionByBothRoutes) {
  ASSAY_NEED_SHARED("golden/eq-bench/run_gemini-pro.json");
  auto all = published();
  EXPECT_EQ(all.size(), 8u);
  for (const Published& one : all) {
    EXPECT_EQ(holds_revised(one.run), one.revise) << one.file;
    expect_route(one, false);
    expect_route(one, true);
  }
}

test::MemoryData official_data() {
  test::MemoryData data;
  data.edition = "official";
  auto text = read_file(assay::test::shared(test::question_path("v2", "en")));
  if (text) data.files["v2/questions/en"] = *text;
  return data;
}

TEST(EqBenchPublished, ScoreFileGivesTheGoldenReport) {
  ASSAY_NEED_SHARED("golden/eq-bench/run_gemini-pro.json");
  test::MemoryData data = official_data();
  for (const Published& one : published())
    for (bool reparse : {false, true}) {
      Benchmark::ScoreRequest request;
      request.settings.ref = {"eq-bench", "2", ""};
      request.path = one.path;
      request.reparse = reparse;
      auto reports = EqBench().score_file(request, data);
      ASSERT_TRUE(reports) << to_string(reports.error());
      ASSERT_EQ(reports->size(), 1u);
      const Report& report = reports->front();
      const json::value& golden = *find(one.golden, reparse ? "from_raw_inference" : "from_respondent_answers");
      EXPECT_EQ(report.total.metric("score")->value, get_number(*find(golden, "v2"), "score")) << one.file;
      EXPECT_EQ(report.total.metric("parseable")->value, get_number(*find(golden, "v2"), "parseable")) << one.file;
      EXPECT_EQ(report.total.metric("score_v1_formula")->value, get_number(*find(golden, "v1_formula"), "score")) << one.file;
      EXPECT_EQ(report.status, test::bool_of(golden, "passes_min_parseable_v2") ? "complete" : "failed")
          << one.file << report.reason;
      EXPECT_EQ(report.total.counts.total(), 171u);
      EXPECT_EQ(report.roles.at("model"), one.run.metadata.model_path);
      EXPECT_EQ(get_bool(*find(json::value(report.manifest), "source"), "made_with_revise"), one.revise);
      EXPECT_TRUE(report.total.metric("score")->stderr_);
    }
}

TEST(EqBenchPublished, AFolderGivesAReportForEachFile) {
  ASSAY_NEED_SHARED("upstream/eq-bench/results");
  test::MemoryData data = official_data();
  Benchmark::ScoreRequest request;
  request.settings.ref = {"eq-bench", "2", ""};
  request.path = assay::test::shared("upstream/eq-bench/results").string();
  auto reports = EqBench().score_file(request, data);
  ASSERT_TRUE(reports) << to_string(reports.error());
  EXPECT_EQ(reports->size(), 8u);
}

TEST(EqBenchPublished, ARunThatRepeatsTheTextsGivesTheFigureFromRawText) {
  ASSAY_NEED_SHARED("golden/eq-bench/run_gemini-pro.json");
  test::MemoryData data = official_data();
  for (const Published& one : published()) {
    PrepareSettings settings;
    settings.ref = {"eq-bench", "2", ""};
    if (one.revise) settings.options["revise"] = "true";
    auto evaluation = EqBench().prepare(settings, data);
    ASSERT_TRUE(evaluation);
    std::map<std::string, std::string> texts;
    for (const StoredQuestion& q : one.run.iterations.at(0).questions) texts[q.id] = q.raw.value_or("");
    test::MemoryResults results(**evaluation);
    for (std::size_t i = 0; i < (*evaluation)->unit_count(); ++i) {
      test::ScriptedContext context([&](const std::string& sample, int) -> Result<Response> {
        auto it = texts.find(sample);
        if (it == texts.end()) return fail(ErrorKind::bad_request, "not recorded");
        return test::response(it->second);
      });
      auto result = test::evaluate(**evaluation, i, context);
      ASSERT_TRUE(result) << to_string(result.error());
      results.add(*result);
    }
    Report report;
    ASSERT_TRUE((*evaluation)->finish(results, report));
    const json::value& golden = *find_path(one.golden, {"from_raw_inference", "v2"});
    EXPECT_EQ(report.total.metric("score")->value, get_number(golden, "score")) << one.file;
    EXPECT_EQ(report.total.metric("parseable")->value, get_number(golden, "parseable")) << one.file;
  }
}

TEST(EqBenchPublished, TheReplayModelGivesTheFigureFromRawText) {
  ASSAY_NEED_SHARED("golden/eq-bench/run_gemini-pro.json");
  test::MemoryData data = official_data();
  for (const Published& one : published()) {
    PrepareSettings settings;
    settings.ref = {"eq-bench", "2", ""};
    if (one.revise) settings.options["revise"] = "true";
    auto evaluation = EqBench().prepare(settings, data);
    ASSERT_TRUE(evaluation);
    ModelSpec spec;
    spec.text = "replay:" + one.path;
    spec.backend = "replay";
    spec.name = one.path;
    auto model = open_replay(spec);
    ASSERT_TRUE(model) << to_string(model.error());
    test::MemoryResults results(**evaluation);
    for (std::size_t i = 0; i < (*evaluation)->unit_count(); ++i) {
      test::ModelContext context(**model, "eq-bench@2", 1);
      auto result = test::evaluate(**evaluation, i, context);
      ASSERT_TRUE(result) << to_string(result.error());
      results.add(*result);
    }
    Report report;
    ASSERT_TRUE((*evaluation)->finish(results, report));
    const json::value& golden = *find_path(one.golden, {"from_raw_inference", "v2"});
    EXPECT_EQ(report.total.metric("score")->value, get_number(golden, "score")) << one.file;
    EXPECT_EQ(report.total.metric("parseable")->value, get_number(golden, "parseable")) << one.file;
    EXPECT_EQ(report.total.counts.total(), 171u);
  }
}

}  // namespace
}  // namespace assay::eq_bench
