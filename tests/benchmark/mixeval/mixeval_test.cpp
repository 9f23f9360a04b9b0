// MixEval as a run sees it: scripted models and judges, reports, original files, recorded results.
#include "benchmark/mixeval/mixeval.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "benchmark/eq_bench/drive.h"
#include "benchmark/mixeval/evaluation.h"
#include "benchmark/mixeval/layout.h"
#include "model/baseline.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay::mixeval {
namespace {

using eq_bench::test::evaluate;
using eq_bench::test::MemoryData;
using eq_bench::test::MemoryResults;
using eq_bench::test::response;
using eq_bench::test::ScriptedContext;

MemoryData small_set() {
  MemoryData data;
  data.files["2024-08-11/mixeval/free-form"] =
      R"({"0":{"problem_type":"free-form","context":null,"prompt":"Q0","target":["a","b"],"benchmark_name":"TriviaQA"},
          "3":{"problem_type":"free-form","context":"C","prompt":"Q3","target":["7"],"benchmark_name":"DROP"},
          "4":{"problem_type":"free-form","context":null,"prompt":"Q0","target":["a","b"],"benchmark_name":"TriviaQA"}})";
  data.files["2024-08-11/mixeval/multiple-choice"] =
      R"({"0":{"problem_type":"multiple-choice","context":null,"prompt":"M0","options":["x","y","z"],"target":[1],"benchmark_name":"MMLU"},
          "1":{"problem_type":"multiple-choice","context":null,"prompt":"M1","options":["x","y"],"target":[0],"benchmark_name":"BoolQ"}})";
  data.files["prompts/five-shot/free-form"] = "FF\n\n\n";
  data.files["prompts/five-shot/multiple-choice"] = "MC\n\n";
  data.files["prompts/judge/free-form"] = "Judge @@prompt@@ | @@gold_answers@@ | @@response@@\nYour Judgment: \n";
  data.files["prompts/judge/multiple-choice"] = "Extract @@prompt@@ | @@options@@ | Model's Answer: @@response@@\nYour Judgment: \n";
  return data;
}

PrepareSettings settings_of(std::map<std::string, std::string> options = {}) {
  PrepareSettings settings;
  settings.ref = {"mixeval", "2024-08-11", ""};
  settings.options = std::move(options);
  return settings;
}

std::shared_ptr<Evaluation> prepared(DataSource& data, const PrepareSettings& settings, Mixeval::Models models = nullptr) {
  auto made = Mixeval(false, models).prepare(settings, data);
  if (!made) {
    ADD_FAILURE() << to_string(made.error());
    return nullptr;
  }
  return *made;
}

/// Runs every unit; `script` gets role, sample and the how-many-th request of the unit.
using Script = std::function<Result<Response>(const std::string& role, const std::string& sample, int ask)>;
struct Ran {
  std::shared_ptr<Evaluation> evaluation;
  std::unique_ptr<MemoryResults> results;
  std::vector<eq_bench::test::Asked> asked;
  Report report;
};

class RoleContext final : public UnitContext {
 public:
  explicit RoleContext(Script script) : script_(std::move(script)) {}
  Async<Response> ask(std::string_view role, std::string_view sample, Request request) override {
    eq_bench::test::Asked one;
    one.role = std::string(role);
    one.sample = std::string(sample);
    one.ask = static_cast<int>(asked.size());
    one.request = std::get<Generate>(std::move(request));
    asked.push_back(one);
    co_return script_(one.role, one.sample, one.ask);
  }
  std::vector<eq_bench::test::Asked> asked;

 private:
  const Script script_;
};

Ran run_all(DataSource& data, const PrepareSettings& settings, const Script& script, Mixeval::Models models = nullptr) {
  Ran out;
  out.evaluation = prepared(data, settings, models);
  out.results = std::make_unique<MemoryResults>(*out.evaluation);
  for (std::size_t i = 0; i < out.evaluation->unit_count(); ++i) {
    RoleContext context(script);
    auto result = evaluate(*out.evaluation, i, context);
    if (!result) {
      ADD_FAILURE() << to_string(result.error());
      break;
    }
    out.results->add(*result);
    for (auto& one : context.asked) out.asked.push_back(std::move(one));
  }
  out.report.roles = {{"model", "tested"}, {"freeform", "gpt-3.5-turbo-0125"}, {"multichoice", "gpt-3.5-turbo-0125"}};
  auto finished = out.evaluation->finish(*out.results, out.report);
  EXPECT_TRUE(finished);
  return out;
}

double value(const Report& report, std::string_view name) {
  const Metric* metric = report.total.metric(name);
  if (!metric || !metric->value) {
    ADD_FAILURE() << name << " has no value";
    return -1;
  }
  return *metric->value;
}

Result<Response> good(const std::string& role, const std::string& sample, int) {
  if (role == "model") return response(sample.starts_with("mc") ? "A" : "an answer");
  return response(role == "freeform" ? "[[0.5]]" : "[[A]]");
}

TEST(MixevalRun, EveryEntryIsAnsweredAndJudged) {
  MemoryData data = small_set();
  Ran ran = run_all(data, settings_of(), good);
  EXPECT_EQ(ran.evaluation->unit_count(), 5u);
  EXPECT_EQ(ran.asked.size(), 10u);
  EXPECT_EQ(ran.asked[0].request.messages[0].content, "Question: Q0\nAnswer the question shortly.");
  EXPECT_EQ(*ran.asked[0].request.sampling.max_tokens, 1536);
  EXPECT_FALSE(ran.asked[0].request.sampling.temperature);
  EXPECT_EQ(ran.asked[1].role, "freeform");
  EXPECT_EQ(ran.asked[1].request.messages[1].content, "Judge Q0 | <answer 1> a; <answer 2> b | an answer\nYour Judgment: \n");
  EXPECT_EQ(*ran.asked[1].request.sampling.max_tokens, 999);
  EXPECT_EQ(ran.asked[7].request.messages[1].content, "Extract M0 | A. x\nB. y\nC. z | Model's Answer: A\nYour Judgment: \n");
  // 0.5 three times and one of two: (0.5 * 3 + 0.5 * 2) / 5
  EXPECT_DOUBLE_EQ(value(ran.report, "overall"), 0.5);
  EXPECT_DOUBLE_EQ(value(ran.report, "free_form"), 0.5);
  EXPECT_DOUBLE_EQ(value(ran.report, "random_verdicts"), 0);
  EXPECT_DOUBLE_EQ(value(ran.report, "distinct_entries"), 4);
  EXPECT_EQ(ran.report.status, "complete");
  EXPECT_TRUE(ran.report.deviates.empty());
  EXPECT_EQ(ran.report.total.counts.scored, 5u);
  ASSERT_GE(ran.report.total.parts.size(), 2u);
  EXPECT_EQ(ran.report.total.parts[0].parts[0].name, "TriviaQA");
  EXPECT_DOUBLE_EQ(*ran.report.total.parts[0].metric("distinct_entries")->value, 2);
  EXPECT_NEAR(*ran.report.total.parts[0].metric("effective_entries")->value, 9.0 / 5, 1e-12);
}

TEST(MixevalRun, AJudgeWithoutAVerdictIsAskedTenTimesAndChanceIsShown) {
  MemoryData data = small_set();
  int judged = 0;
  Ran ran = run_all(data, settings_of(), [&](const std::string& role, const std::string& sample, int ask) -> Result<Response> {
    if (role == "freeform" && sample == "ff:3") {
      ++judged;
      return response("no idea");
    }
    return good(role, sample, ask);
  });
  EXPECT_EQ(judged, 10);
  EXPECT_EQ(ran.report.total.counts.unparseable, 1u);
  EXPECT_DOUBLE_EQ(value(ran.report, "random_verdicts"), 1);
  // The only draw: round(random(), 1) of seed 42.
  PythonRandom random(42);
  const double drawn = std::round(random.random() * 10) / 10;
  EXPECT_NEAR(value(ran.report, "free_form"), (1.0 + drawn) / 3, 0.0006);
  EXPECT_DOUBLE_EQ(value(ran.report, "overall_unparsed_zero"), (0.5 + 0 + 0.5 + 0 + 1) / 5);
  EXPECT_DOUBLE_EQ(value(ran.report, "overall_unparsed_skipped"), (0.5 + 0.5 + 0 + 1) / 4);
  EXPECT_EQ(ran.report.deviates.size(), 1u);  // 20 % random
  auto files = ran.evaluation->original_files(*ran.results, ran.report);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 5u);
  EXPECT_EQ((*files)[0].name, "tested_close_freeform.jsonl");
  EXPECT_EQ((*files)[1].name, "judge_results_ff_model_judge_gpt-3.5-turbo-0125.jsonl");
  std::vector<std::string> order;
  for (std::string_view line : split_lines((*files)[1].content)) order.push_back(*get_string(*parse_json(line), "id"));
  EXPECT_EQ(order, (std::vector<std::string>{"0", "4", "3"}));

  Ran strict = run_all(data, settings_of({{"on_unparsed", "error"}}), [&](const std::string& role, const std::string& sample, int ask) -> Result<Response> {
    return role == "freeform" ? response("no idea") : good(role, sample, ask);
  });
  EXPECT_EQ(strict.report.status, "failed");
}

TEST(MixevalRun, ARefusedJudgementCountsAsTheOriginalDoesAndAnAbsentJudgeIsAskedAgain) {
  MemoryData data = small_set();
  Ran ran = run_all(data, settings_of(), [&](const std::string& role, const std::string& sample, int ask) -> Result<Response> {
    if (role == "freeform" && sample == "ff:3") return fail(ErrorKind::bad_request, "content policy");
    if (role == "multichoice" && sample == "mc:1") return fail(ErrorKind::timeout, "too slow");
    return good(role, sample, ask);
  });
  EXPECT_DOUBLE_EQ(value(ran.report, "blocked_verdicts"), 1);
  EXPECT_DOUBLE_EQ(value(ran.report, "free_form"), 0.333);
  EXPECT_EQ(ran.report.status, "incomplete");
  EXPECT_EQ(ran.report.total.counts.failed, 1u);
  auto files = ran.evaluation->original_files(*ran.results, ran.report);
  ASSERT_TRUE(files);
  EXPECT_EQ(split_lines((*files)[2].content).size(), 2u) << "the answer is there though nobody judged it";
  EXPECT_EQ(split_lines((*files)[3].content).size(), 1u);

  RoleContext context([](const std::string& role, const std::string&, int) -> Result<Response> {
    if (role == "model") return response("x");
    return fail(ErrorKind::quota, "out of money");
  });
  auto stopped = evaluate(*ran.evaluation, 0, context);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::quota);
}

TEST(MixevalRun, WhatAProviderWithholdsIsAnAnswerAsInTheOriginal) {
  MemoryData data = small_set();
  int asked = 0;
  Ran ran = run_all(data, settings_of(), [&](const std::string& role, const std::string& sample, int ask) -> Result<Response> {
    if (role != "model") return good(role, sample, ask);
    ++asked;
    if (sample == "ff:0") return response("", Finish::content_filter);
    if (sample == "ff:3") return fail(ErrorKind::bad_request, "m answered HTTP 400: Content Exists Risk");
    if (sample == "mc:0") return fail(ErrorKind::bad_request, "m answered HTTP 400: the prompt is too long");
    return good(role, sample, ask);
  });
  EXPECT_EQ(asked, 5) << "nothing is asked twice";
  EXPECT_EQ(ran.report.total.counts.failed, 1u) << "another refusal is none of the filter's";
  std::vector<std::string> judged;
  for (const auto& one : ran.asked)
    if (one.role == "freeform") judged.push_back(one.request.messages[1].content);
  ASSERT_EQ(judged.size(), 3u);
  EXPECT_TRUE(contains(judged[0], "Response not available due to content restrictions."));
  EXPECT_TRUE(contains(judged[1], "Response not available due to content restrictions."));
  EXPECT_FALSE(contains(judged[2], "restrictions"));
}

TEST(MixevalRun, BaseModelsReadExamplesAndAreCut) {
  MemoryData data = small_set();
  Ran ran = run_all(data, settings_of({{"kind", "base"}}), [&](const std::string& role, const std::string& sample, int ask) -> Result<Response> {
    if (role == "model") return response(sample.starts_with("mc") ? "B\n\nWhat else" : "paris\n\n\nQuestion: more");
    return good(role, sample, ask);
  });
  EXPECT_EQ(ran.asked[0].request.prompt, "FF\n\n\nQuestion: Q0\nAnswer the question shortly.\n");
  EXPECT_EQ(*ran.asked[0].request.sampling.max_tokens, 399);
  EXPECT_TRUE(contains(ran.asked[1].request.messages[1].content, "| paris\nYour"));
  auto files = ran.evaluation->original_files(*ran.results, ran.report);
  ASSERT_TRUE(files);
  EXPECT_TRUE(contains((*files)[1].content, "\"response_extracted\": \"paris\", \"judge_response\""));
  EXPECT_TRUE(contains((*files)[0].content, "\"formated_input\": \"FF\\n\\n\\nQuestion: Q0"));
}

TEST(MixevalRun, RulesNeedNoJudgeAndGuessInOrder) {
  MemoryData data = small_set();
  const PrepareSettings settings = settings_of({{"parser", "rule"}});
  EXPECT_EQ(Mixeval(false).roles_needed(settings), std::vector<std::string>{"model"});
  Ran ran = run_all(data, settings, [&](const std::string& role, const std::string& sample, int) -> Result<Response> {
    EXPECT_EQ(role, "model");
    return response(sample == "mc:0" ? "no letter" : sample == "mc:1" ? "(A)" : "The answer is 7.");
  });
  EXPECT_EQ(ran.report.total.counts.unparseable, 1u);
  PythonRandom random(42);
  const bool lucky = random.choice(3) == 1;
  EXPECT_DOUBLE_EQ(value(ran.report, "multiple_choice"), lucky ? 1 : 0.5);
  EXPECT_DOUBLE_EQ(value(ran.report, "free_form"), 0.333);
}

TEST(MixevalRun, RegisteredModelsAreAskedAsTheOriginalAsksThem) {
  static const auto models = []() -> const mixeval::ModelRegistry& {
    static const mixeval::ModelRegistry known = [] {
      mixeval::ModelRegistry out;
      EXPECT_TRUE(out.add(R"({"format": "assay-mixeval-models/1", "models": [
    {"name": "own_words", "kind": "chat", "system_text": "system/own", "sampling": {"temperature": 0.5, "top_k": 3}, "turns": {"system": "{} ", "user": "U: {} ", "answer": "A:"}},
    {"name": "short", "kind": "chat", "system": "Short."}, {"name": "free", "kind": "api", "max_tokens": "none"}, {"name": "base", "kind": "base"}]})", "models", true));
      return out;
    }();
    return known;
  };
  MemoryData data = small_set();
  auto first = [&](std::map<std::string, std::string> options, std::vector<std::string>* deviates = nullptr) {
    options["inference_only"] = "true";
    Ran ran = run_all(data, settings_of(options), good, models);
    std::erase(ran.report.deviates, "answers only, nothing is judged");
    if (deviates) *deviates = ran.report.deviates;
    return ran.asked.at(0).request;
  };
  std::vector<std::string> deviates;
  Generate asked = first({{"as", "own_words"}}, &deviates);
  EXPECT_EQ(asked.messages.size(), 1u);
  EXPECT_EQ(asked.sampling.temperature, 0.5);
  EXPECT_EQ(asked.sampling.top_k, 3);
  EXPECT_EQ(asked.sampling.max_tokens, 512);
  ASSERT_EQ(deviates.size(), 1u);
  EXPECT_TRUE(contains(deviates[0], "own_words is not here and was not sent")) << deviates[0];

  data.files["system/own"] = "Be kind.";
  asked = first({{"as", "own_words"}}, &deviates);
  ASSERT_EQ(asked.messages.size(), 2u);
  EXPECT_EQ(asked.messages[0].content, "Be kind.");
  EXPECT_TRUE(deviates.empty());
  EXPECT_EQ(first({{"as", "own_words"}, {"turns", "own"}}).prompt, "Be kind. U: Question: Q0\nAnswer the question shortly. A:");
  EXPECT_EQ(first({{"as", "own_words"}, {"system", "Mine."}}).messages[0].content, "Mine.") << "what is said counts more";
  EXPECT_EQ(first({{"as", "own_words"}, {"max_tokens", "7"}}, &deviates).sampling.max_tokens, 7);
  EXPECT_EQ(deviates, std::vector<std::string>{"answers of up to 7 tokens instead of up to 512 tokens"});
  EXPECT_EQ(first({{"as", "short"}}).messages[0].content, "Short.");
  EXPECT_FALSE(first({{"as", "free"}}, &deviates).sampling.max_tokens);
  EXPECT_TRUE(deviates.empty()) << "the original sends no limit either";
  EXPECT_FALSE(first({{"max_tokens", "none"}}, &deviates).sampling.max_tokens);
  EXPECT_EQ(deviates, std::vector<std::string>{"answers of any length instead of up to 1536 tokens"});
  EXPECT_TRUE(first({{"as", "base"}}).prompt.starts_with("FF"));

  for (const auto& [key, value] : std::map<std::string, std::string>{{"nobody", ""}, {"short", "own"}}) {
    std::map<std::string, std::string> options{{"as", key}};
    if (!value.empty()) options["turns"] = value;
    auto wrong = Mixeval(false, models).prepare(settings_of(options), data);
    ASSERT_FALSE(wrong) << key;
    EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
  }
  EXPECT_FALSE(Mixeval(false).prepare(settings_of({{"as", "short"}}), data)) << "without a registry";
  EXPECT_FALSE(Mixeval(false, models).prepare(settings_of({{"turns", "own"}, {"kind", "chat"}}), data)) << "whose own?";
  EXPECT_EQ(Mixeval(false, models).roles_needed(settings_of({{"as", "own_words"}, {"turns", "own"}})).size(), 3u);
  for (const char* text : {R"({"name": "x", "max_tokens": "some"})", R"({"name": "x", "max_tokens": 0})", R"({"name": "x", "system_text": 3})"}) {
    mixeval::ModelRegistry one;
    EXPECT_FALSE(one.add(R"({"format": "assay-mixeval-models/1", "models": [)" + std::string(text) + "]}", "models")) << text;
  }
}

TEST(MixevalRun, ShuffledOptionsTakeTheRightAnswerAlong) {
  MemoryData data = small_set();
  std::string entries;
  for (int i = 0; i < 40; ++i)
    entries += (i ? ", \"" : "\"") + std::to_string(i) + R"(": {"problem_type": "multiple-choice", "context": null, "prompt": "M)" + std::to_string(i / 2) +
               R"(", "options": ["w", "x", 3, "z"], "target": [2], "benchmark_name": "MMLU"})";
  data.files["2024-08-11/mixeval/multiple-choice"] = "{" + entries + "}";
  const PrepareSettings settings = settings_of({{"parser", "rule"}, {"shuffle_options", "7"}});
  // Who knows the answer keeps it; who knows the letter does not.
  std::vector<std::string> orders;
  auto by_answer = [&](Ran& ran, std::size_t i) {
    const std::string& asked = ran.asked.at(i).request.messages.back().content;
    return std::string(1, asked[asked.find(". 3\n") - 1]);
  };
  Ran knows = run_all(data, settings, [](const std::string&, const std::string&, int) { return response("C"); });
  std::size_t moved = 0, right = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::string letter = by_answer(knows, 3 + i);
    moved += letter != "C";
    right += letter == "C";
    orders.push_back(knows.asked.at(3 + i).request.messages.back().content);
    if (i % 2) { EXPECT_EQ(orders[i], orders[i - 1]) << "a copy"; }
  }
  EXPECT_GT(moved, 20u);
  EXPECT_GT(right, 0u);
  EXPECT_NEAR(value(knows.report, "multiple_choice"), static_cast<double>(right) / 40, 1e-3) << "judged by the place of the answer";
  ASSERT_EQ(knows.report.deviates.size(), 3u);
  EXPECT_TRUE(contains(knows.report.deviates[2], "shuffled (seed 7)")) << knows.report.deviates[2];
  auto files = knows.evaluation->original_files(*knows.results, knows.report);
  ASSERT_TRUE(files);
  std::size_t whole = 0;
  for (const auto& file : *files)
    for (std::string_view line : split_lines(file.content))
      if (contains(line, "\"MMLU\""))
        if (auto one = parse_json(line); one && one->at("options").as_array()[static_cast<std::size_t>(one->at("target").as_array()[0].as_int64())] == 3) ++whole;
  EXPECT_GE(whole, 40u) << "files hold options and target as they were asked";

  PrepareSettings some = settings;
  some.samples = {"mc:9"};
  EXPECT_EQ(run_all(data, some, good).asked.at(0).request.messages.back().content, orders[9]) << "whichever entries are chosen";
  EXPECT_NE(run_all(data, settings_of({{"parser", "rule"}, {"shuffle_options", "8"}}), good).asked.at(12).request.messages.back().content, orders[9]);
  some.held = std::make_shared<const json::value>(json::object{{"responses", {{"mc:9", "C"}}}});
  EXPECT_FALSE(Mixeval(false).prepare(some, data)) << "an answer to other letters";
}

TEST(MixevalRun, HeldAnswersAreNotAskedAgainAndLinesReplaceTheData) {
  MemoryData data = small_set();
  PrepareSettings settings = settings_of();
  settings.held = std::make_shared<const json::value>(json::object{{"responses", {{"ff:0", "held"}}}});
  Ran ran = run_all(data, settings, good);
  EXPECT_EQ(ran.asked[0].role, "freeform");
  EXPECT_TRUE(contains(ran.asked[0].request.messages[1].content, "| held\n"));
  EXPECT_EQ(ran.asked.size(), 9u);

  settings.held = std::make_shared<const json::value>(parse_json(R"({"lines": {"multiple-choice": [{"id": "17", "prompt": "P", "options": ["x", "y"], "target": [0], "benchmark_name": "Own",
     "formated_input": "as asked", "response": "it is A"}]}})").value());
  data.files.erase("2024-08-11/mixeval/free-form");
  Ran own = run_all(data, settings, good);
  ASSERT_EQ(own.asked.size(), 1u);
  EXPECT_EQ(own.asked[0].sample, "mc:17");
  EXPECT_DOUBLE_EQ(value(own.report, "overall"), 1);
}

TEST(MixevalRun, OptionsAndSelections) {
  MemoryData data = small_set();
  auto message = [&](const PrepareSettings& settings) {
    auto made = Mixeval(false).prepare(settings, data);
    return made ? std::string("prepared") : to_string(made.error());
  };
  EXPECT_NE(message(settings_of({{"parsr", "rule"}})).find("parser"), std::string::npos);
  EXPECT_NE(message(settings_of({{"kind", "open"}})).find("api, chat, base"), std::string::npos);
  EXPECT_NE(message(settings_of({{"max_tokens", "0"}})).find("1 to"), std::string::npos);
  PrepareSettings some = settings_of();
  some.limit = 3;
  EXPECT_EQ(prepared(data, some)->unit_count(), 3u);
  some.limit.reset();
  some.samples = {"mc:1", "ff:4"};
  auto two = prepared(data, some);
  EXPECT_EQ(two->unit(0).id, "ff:4");
  EXPECT_EQ(two->unit(1).id, "mc:1");
  some.samples = {"ff:9"};
  EXPECT_NE(message(some).find("no sample"), std::string::npos);
  std::vector<std::string> pending;
  EXPECT_EQ(two->known_requests(0, pending).size(), 1u);
  EXPECT_EQ(pending.size(), 2u);
}

TEST(MixevalRun, BaselinesShowWhatAScoreIsWorth) {
  MemoryData data = small_set();
  auto evaluation = prepared(data, settings_of());
  auto baselines = evaluation->baselines();
  Random random(1);
  Origin origin;
  origin.sample = "mc:0";
  origin.role = "model";
  EXPECT_EQ(*baselines->answer(BaselineAnswers::Kind::reference, origin, Generate{}, random, 0), "B");
  origin.sample = "ff:3";
  EXPECT_EQ(*baselines->answer(BaselineAnswers::Kind::reference, origin, Generate{}, random, 0), "7");
  // The reference judge reads the answer out of what it is asked.
  RoleContext context([](const std::string& role, const std::string&, int) { return response(role == "model" ? "(C)\nYour Judgment: \n(B)" : "[[A]]"); });
  ASSERT_TRUE(evaluate(*evaluation, 3, context));
  origin.sample = "mc:0";
  origin.role = "multichoice";
  EXPECT_EQ(*baselines->answer(BaselineAnswers::Kind::reference, origin, context.asked[1].request, random, 0), "By rule: [[C]]");
}

TEST(MixevalScorePath, JudgedFilesAndPublishedResponses) {
  MemoryData data = small_set();
  Ran ran = run_all(data, settings_of(), [&](const std::string& role, const std::string& sample, int ask) -> Result<Response> {
    if (role == "freeform" && sample == "ff:3") return response("no idea");
    return good(role, sample, ask);
  });
  test::TemporaryFolder folder;
  const auto files = ran.evaluation->original_files(*ran.results, ran.report).value();
  for (const auto& file : files) ASSERT_TRUE(write_file(folder.path() / file.name, file.content));
  Benchmark::ScoreRequest request;
  request.settings = settings_of();
  request.path = folder.path().string();
  for (bool reparse : {false, true}) {
    request.reparse = reparse;
    std::vector<std::vector<ScoredSample>> samples;
    request.samples = &samples;
    auto reports = Mixeval(false).score_file(request, data);
    ASSERT_TRUE(reports) << to_string(reports.error());
    ASSERT_EQ(reports->size(), 1u);
    EXPECT_EQ(value(reports->front(), "overall"), value(ran.report, "overall"));
    EXPECT_EQ(value(reports->front(), "overall_unparsed_zero"), value(ran.report, "overall_unparsed_zero"));
    EXPECT_EQ(reports->front().total.counts.unparseable, 1u);
    EXPECT_EQ(reports->front().status, "complete") << reports->front().reason;
    EXPECT_EQ(samples[0].size(), 5u);
    request.samples = nullptr;
  }
  std::filesystem::remove(folder.path() / judged_file_name(Split::multiple_choice, "gpt-3.5-turbo-0125"));
  auto half = Mixeval(false).score_file(request, data);
  ASSERT_TRUE(half);
  EXPECT_EQ(half->front().status, "incomplete");
  EXPECT_NE(half->front().reason.find("multiple-choice"), std::string::npos);
}

TEST(MixevalScorePath, GemmasPublishedResponses) {
  ASSAY_NEED_SHARED("upstream/mixeval/responses/gemma_11_7b_instruct");
  MemoryData none;
  Benchmark::ScoreRequest request;
  request.settings = settings_of();
  request.settings.ref = {"mixeval-hard", "2024-06-01", ""};
  request.path = test::shared("upstream/mixeval/responses/gemma_11_7b_instruct").string();
  auto reports = Mixeval(true).score_file(request, none);
  ASSERT_TRUE(reports) << to_string(reports.error());
  EXPECT_EQ(value(reports->front(), "overall"), 0.27899999999999997);
  EXPECT_EQ(reports->front().roles.at("model"), "gemma_11_7b_instruct");
  EXPECT_NEAR(value(reports->front(), "overall"), value(reports->front(), "overall_exact"), 0.001);
  EXPECT_DOUBLE_EQ(value(reports->front(), "distinct_entries"), 446);
  EXPECT_NEAR(value(reports->front(), "effective_entries"), 4 / (1 / 155.28 + 1 / 224.82), 0.01) << "copies are no further evidence";
  for (const Part& side : reports->front().total.parts)
    for (const Part& part : side.parts) {
      const Metric* score = part.metric("score");
      const Metric* distinct = part.metric("distinct_entries");
      if (!distinct) continue;  // both splits together
      EXPECT_EQ(score->ci_low.has_value(), *distinct->value > 1) << part.name;
      if (!score->ci_low) continue;
      EXPECT_GE(*score->ci_low, 0) << part.name;
      EXPECT_LE(*score->ci_high, 1) << part.name;
      EXPECT_LE(*score->ci_low, *score->value) << part.name;
      EXPECT_GE(*score->ci_high, *score->value) << part.name;
    }
}

}  // namespace
}  // namespace assay::mixeval
