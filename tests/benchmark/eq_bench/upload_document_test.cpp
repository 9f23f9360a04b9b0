// Documents for uploads: the published result files are such documents, so a run read from one must give it back.
#include "benchmark/eq_bench/upload_document.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "benchmark/eq_bench/formats.h"
#include "support/shared_data.h"

namespace assay::eq_bench {
namespace {

json::object entry(std::string_view version) {
  json::object iteration{{"respondent_answers", {{"1", {{"first_pass", {{"Sad", "5"}}}}}}},
                         {"individual_scores", {{"1", "v1"}}},
                         {"individual_scores_fullscale", {{"1", "v2"}}},
                         {"raw_inference", {{"1", "Sad: 5"}}},
                         {"benchmark_results_fullscale", {{"first_pass_score", 1.0}}}};
  return {{"run_metadata",
           {{"run_id", "7"},       {"benchmark_type", "eq-bench"}, {"total_iterations", 2},        {"inference_engine", "ooba"}, {"ooba_params", " "},
            {"include_patterns", json::array{"*.gguf"}}, {"exclude_patterns", json::array{}}, {"eq_bench_version", version}, {"language", "de"},
            {"instruction_template", "ChatML"}, {"model_path", "a/b"}, {"lora_path", ""}, {"bitsandbytes_quant", "none"}}},
          {"iterations", {{"1", iteration}}}};
}

TEST(UploadDocument, OfAnEqBenchRun) {
  FinishedRun run{.index_string = "7--v2", .entry = entry("v2"), .score = 61.789, .parseable = 157.0, .error = "", .completed = 1706498894};
  auto document = upload_document(run);
  ASSERT_TRUE(document);
  EXPECT_EQ(write_json(*document),
            R"({"index_string":"7--v2","run_id":"7","run_completed":1706498894,"benchmark_success":true,"eqbench_version":"v2","benchmark_type":"eq-bench",)"
            R"("language":"de","n_questions_parseable":157.0,"n_questions_total":171,"benchmark_score":61.79,"instruction_template":"ChatML",)"
            R"("model_path":"a/b","lora_path":"","bitsandbytes_quant":"none","total_iterations":2,"inference_engine":"ooba","ooba_params":" ",)"
            R"("include_patterns":["*.gguf"],"exclude_patterns":[],"errors":"","raw_results":{"1":{"respondent_answers":{"1":{"first_pass":{"Sad":"5"}}},)"
            R"("individual_scores":{"1":"v2"},"raw_inference":{"1":"Sad: 5"}}}})");
  EXPECT_EQ(upload_collection(run), "benchmark_results");

  run.entry = entry("v1");
  auto old = upload_document(run);
  EXPECT_EQ(old->at("n_questions_total"), 60);
  EXPECT_EQ(find_path(*old, {"raw_results", "1", "individual_scores", "1"})->as_string(), "v1");
}

TEST(UploadDocument, HasTheIterationsOfTheRunAlone) {
  FinishedRun run{.index_string = "7--v2", .entry = entry("v2"), .score = 1, .parseable = 171.0, .error = "", .completed = 1};
  json::object& iterations = run.entry.at("iterations").as_object();
  const json::value one = iterations.at("1");
  iterations = {{"3", one}, {"2", one}, {"x", one}, {"1", one}};  // the run has two
  auto document = upload_document(run);
  ASSERT_TRUE(document);
  const json::object& kept = document->at("raw_results").as_object();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept.begin()->key(), "1");
  EXPECT_TRUE(kept.contains("2"));
}

TEST(UploadDocument, OfAFailedRun) {
  FinishedRun run{.index_string = "7", .entry = entry("v2"), .success = false, .error = "142.0 questions were parseable (min is 83%)"};
  auto document = upload_document(run);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->at("benchmark_success"), false);
  EXPECT_TRUE(document->at("benchmark_score").is_null());
  EXPECT_TRUE(document->at("n_questions_parseable").is_null());
  EXPECT_EQ(document->at("errors"), "142.0 questions were parseable (min is 83%)");
}

TEST(UploadDocument, OfACreativeWritingRun) {
  json::object iteration{{"individual_scores", {{"2", {{"Clear", 7}}}}}, {"test_model_response", {{"2", "Once"}}}, {"judge_model_response", {{"2", json::array{"Clear: 7"}}}}};
  FinishedRun run{.benchmark_type = "creative-writing",
                  .index_string = "9--creative-writing",
                  .entry = {{"run_metadata",
                             {{"run_id", "9"}, {"benchmark_type", "creative-writing"}, {"total_iterations", 1}, {"inference_engine", "openai"}, {"ooba_params", ""},
                              {"include_patterns", json::array{}}, {"exclude_patterns", json::array{}}, {"model_path", "m"}, {"lora_path", ""},
                              {"judge_model", "j"}, {"bitsandbytes_quant", ""}}},
                            {"iterations", {{"1", iteration}}}},
                  .score = 70.123};
  auto document = upload_document(run);
  ASSERT_TRUE(document);
  EXPECT_EQ(write_json(*document),
            R"({"index_string":"9--creative-writing","run_id":"9","run_completed":0,"benchmark_success":true,"benchmark_type":"creative-writing",)"
            R"("benchmark_version":2.0,"benchmark_score":70.12,"model_path":"m","lora_path":"","bitsandbytes_quant":"","total_iterations":1,)"
            R"("inference_engine":"openai","ooba_params":"","include_patterns":[],"exclude_patterns":[],"errors":"",)"
            R"("raw_results":{"1":{"test_model_response":{"2":"Once"},"judge_model_response":{"2":["Clear: 7"]},"individual_scores":{"2":{"Clear":7}}}}})");
  EXPECT_EQ(upload_collection(run), "creative_writing_benchmark_results");

  run.benchmark_type = "judgemark";
  run.entry["judgemark_results"] = {{"mean_score", 6.5}};
  auto judged = upload_document(run);
  EXPECT_EQ(judged->at("judge_model"), "j");
  EXPECT_EQ(find_path(*judged, {"judgemark_results", "mean_score"})->as_double(), 6.5);
  EXPECT_EQ(upload_collection(run), "creative_writing_benchmark_results");
}

TEST(UploadDocument, WhichRunsGoToTheSheet) {
  FinishedRun run{.csv_row = {"7", "..."}};
  EXPECT_TRUE(upload_row(run));
  run.success = false;
  EXPECT_TRUE(upload_row(run));
  run.benchmark_type = "creative-writing";
  EXPECT_TRUE(upload_row(run));
  run.success = true;
  EXPECT_FALSE(upload_row(run));
  run.benchmark_type = "judgemark";
  EXPECT_FALSE(upload_row(run));
}

TEST(UploadDocument, RefusesWhatIsNoRun) {
  EXPECT_EQ(upload_document({.entry = {}}).error().kind, ErrorKind::data);
  EXPECT_EQ(upload_document({.entry = {{"run_metadata", 5}, {"iterations", json::object{}}}}).error().kind, ErrorKind::data);
}

TEST(UploadDocument, GivesBackWhatWasPublished) {
  ASSAY_NEED_SHARED("upstream/eq-bench/results");
  int compared = 0;
  for (const auto& file : std::filesystem::directory_iterator(test::shared("upstream/eq-bench/results"))) {
    json::value published = test::load_json(file.path());
    auto runs = read_results(write_json(published), file.path().string());
    ASSERT_TRUE(runs) << to_string(runs.error());
    ASSERT_EQ(runs->size(), 1u);
    StoredRun stored = runs->front();
    // A document has one map of scores, and the reader takes it for the first one; in a v2 document it is the full-scale map.
    for (StoredIteration& iteration : stored.iterations)
      for (StoredQuestion& question : iteration.questions) question.first_v2 = question.first_v1;
    FinishedRun run{.index_string = stored.index, .entry = to_json(stored), .score = stored.published_score, .parseable = stored.published_parseable,
                    .completed = stored.completed.value_or(0)};
    auto document = upload_document(run);
    ASSERT_TRUE(document);
    for (const auto& [name, value] : published.as_object()) {
      if (name == "raw_results") continue;
      ASSERT_TRUE(document->contains(name)) << name;
      EXPECT_EQ(document->at(name), value) << file.path() << " " << name;
    }
    EXPECT_EQ(document->size(), published.as_object().size() + 2) << "benchmark_type and language are newer than these files";
    // The answers of every question that was scored; half-kept ones of unparseable questions are read and written by their own rules.
    const json::object& was = find_path(published, {"raw_results", "1", "individual_scores"})->as_object();
    const json::value whole = *document;
    const json::object& is = find_path(whole, {"raw_results", "1", "individual_scores"})->as_object();
    EXPECT_EQ(is.size(), was.size());
    for (const auto& [id, scores] : was) {
      const json::value* mine = is.if_contains(id);
      ASSERT_TRUE(mine) << id;
      EXPECT_EQ(find(*mine, "first_pass_score") ? *find(*mine, "first_pass_score") : nullptr, *find(scores, "first_pass_score")) << id;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 8);
}

}  // namespace
}  // namespace assay::eq_bench
