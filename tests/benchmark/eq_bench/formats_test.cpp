#include "benchmark/eq_bench/formats.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "golden.h"

namespace assay::eq_bench {
namespace {

using test::protocol;

TEST(EqBenchFormats, RunIndexKeepsEmptyFieldsAndBlanks) {
  RunMetadata m;
  m.run_id = "r";
  m.model_path = "org/m";
  m.instruction_template = "T";
  m.inference_engine = "e";
  m.ooba_params = " ";
  EXPECT_EQ(run_index(m), "r--v2--en--org/m----T----e-- --");
  m.exclude_patterns = {"*.bin", "*.pt"};
  m.include_patterns = {"a"};
  EXPECT_EQ(download_filters(m), "--include [\"a\"] --exclude [\"*.bin\", \"*.pt\"]");
  m.include_patterns.clear();
  EXPECT_EQ(download_filters(m), "--exclude [\"*.bin\", \"*.pt\"]");
}

TEST(EqBenchFormats, CsvRows) {
  RunMetadata m;
  m.run_id = "r";
  m.model_path = "m";
  m.language = "de";
  m.total_iterations = 2;
  RunScore score;
  score.score = -7.9;
  score.parseable = 6;
  EXPECT_EQ(csv_row(m, "2024-01-02 03:04:05", score), "r,2024-01-02 03:04:05,,m,,,-7.9,eq-bench_v2_de,6.0,2,,,,\n");
  EXPECT_EQ(csv_failed_row(m, "t", "a\nb"), "r,t,,m,,,FAILED,eq-bench_de,FAILED,2,,,,a b\n");
}

TEST(EqBenchFormats, ReadsIntegersInPlaceOfDigitStrings) {
  auto read = read_results(
      R"({"index_string": "1--v2--en--m--------", "eqbench_version": "v2", "benchmark_score": 1.5, "raw_results":
         {"1": {"respondent_answers": {"q": {"first_pass": {"Calm": 3, "Proud": "4", "Bored": 2.5, "odd": null}, "revised": {}}}, "raw_inference": {"q": "x", "r": "y"}}}})",
      "f");
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->size(), 1u);
  const StoredRun& run = read->front();
  EXPECT_TRUE(run.document);
  EXPECT_EQ(run.metadata.total_iterations, 1);
  ASSERT_EQ(run.iterations.size(), 1u);
  ASSERT_EQ(run.iterations[0].questions.size(), 2u);
  const Answers& first = run.iterations[0].questions[0].answers->first_pass;
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].digits, "3");
  EXPECT_EQ(first[1].digits, "4");
  EXPECT_EQ(first[2].digits, "2.5");
  EXPECT_EQ(run.iterations[0].questions[1].raw, "y");
}

TEST(EqBenchFormats, PassesOverOtherBenchmarksAndReadsRunsWithoutTheIterationsLevel) {
  auto read = read_results(
      R"({"a": {"run_metadata": {"benchmark_type": "creative-writing"}, "iterations": {"1": {}}},
          "b": {"run_metadata": {"run_id": "b"}, "1": {"raw_inference": {"q": "x"}}, "2": {"raw_inference": {"q": "y"}}},
          "c": {"raw_inference": {"q": "z"}}})",
      "f");
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].iterations.size(), 2u);
  EXPECT_EQ((*read)[0].metadata.version, "v1");
  EXPECT_EQ((*read)[1].iterations.size(), 1u);
}

TEST(EqBenchFormats, ReadsWhatPythonWritesAndJsonLacks) {
  // Half of an emoji at the end of a cut answer, and a score that is no number: json.dump writes both.
  auto read = read_results(
      R"({"a": {"run_metadata": {"eq_bench_version": "v2"}, "iterations": {"1": {"raw_inference": {"q": "sad \ud83d"}, "individual_scores": {"q": {"first_pass_score": NaN}}}, "2": {}}}})", "f");
  ASSERT_TRUE(read) << to_string(read.error());
  const std::vector<StoredIteration>& iterations = read->front().iterations;
  EXPECT_EQ(iterations.at(0).questions.at(0).raw, "sad \uFFFD");
  EXPECT_TRUE(iterations.at(0).scored);
  EXPECT_FALSE(iterations.at(1).scored);
  auto wrong = read_results(R"({"a": NaN,})", "f");
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(to_string(wrong.error()).contains("not valid JSON")) << to_string(wrong.error());
}

TEST(EqBenchFormats, ErrorsSayWhatIsWrong) {
  auto message = [](std::string_view text) {
    auto read = read_results(text, "f");
    return read ? std::string("read") : read.error().message;
  };
  EXPECT_EQ(message("[1]"), "the result file is not a JSON object");
  EXPECT_EQ(message(R"({"1": {"prompt": "p"}})"), "no member looks like a run");
  EXPECT_EQ(message(R"({"raw_results": 3})"), "raw_results is not an object");
  EXPECT_EQ(message(R"({"r": {"run_metadata": {}, "iterations": {"1": {"raw_inference": 3}}}})"),
            "raw_inference of iteration 1 is not an object");
  EXPECT_EQ(message(R"({"r": {"run_metadata": {}, "iterations": {"1": 3}}})"), "iteration \"1\" is not an object");
  EXPECT_NE(message("{"), "read");
}

TEST(EqBenchFormats, WritesWhatItReads) {
  Question q = test::small_question();
  Protocol p = protocol("2", "en", false);
  Attempts attempts(q, p);
  attempts.give("calm: 7\nproud: 8\njealous: 2\nbored: 0\nSchön \xF0\x9F\x8C\xB1");
  StoredRun run;
  run.metadata.run_id = "r";
  run.metadata.version = "v2";
  run.iterations.emplace_back().name = "1";
  run.iterations[0].questions.push_back(stored_question(q.id, attempts.all()[0]));
  std::string text = write_raw_results(std::span(&run, 1));
  EXPECT_NE(text.find(R"("individual_scores": {"a1": {"first_pass_score": 10, "revised_score": null}})"), std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("individual_scores_fullscale": {"a1": {"first_pass_score": 10.0, "revised_score": null}})"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Sch\\u00f6n \\ud83c\\udf31"), std::string::npos) << text;
  auto read = read_results(text, "f");
  ASSERT_TRUE(read);
  EXPECT_EQ(write_raw_results(*read), text);
  for (std::size_t iterations : {0, 1, 2}) {  // one by one, too
    run.iterations.resize(iterations);
    if (iterations == 2) run.iterations[1].name = "zwei \xC3\xBC\"";
    RawResultsWriter writer(run.metadata);
    for (const StoredIteration& iteration : run.iterations) writer.add(iteration);
    EXPECT_EQ(writer.finish(), write_raw_results(std::span(&run, 1)));
  }
}

TEST(EqBenchFormats, IntegersOfAnySizeSurvive) {
  const std::string text = R"({"R": {"run_metadata": {}, "iterations": {"1": {"individual_scores": {
      "1": {"first_pass_score": 18446744073709551615, "revised_score": 9223372036854775807}}}}}})";
  auto runs = read_results(text, "f");
  ASSERT_TRUE(runs.has_value());
  std::string written = write_raw_results(*runs);
  EXPECT_NE(written.find("1.8446744073709552e+19"), std::string::npos) << written;
  auto again = read_results(written, "again");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(write_raw_results(*again), written);
}

TEST(EqBenchGolden, RunIndexOfConfigRows) {
  ASSAY_NEED_SHARED("golden/eq-bench/config_rows.json");
  json::value file = assay::test::load_json(assay::test::shared("golden/eq-bench/config_rows.json"));
  std::size_t runs = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    const json::value* list = find_path(c, {"expect", "runs"});
    if (!list) continue;
    for (const json::value& r : list->as_array()) {
      RunMetadata m;
      m.run_id = test::text_of(r, "run_id");
      m.instruction_template = test::text_of(r, "instruction_template");
      m.model_path = test::text_of(r, "model_path");
      m.lora_path = test::text_of(r, "lora_path");
      m.quantization = test::text_of(r, "quantization");
      m.inference_engine = test::text_of(r, "inference_engine");
      m.ooba_params = test::text_of(r, "ooba_params");
      for (const json::value& v : find(r, "include_patterns")->as_array()) m.include_patterns.emplace_back(v.as_string());
      for (const json::value& v : find(r, "exclude_patterns")->as_array()) m.exclude_patterns.emplace_back(v.as_string());
      EXPECT_EQ(run_index(m), test::text_of(r, "run_index_eq_bench_v2_en"));
      EXPECT_EQ(download_filters(m), test::text_of(r, "download_filters_string"));
      ++runs;
    }
  }
  EXPECT_GT(runs, 10u);
}

/// The original program's loop over one row of its configuration, with replies instead of a model: resumes from `raw`, asks what
/// is not answered, scores, appends a row.
struct OriginalRun {
  std::string raw;  // raw_results.json
  std::string csv;

  void invoke(const RunMetadata& wanted, const std::vector<const Question*>& questions, const Protocol& p, bool resume,
              std::map<std::string, std::vector<std::string>>& replies) {
    StoredRun run;
    run.index = run_index(wanted);
    if (resume && !raw.empty()) {
      auto read = read_results(raw, "raw_results.json");
      ASSERT_TRUE(read) << to_string(read.error());
      ASSERT_EQ(read->size(), 1u);
      run = read->front();
    }
    run.metadata = wanted;
    std::vector<IterationScore> scored;
    for (int i = 1; i <= wanted.total_iterations; ++i) {
      if (run.iterations.size() < static_cast<std::size_t>(i)) run.iterations.emplace_back().name = std::to_string(i);
      StoredIteration& iteration = run.iterations[static_cast<std::size_t>(i - 1)];
      std::unordered_set<std::string> answered;
      for (const StoredQuestion& q : iteration.questions) answered.insert(q.id);
      for (const Question* q : questions) {
        if (answered.contains(q->id)) continue;
        Attempts attempts(*q, p);
        std::vector<std::string>& left = replies[q->id];
        while (!attempts.done()) {
          if (left.empty()) {
            attempts.give(std::nullopt);
          } else {
            attempts.give(left.front());
            left.erase(left.begin());
          }
        }
        if (auto stored = attempts.stored()) iteration.questions.push_back(stored_question(q->id, attempts.all()[*stored]));
      }
      std::vector<QuestionScore> scores;
      for (const StoredQuestion& q : iteration.questions) scores.push_back({q.first_v2.value, q.revised_v2.value});
      iteration.v2 = score_iteration(scores);
      scored.push_back(*iteration.v2);
    }
    RunScore score = score_run(scored, static_cast<std::size_t>(wanted.total_iterations));
    raw = write_raw_results(std::span(&run, 1));
    if (csv.empty()) csv = csv_header();
    const char* now = "2024-01-02 03:04:05";
    csv += too_few_parseable(score.parseable, questions.size()) ? csv_failed_row(wanted, now, too_few_text(score.parseable))
                                                                : csv_row(wanted, now, score);
  }
};

TEST(EqBenchGolden, EndToEndFilesAreEqualToTheByte) {
  ASSAY_NEED_SHARED("golden/eq-bench/end_to_end.json");
  json::value file = assay::test::load_json(assay::test::shared("golden/eq-bench/end_to_end.json"));
  std::size_t invocations = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    std::string what = test::text_of(c, "name"), lang = test::text_of(c, "lang");
    Protocol p = protocol("2", lang, test::bool_of(c, "revise"));
    RunMetadata m;
    m.run_id = test::text_of(c, "run_id");
    m.model_path = test::text_of(c, "model");
    m.instruction_template = test::text_of(c, "template");
    m.inference_engine = "openai";
    m.quantization = "none";
    m.language = lang;
    std::vector<const Question*> questions;
    for (const json::value& id : find(c, "question_ids")->as_array())
      questions.push_back(&test::question(test::official("v2", lang), std::string_view(id.as_string())));
    std::map<std::string, std::vector<std::string>> replies;
    for (const auto& member : find(c, "replies")->as_object())
      for (const json::value& text : member.value().as_array())
        replies[std::string(member.key())].emplace_back(text.is_string() ? text.as_string().c_str() : "");
    OriginalRun run;
    const json::array& calls = find(c, "invocations")->as_array();
    const json::array& runs = find(c, "runs")->as_array();
    ASSERT_EQ(calls.size(), runs.size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
      m.total_iterations = static_cast<int>(get_integer(calls[i], "n_iterations").value());
      run.invoke(m, questions, p, get_bool(calls[i], "resume").value_or(true), replies);
      EXPECT_EQ(run.csv, test::text_of(runs[i], "csv_after")) << what;
      EXPECT_EQ(run.raw, write_json(*find(runs[i], "raw_results_after"), JsonStyle::python)) << what;
      ++invocations;
    }
  }
  EXPECT_EQ(invocations, 12u);
}

}  // namespace
}  // namespace assay::eq_bench
