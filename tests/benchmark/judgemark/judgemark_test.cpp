// Judgemark as a run sees it: a scripted judge, reports, files, held and recorded results.
#include "benchmark/judgemark/judgemark.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "benchmark/eq_bench/drive.h"
#include "benchmark/judgemark/evaluation.h"
#include "benchmark/judgemark/metrics.h"
#include "benchmark/judgemark/rescore.h"
#include "benchmark/judgemark/summary.h"
#include "model/baseline.h"
#include "support/temporary_folder.h"

namespace assay::judgemark {
namespace {

using eq_bench::test::evaluate;
using eq_bench::test::MemoryData;
using eq_bench::test::MemoryResults;
using eq_bench::test::response;
using eq_bench::test::ScriptedContext;

constexpr int kPrompts = 12;
const std::vector<std::string> kWriters{"x/alpha", "beta", "gamma"};

MemoryData small_set() {
  MemoryData data;
  json::object prompts, stories;
  for (const std::string& writer : kWriters) stories[writer].emplace_object();
  for (int i = 1; i <= kPrompts; ++i) {
    const std::string id = std::to_string(i);
    prompts[id] = {{"writing_prompt", "Write. <SEED>"},
                   {"seed_modifiers", {"one", "two"}},
                   {"reference_output", "Once."},
                   {"judging_criteria", {{{"prefix_text", "x"}, {"criteria", {"Trite", "Melodramatic", "Coherent"}}}}}};
    for (const std::string& writer : kWriters) stories[writer].get_object()[id] = writer + " tells: " + std::string(400, 'w');
  }
  data.files["creative-writing/prompts/v1"] = write_json(prompts);
  data.files["judgemark/test-set"] = write_json(stories);
  for (const char* name : {"creative-writing/judge-prompt/v1", "creative-writing/judge-prompt/v1-2.3"})
    data.files[name] = std::string(name).back() == '3' ? "Old {test_model_response} {writing_prompt} {criteria}" : "Judge {test_model_response} {writing_prompt} {criteria}";
  data.files["judgemark/benchmarks"] = R"([{"model": "alpha", "arena_elo": 1000, "eq_bench": 40, "magi": 3}, {"model": "beta", "arena_elo": 1100, "eq_bench": 50, "magi": 2}, {"model": "gamma", "arena_elo": 1200, "eq_bench": 60, "magi": 4}])";
  return data;
}

PrepareSettings settings_of(const std::string& version = "2.4", std::map<std::string, std::string> options = {}) {
  PrepareSettings settings;
  settings.ref = {"judgemark", version, ""};
  settings.options = std::move(options);
  return settings;
}

std::shared_ptr<Evaluation> prepared(DataSource& data, PrepareSettings settings = settings_of()) {
  auto made = Judgemark().prepare(settings, data);
  if (!made) {
    ADD_FAILURE() << to_string(made.error());
    return nullptr;
  }
  return *made;
}

/// Rates by writer, a little differently from story to story.
Result<Response> fair(const std::string& sample, int) {
  const std::string id = sample.substr(sample.find('#') + 1);
  int level = sample.starts_with("gamma") ? 7 : sample.starts_with("beta") ? 5 : 3;
  return response("Coherent: " + std::to_string(level + std::atoi(id.c_str()) % 2));
}

Report run_all(Evaluation& evaluation, const ScriptedContext::Script& script, std::vector<Evaluation::OutputFile>* files = nullptr) {
  MemoryResults results(evaluation);
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    ScriptedContext context(script);
    auto result = evaluate(evaluation, i, context);
    EXPECT_TRUE(result);
    results.add(*result);
  }
  Report report;
  report.run = "R";
  report.roles = {{"model", "critic"}};
  EXPECT_TRUE(evaluation.finish(results, report));
  if (files) *files = evaluation.original_files(results, report).value();
  return report;
}

TEST(Judgemark, TheTestedModelIsTheJudge) {
  MemoryData data = small_set();
  auto evaluation = prepared(data);
  ASSERT_EQ(evaluation->unit_count(), kWriters.size() * kPrompts);
  EXPECT_EQ(evaluation->unit(kPrompts + 4).id, "beta#5");
  ScriptedContext context([](auto&, int ask) -> Result<Response> { return response(ask < 2 ? "prose" : "Coherent: [6]"); });
  auto result = evaluate(*evaluation, kPrompts + 4, context);
  ASSERT_TRUE(result);
  ASSERT_EQ(context.asked.size(), 3u);
  EXPECT_EQ(context.asked[0].role, "model");
  EXPECT_EQ(context.asked[2].request.sampling.temperature, 0.01 + 0.2 + 0.2);
  EXPECT_EQ(context.asked[0].request.messages.at(0).content.substr(0, 18), "Judge beta tells: ");
  EXPECT_TRUE(context.asked[0].request.messages[0].content.ends_with("Write. one Coherent\nTrite"));
  EXPECT_EQ(result->samples.at(0).outcome, Outcome::scored);
  EXPECT_EQ(as_number(result->samples[0].values.at("score")), 60.0);
  std::vector<std::string> pending;
  auto known = evaluation->known_requests(kPrompts + 4, pending);
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].role, "model");
}

TEST(Judgemark, ReportAndFiles) {
  MemoryData data = small_set();
  auto evaluation = prepared(data);
  std::vector<Evaluation::OutputFile> files;
  Report report = run_all(*evaluation, fair, &files);
  EXPECT_EQ(report.status, "complete");
  const Metric& score = report.total.metrics.front();
  EXPECT_EQ(score.name, "judgemark_score");
  // Both correlations are perfect in order, std_dev is 20 (over 15), F is far over 28; only Pearson is not quite 1 -- but it is here.
  EXPECT_NEAR(*score.value, 100, 1e-9);
  EXPECT_EQ(report.total.metric("kendall_top_8_eq_bench")->value, 1.0);
  EXPECT_EQ(report.total.metric("std_dev")->value, 20.0);
  EXPECT_FALSE(report.total.metric("self_bias")->value);
  EXPECT_EQ(report.total.parts.size(), 3u);
  EXPECT_EQ(report.total.parts[1].metrics[0].value, 55.0);
  EXPECT_EQ(report.total.metric("models_scored")->value, 3.0);
  ASSERT_EQ(files.size(), 1u);
  auto runs = read_results(files[0].content, "f");
  ASSERT_TRUE(runs) << to_string(runs.error());
  ASSERT_EQ(runs->size(), 1u);
  EXPECT_EQ(runs->front().index, "R--judgemark--critic");
  ASSERT_TRUE(runs->front().results);
  EXPECT_EQ(runs->front().results->model_scores.at(0), (std::pair<std::string, double>{"x/alpha", 35.0}));
  EXPECT_EQ(runs->front().results->extended_metrics.back().first, "Judgemark");
  EXPECT_EQ(runs->front().iterations.at(0).models.at(2).items.at(3).response, "gamma tells: " + std::string(400, 'w'));
  EXPECT_EQ(write_raw_results(*runs), files[0].content);

  test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.path() / "raw_results.json", files[0].content));
  MemoryData nothing;
  for (MemoryData* source : {&data, &nothing})
    for (bool reparse : {false, true}) {
      Benchmark::ScoreRequest request;
      request.settings = settings_of();
      request.path = folder.path().string();
      request.reparse = reparse;
      auto reports = Judgemark().score_file(request, *source);
      ASSERT_TRUE(reports) << to_string(reports.error());
      EXPECT_EQ(reports->at(0).total.metric("mean_score")->value, report.total.metric("mean_score")->value);
      // Our writers are in no official table.
      EXPECT_EQ(reports->at(0).total.metrics[0].value, source == &data ? score.value : std::nullopt);
    }
}

TEST(Judgemark, TheOldFormulaHasItsOwnPromptAndMetrics) {
  MemoryData data = small_set();
  auto evaluation = prepared(data, settings_of("2.3"));
  ScriptedContext context(fair);
  ASSERT_TRUE(evaluate(*evaluation, 0, context));
  EXPECT_EQ(context.asked[0].request.sampling.temperature, 0.0);
  EXPECT_TRUE(context.asked[0].request.messages[0].content.starts_with("Old "));
  Report report = run_all(*evaluation, fair);
  EXPECT_TRUE(report.total.metric("kendall_magi"));
  EXPECT_FALSE(report.total.metric("kendall_top_8_eq_bench"));
  EXPECT_TRUE(report.total.metrics[0].value);
  EXPECT_TRUE(report.deviates.empty());
  Report mixed = run_all(*prepared(data, settings_of("2.3", {{"program", "2.4"}})), fair);
  EXPECT_EQ(mixed.deviates, std::vector<std::string>{"option program=2.4 instead of 2.3"});
}

TEST(Judgemark, UnreadableJudgementsAreShown) {
  MemoryData data = small_set();
  auto evaluation = prepared(data);
  Report report = run_all(*evaluation, [](const std::string& sample, int ask) -> Result<Response> {
    if (sample.starts_with("beta")) return response("I liked it.");
    return fair(sample, ask);
  });
  EXPECT_EQ(report.total.counts.unparseable, static_cast<std::size_t>(kPrompts));
  EXPECT_EQ(report.total.metric("unread_judgements")->value, 4.0 * kPrompts);
  EXPECT_EQ(report.total.metric("models_scored")->value, 2.0);
  EXPECT_EQ(report.status, "failed");  // no analysis of variance without stories of one writer
  EXPECT_FALSE(report.total.metrics[0].value);
  EXPECT_FALSE(report.total.parts[1].metrics[0].value);

  Report errors = run_all(*evaluation, [](const std::string& sample, int ask) -> Result<Response> {
    if (sample == "beta#1") return fail(ErrorKind::server, "down");
    return fair(sample, ask);
  });
  EXPECT_EQ(errors.status, "incomplete");
  EXPECT_EQ(errors.reason, "1 of 36 stories have no judgement (1 failed, 0 missing)");
}

TEST(Judgemark, APartGivesNoOfficialFigure) {
  MemoryData data = small_set();
  PrepareSettings settings = settings_of();
  settings.samples = {"x/alpha#3", "gamma#12"};
  auto evaluation = prepared(data, settings);
  ASSERT_EQ(evaluation->unit_count(), 2u);
  Report report = run_all(*evaluation, fair);
  EXPECT_FALSE(report.total.metrics[0].value);
  EXPECT_EQ(report.status, "complete");
  settings.samples = {"delta#1"};
  EXPECT_EQ(Judgemark().prepare(settings, data).error().kind, ErrorKind::usage);
  PrepareSettings twice = settings_of();
  twice.iterations = 2;
  EXPECT_EQ(Judgemark().prepare(twice, data).error().kind, ErrorKind::usage);
}

TEST(Judgemark, HeldJudgementsAreNotAskedAgain) {
  MemoryData data = small_set();
  StoredRun run;
  run.iterations.emplace_back().name = "1";
  StoredItem item;
  item.id = "2";
  item.scores = story::Scores{{"Coherent", 1}};
  run.iterations[0].models.push_back({"beta", {item}});
  PrepareSettings settings = settings_of();
  settings.held = std::make_shared<const json::value>(to_json(run));
  auto evaluation = prepared(data, settings);
  ScriptedContext context(fair);
  auto held = evaluate(*evaluation, kPrompts + 1, context);
  ASSERT_TRUE(held);
  EXPECT_TRUE(context.asked.empty());
  EXPECT_EQ(as_number(held->samples[0].values.at("score")), 10.0);
  ASSERT_TRUE(evaluate(*evaluation, kPrompts + 2, context));
  EXPECT_EQ(context.asked.size(), 1u);
}

TEST(Judgemark, WhatIsComputedFollowsTheStoredOrder) {
  // Every list is cut to the shortest one: which stories of the others count is the file's order, not the test set's.
  MemoryData data = small_set();
  StoredRun run;
  run.metadata.judge_model = "critic";
  run.iterations.emplace_back().name = "1";
  std::vector<ModelItems> in_order, sorted;
  for (std::size_t w = 0; w < kWriters.size(); ++w) {
    StoredModel model{kWriters[w], {}};
    in_order.push_back({kWriters[w], {}});
    for (int i = kPrompts; i >= 1; --i) {
      if (w == 1 && i > 7) continue;
      StoredItem item;
      item.id = std::to_string(i);
      item.scores = story::Scores{{"Coherent", static_cast<double>((i * i + static_cast<int>(w) * 2) % 10)}};
      in_order.back().items.push_back(*story::item_score(*item.scores, story::Negatives::v2_4));
      model.items.push_back(std::move(item));
    }
    sorted.push_back({kWriters[w], {in_order.back().items.rbegin(), in_order.back().items.rend()}});
    run.iterations[0].models.push_back(std::move(model));
  }
  PrepareSettings settings = settings_of();
  settings.held = std::make_shared<const json::value>(to_json(run));
  auto evaluation = prepared(data, settings);
  const Prepared& set = *prepared_of(*evaluation);
  const Metrics wanted = compute_metrics(in_order, set.references, Formula::v2_4);
  ASSERT_NE(wanted.anova_f, compute_metrics(sorted, set.references, Formula::v2_4).anova_f);

  test::TemporaryFolder folder;
  run.index = run_index(run.metadata);
  ASSERT_TRUE(write_file(folder.path() / "raw_results.json", write_raw_results(std::span(&run, 1))));
  Benchmark::ScoreRequest request;
  request.settings = settings_of();
  request.path = folder.path().string();
  auto reports = Judgemark().score_file(request, data);
  ASSERT_TRUE(reports) << to_string(reports.error());
  EXPECT_EQ(reports->at(0).total.metric("anova_f")->value, wanted.anova_f);
  EXPECT_EQ(write_json(to_json(results_of(run, set))), write_json(to_json(stored_results(wanted))));

  // A run that goes on from the file puts what it asks behind what is there, as the original's file has it.
  std::vector<Evaluation::OutputFile> files;
  run_all(*evaluation, fair, &files);
  auto written = read_results(files.at(0).content, "f");
  ASSERT_TRUE(written);
  const std::vector<StoredItem>& beta = written->at(0).iterations.at(0).models.at(1).items;
  std::string ids;
  for (const StoredItem& item : beta) ids += item.id + " ";
  EXPECT_EQ(ids, "7 6 5 4 3 2 1 8 9 10 11 12 ");
  EXPECT_EQ(write_json(to_json(*written->at(0).results)), write_json(to_json(results_of(written->at(0), set))));
}

TEST(Judgemark, BaselinesJudge) {
  MemoryData data = small_set();
  auto evaluation = prepared(data);
  auto texts = evaluation->baselines();
  ASSERT_TRUE(texts);
  Random random(1);
  Origin origin;
  origin.role = "model";
  origin.sample = "gamma#3";
  EXPECT_EQ(texts->answer(BaselineAnswers::Kind::reference, origin, {}, random, 0).value(), "[Scores]\n\nCoherent: 9.0\nTrite: 1.0\n");
  origin.sample = "x/alpha#3";
  EXPECT_EQ(texts->answer(BaselineAnswers::Kind::reference, origin, {}, random, 0).value(), "[Scores]\n\nCoherent: 1.0\nTrite: 9.0\n");
  EXPECT_EQ(texts->answer(BaselineAnswers::Kind::constant, origin, {}, random, 4).value(), "[Scores]\n\nCoherent: 4.0\nTrite: 4.0\n");
}

TEST(Judgemark, BrokenTestSetsAreNamed) {
  MemoryData data = small_set();
  for (const char* set : {"[]", "{}", R"({"a": 1})", R"({"a": {"1": 2}})", R"({"a": {"99": "text"}})"}) {
    data.files["judgemark/test-set"] = set;
    auto made = Judgemark().prepare(settings_of(), data);
    ASSERT_FALSE(made) << set;
    EXPECT_EQ(made.error().kind, ErrorKind::data);
  }
}

}  // namespace
}  // namespace assay::judgemark
