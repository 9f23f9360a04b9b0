// Creative Writing as a run sees it: scripted writer and judge, reports, files, held and recorded results.
#include "benchmark/creative_writing/creative_writing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/creative_writing/evaluation.h"
#include "benchmark/creative_writing/formats.h"
#include "benchmark/eq_bench/drive.h"
#include "support/temporary_folder.h"

namespace assay::creative_writing {
namespace {

using eq_bench::test::Asked;
using eq_bench::test::evaluate;
using eq_bench::test::MemoryData;
using eq_bench::test::MemoryResults;
using eq_bench::test::response;
using eq_bench::test::ScriptedContext;

constexpr std::size_t kPrompts = 12;
const std::string kStory = [] {
  std::string out;
  while (out.size() < 500) out += "The river rose. ";
  return out;
}();
constexpr const char* kJudged = "Fine.\n\n[Scores]\n\nCoherent: 8\n**Trite**: 3\nOwn idea: 7";  // 8, 7, 7

MemoryData small_set(std::size_t prompts = kPrompts) {
  MemoryData data;
  std::string text = "{";
  for (std::size_t i = 1; i <= prompts; ++i)
    text += std::string(i > 1 ? "," : "") + "\"p" + std::to_string(i) +
            R"(": {"writing_prompt": "Write. <SEED>", "seed_modifiers": ["one", "two"], "reference_output": "Once.", "judging_criteria": [{"prefix_text": "x", "criteria": ["Trite", "Coherent", "Gripping"]}]})";
  text += "}";
  for (const char* name : {"creative-writing/prompts/v1", "creative-writing/prompts/v2"}) data.files[name] = text;
  for (const char* name : {"creative-writing/judge-prompt/v1", "creative-writing/judge-prompt/v2", "creative-writing/judge-prompt/v1-2.3"})
    data.files[name] = "Judge {test_model_response} for {writing_prompt} by\n{criteria}\n";
  return data;
}

PrepareSettings settings_of(const std::string& version = "2", std::map<std::string, std::string> options = {}, int iterations = 1) {
  PrepareSettings settings;
  settings.ref = {"creative-writing", version, ""};
  settings.options = std::move(options);
  settings.iterations = iterations;
  return settings;
}

std::shared_ptr<Evaluation> prepared(DataSource& data, PrepareSettings settings) {
  auto made = CreativeWriting().prepare(settings, data);
  if (!made) {
    ADD_FAILURE() << to_string(made.error());
    return nullptr;
  }
  return *made;
}

Report run_all(Evaluation& evaluation, const ScriptedContext::Script& script, std::vector<Evaluation::OutputFile>* files = nullptr,
               std::size_t* asked = nullptr) {
  MemoryResults results(evaluation);
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    ScriptedContext context(script);
    auto result = evaluate(evaluation, i, context);
    if (asked) *asked += context.asked.size();
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
  report.roles = {{"model", "writer"}, {"judge", "critic"}};
  EXPECT_TRUE(evaluation.finish(results, report));
  if (files) *files = evaluation.original_files(results, report).value();
  return report;
}

Result<Response> good(const std::string&, int ask) {
  return response(ask % 2 == 0 ? kStory : kJudged);
}

TEST(CreativeWriting, AsksWriterThenJudge) {
  MemoryData data = small_set();
  auto evaluation = prepared(data, settings_of("2", {{"engine", "ooba"}}, 2));
  ASSERT_EQ(evaluation->unit_count(), 2 * kPrompts);
  ScriptedContext context(good);
  auto result = evaluate(*evaluation, kPrompts + 1, context);
  ASSERT_TRUE(result) << to_string(result.error());
  ASSERT_EQ(context.asked.size(), 2u);
  const Asked& writer = context.asked[0];
  const Asked& judge = context.asked[1];
  EXPECT_EQ(writer.role, "model");
  EXPECT_EQ(writer.sample, "p2");
  EXPECT_TRUE(writer.request.messages.at(0).content.ends_with("Write. two"));
  EXPECT_EQ(writer.request.sampling.temperature, 1.0);
  EXPECT_EQ(writer.request.sampling.min_p, 0.1);
  EXPECT_EQ(writer.request.sampling.max_tokens, 3000);
  EXPECT_EQ(judge.role, "judge");
  EXPECT_EQ(judge.request.sampling.temperature, 0.01);
  EXPECT_FALSE(judge.request.sampling.min_p);
  EXPECT_EQ(judge.request.messages.at(0).content,
            "Judge " + std::string(strip(kStory)) + " for " + writer.request.messages[0].content + " by\nGripping\nCoherent\nTrite\n");
  const SampleResult& sample = result->samples.at(0);
  EXPECT_EQ(sample.outcome, Outcome::scored);
  EXPECT_NEAR(as_number(sample.values.at("score")).value(), 10 * 22.0 / 3, 1e-12);
  EXPECT_EQ(as_number(sample.values.at("not_answered")), 1.0);  // Gripping
  EXPECT_EQ(as_number(sample.values.at("not_asked")), 1.0);     // Own idea
  EXPECT_EQ(get_string(sample.evidence.at("formula"), "text"), "10 * (8 + (10 - 3) + 7) / 3 = 73.3333");
  const json::array& asks = sample.evidence.at("asks").as_array();
  ASSERT_EQ(asks.size(), 2u);
  EXPECT_EQ(get_string(asks[1], "role"), "judge");
  EXPECT_EQ(get_string(asks[1], "text"), kJudged);
  const json::array& spans = find(asks[1], "spans")->as_array();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(std::string(kJudged).substr(static_cast<std::size_t>(spans[1].as_array()[0].to_number<int>()), 9), "Trite**: ");
}

TEST(CreativeWriting, ReportAndFiles) {
  MemoryData data = small_set();
  auto evaluation = prepared(data, settings_of("2", {}, 2));
  std::vector<Evaluation::OutputFile> files;
  Report report = run_all(
      *evaluation, [](const std::string& sample, int ask) -> Result<Response> {
        if (ask == 0) return response(kStory);
        return response(sample == "p1" ? "Coherent: 4" : kJudged);
      },
      &files);
  const double raw = 10 * ((4 + 11 * 22.0 / 3) / 12);
  const Metric& score = report.total.metrics.front();
  EXPECT_EQ(score.name, "creative_writing_score");
  EXPECT_NEAR(*score.raw, raw, 1e-9);
  EXPECT_EQ(score.value, std::round(raw * 100) / 100);
  EXPECT_EQ(score.n, 24u);
  ASSERT_TRUE(score.ci_low && score.ci_high && score.stderr_);
  EXPECT_NEAR((*score.ci_low + *score.ci_high) / 2, raw, 1e-9);
  const Metric& iterations = *report.total.metric("iterations_mean");
  EXPECT_NEAR(*iterations.value, raw, 1e-9);
  EXPECT_NEAR(*iterations.ci_low, raw, 1e-9);  // both iterations are alike
  EXPECT_EQ(report.status, "complete");
  EXPECT_TRUE(report.deviates.empty());
  ASSERT_EQ(report.total.parts.size(), 4u);
  EXPECT_EQ(report.total.parts[2].parts.at(0).name, "prompt p1");
  EXPECT_NEAR(*report.total.parts[2].parts[0].metrics.at(0).value, 40, 1e-9);
  const Part& criteria = report.total.parts[3];
  ASSERT_EQ(criteria.parts.size(), 2u);
  EXPECT_EQ(criteria.parts[0].name, "Coherent");
  EXPECT_NEAR(*criteria.parts[0].metric("judge_mean")->value, (2 * 4 + 22 * 8) / 24.0, 1e-12);
  EXPECT_EQ(criteria.parts[1].name, "Trite (lower is better)");
  EXPECT_NEAR(*criteria.parts[1].metrics[0].value, 70, 1e-12);

  ASSERT_EQ(files.size(), 1u);
  auto runs = read_results(files[0].content, "f");
  ASSERT_TRUE(runs) << to_string(runs.error());
  ASSERT_EQ(runs->size(), 1u);
  const StoredRun& run = runs->front();
  EXPECT_EQ(run.metadata.judge_model, "critic");
  EXPECT_EQ(run.index, "R--creative-writing--writer--------assay----");
  ASSERT_EQ(run.iterations.size(), 2u);
  ASSERT_EQ(run.iterations[1].items.size(), kPrompts);
  EXPECT_EQ(run.iterations[1].items[1].judge.at(0), "Fine.\n\nScores\n\nCoherent: 8\nTrite: 3\nOwn idea: 7");
  EXPECT_EQ(run.iterations[1].items[1].response, std::string(strip(kStory)));
  EXPECT_EQ(score_run(run).score, score.value);
  EXPECT_EQ(write_raw_results(*runs), files[0].content);

  // Scored again from that file: the same figures, by either route, with the prompts and without.
  test::TemporaryFolder folder;
  const std::string path = (folder.path() / "raw_results.json").string();
  ASSERT_TRUE(write_file(path, files[0].content));
  MemoryData nothing;
  for (MemoryData* source : {&data, &nothing})
    for (bool reparse : {false, true}) {
      if (source == &nothing) source->edition = "official";
      Benchmark::ScoreRequest request;
      request.settings = settings_of();
      request.path = path;
      request.reparse = reparse;
      auto reports = CreativeWriting().score_file(request, *source);
      if (source == &nothing) {  // our ids are not the official ones
        ASSERT_FALSE(reports);
        EXPECT_EQ(reports.error().kind, ErrorKind::data);
        continue;
      }
      ASSERT_TRUE(reports) << to_string(reports.error());
      ASSERT_EQ(reports->size(), 1u);
      EXPECT_EQ(reports->front().total.metrics.front().raw, score.raw);
      EXPECT_EQ(reports->front().total.metrics.front().ci_low, score.ci_low);
      EXPECT_EQ(reports->front().status, "complete");
      EXPECT_EQ(reports->front().roles.at("judge"), "critic");
    }
}

TEST(CreativeWriting, OutcomesAreKeptApartAndCounted) {
  MemoryData data = small_set();
  auto evaluation = prepared(data, settings_of());
  auto outcome = [&](const ScriptedContext::Script& script) {
    ScriptedContext context(script);
    auto result = evaluate(*evaluation, 0, context);
    EXPECT_TRUE(result);
    return result->samples.at(0);
  };
  SampleResult silent = outcome([](auto&, int) -> Result<Response> { return fail(ErrorKind::network, "reset"); });
  EXPECT_EQ(silent.outcome, Outcome::failed);
  EXPECT_TRUE(contains(silent.reason, "the model: reset"));
  EXPECT_EQ(as_number(silent.values.at("short_stories")), 4.0);
  SampleResult brief = outcome([](auto&, int) -> Result<Response> { return response("No."); });
  EXPECT_EQ(brief.outcome, Outcome::unparseable);
  EXPECT_EQ(brief.reason, "3 characters are too few for a story (300 are needed) (4 answers)");
  EXPECT_EQ(outcome([](auto&, int) -> Result<Response> { return response("No.", Finish::length); }).outcome, Outcome::truncated);
  SampleResult prose = outcome([](auto&, int ask) -> Result<Response> { return response(ask % 2 ? "A fine story." : kStory); });
  EXPECT_EQ(prose.outcome, Outcome::unparseable);
  EXPECT_EQ(prose.reason, "no score can be read from the judge's words (4 answers)");
  EXPECT_EQ(as_number(prose.values.at("unread_judgements")), 4.0);
  SampleResult dead = outcome([](auto&, int ask) -> Result<Response> {
    if (ask % 4 == 0) return response(kStory);
    return fail(ErrorKind::server, "down");
  });
  EXPECT_EQ(dead.outcome, Outcome::failed);
  EXPECT_TRUE(contains(dead.reason, "the judge: down"));
  EXPECT_EQ(as_number(dead.values.at("silent_judgements")), 12.0);
  SampleResult cut = outcome([](auto&, int ask) -> Result<Response> { return response(ask ? kJudged : kStory, ask ? Finish::stop : Finish::length); });
  EXPECT_EQ(cut.outcome, Outcome::scored);
  EXPECT_TRUE(cut.cut);
}

TEST(CreativeWriting, FatalErrorsOfEitherRoleAreReturnedAtOnce) {
  MemoryData data = small_set();
  auto evaluation = prepared(data, settings_of());
  for (int at : {0, 1}) {
    ScriptedContext context([at](auto&, int ask) -> Result<Response> {
      if (ask == at) return fail(ErrorKind::quota, "no money left");
      return response(kStory);
    });
    auto result = evaluate(*evaluation, 0, context);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::quota);
    EXPECT_EQ(context.asked.size(), static_cast<std::size_t>(at + 1));
  }
}

TEST(CreativeWriting, FewItemsGiveNoOfficialFigure) {
  MemoryData data = small_set();
  auto evaluation = prepared(data, settings_of());
  Report report = run_all(*evaluation, [](const std::string& sample, int ask) -> Result<Response> {
    if (ask % 2 == 0) return response(kStory);
    return response(sample == "p3" || sample == "p4" ? "none" : kJudged);
  });
  EXPECT_EQ(report.status, "failed");
  EXPECT_EQ(report.reason, "no iteration has more than 10 scored items (10 of 12 stories were scored)");
  EXPECT_FALSE(report.total.metrics.front().value);
  EXPECT_NEAR(*report.total.metric("item_mean")->value, 10 * 22.0 / 3, 1e-9);
  EXPECT_EQ(report.total.metric("unread_judgements")->value, 8.0);
  EXPECT_EQ(report.total.counts.unparseable, 2u);

  PrepareSettings few = settings_of();
  few.limit = 2;
  Report part = run_all(*prepared(data, few), good);
  EXPECT_EQ(part.status, "complete");
  EXPECT_FALSE(part.total.metrics.front().value);

  Report incomplete = run_all(*evaluation, [](const std::string& sample, int ask) -> Result<Response> {
    if (sample == "p1") return fail(ErrorKind::missing, "not there");
    return good(sample, ask);
  });
  EXPECT_EQ(incomplete.status, "incomplete");
  EXPECT_EQ(incomplete.reason, "1 of 12 stories have no judgement (0 failed, 1 missing)");
  EXPECT_TRUE(incomplete.total.metrics.front().value);
}

TEST(CreativeWriting, HeldItemsAreNotAskedAgain) {
  MemoryData data = small_set();
  StoredRun run;
  run.iterations.emplace_back().name = "1";
  StoredItem finished, story, brief;
  finished.id = "p1";
  finished.scores = story::Scores{{"Coherent", 9}};
  finished.response = kStory;
  finished.judge = {"Coherent: 9"};
  story.id = "p2";
  story.response = std::string(401, 's');
  brief.id = "p3";
  brief.response = std::string(400, 's');
  run.iterations[0].items = {finished, story, brief};
  PrepareSettings settings = settings_of();
  settings.held = std::make_shared<const json::value>(to_json(run));
  auto evaluation = prepared(data, settings);
  auto roles = [&](std::size_t ordinal) {
    ScriptedContext context([&](auto&, int ask) -> Result<Response> { return response(ordinal == 1 || ask == 1 ? kJudged : kStory); });
    auto result = evaluate(*evaluation, ordinal, context);
    EXPECT_TRUE(result);
    std::string out;
    for (const Asked& asked : context.asked) out += asked.role + " ";
    return out;
  };
  EXPECT_EQ(roles(0), "");
  EXPECT_EQ(roles(1), "judge ");
  EXPECT_EQ(roles(2), "model judge ");
  std::vector<Evaluation::OutputFile> files;
  std::size_t asked = 0;
  run_all(*evaluation, [](const std::string& sample, int ask) -> Result<Response> { return response(sample == "p2" || ask == 1 ? kJudged : kStory); }, &files, &asked);
  EXPECT_EQ(asked, 1u + 2 * (kPrompts - 2));
  auto written = read_results(files[0].content, "f");
  ASSERT_TRUE(written);
  EXPECT_EQ(written->front().iterations[0].items[0].scores, finished.scores);
  EXPECT_EQ(written->front().iterations[0].items[1].response, story.response);
}

TEST(CreativeWriting, OptionsAreChecked) {
  MemoryData data = small_set();
  for (auto [version, key, value] : {std::tuple{"2", "engin", "x"}, {"2", "engine", "x"}, {"2", "program", "2.3"}, {"1", "program", "9"}}) {
    auto made = CreativeWriting().prepare(settings_of(version, {{key, value}}), data);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::usage) << made.error().message;
  }
  auto old = prepared(data, settings_of("1", {{"program", "2.3"}}));
  Report report = run_all(*old, good);
  EXPECT_EQ(report.deviates, std::vector<std::string>{"option program=2.3 instead of 2.4"});
  PrepareSettings unknown = settings_of();
  unknown.samples = {"p77"};
  EXPECT_EQ(CreativeWriting().prepare(unknown, data).error().kind, ErrorKind::usage);
}

TEST(Formats, BrokenFilesAreRefusedByName) {
  auto refused = [](const std::string& text, const std::string& part) {
    auto read = read_results(text, "f.json");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    EXPECT_TRUE(contains(to_string(read.error()), part)) << to_string(read.error());
  };
  const std::string head = R"({"i": {"run_metadata": {"benchmark_type": "creative-writing"}, "iterations": {"1": )";
  refused("[]", "not a JSON object");
  refused(R"({"a": 1})", "no member looks like a run");
  refused(head + R"({"individual_scores": {"5": {"Trite": "3"}}}}}})", "Trite");
  refused(head + R"({"individual_scores": {"5": [1]}}}}})", "of 5");
  refused(head + R"({"test_model_response": {"5": 1}}}}})", "test_model_response of 5");
  refused(head + R"({"judge_model_response": {"5": {}}}}}})", "judge_model_response of 5");
  refused(head + R"(7}}})", "iteration 1");
  EXPECT_TRUE(read_results(R"({"i": {"run_metadata": {"benchmark_type": "eq-bench"}, "iterations": {}}})", "f")->empty());
}

TEST(Formats, AnUploadedDocument) {
  const std::string text = R"({"index_string": "i", "benchmark_type": "creative-writing", "model_path": "m", "benchmark_score": 61.5, "run_completed": 1700000000,
    "total_iterations": 1, "raw_results": {"1": {"test_model_response": {"2": "s"}, "judge_model_response": {"2": ["Trite: 2"]}, "individual_scores": {"2": {"Trite": 2}}}}})";
  auto read = read_results(text, "f");
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->size(), 1u);
  EXPECT_TRUE(read->front().document);
  EXPECT_EQ(read->front().published_score, 61.5);
  ASSERT_EQ(read->front().iterations.size(), 1u);
  EXPECT_EQ(read->front().iterations[0].items.at(0).judge.at(0), "Trite: 2");
}

TEST(Formats, TheIndexIsTheOriginals) {
  RunMetadata run;
  run.run_id = "id";
  run.model_path = "org/model";
  run.instruction_template = "ChatML";
  run.quantization = "4bit";
  run.inference_engine = "transformers";
  run.include_patterns = {"*.json", "a b"};
  run.exclude_patterns = {"c"};
  EXPECT_EQ(run_index(run), R"(id--creative-writing--org/model----ChatML--4bit--transformers------include ["*.json", "a b"] --exclude ["c"])");
}

}  // namespace
}  // namespace assay::creative_writing
