// The runner: bounded window, resume with epochs, fatal errors, Ctrl-C, results in plan order.
#include "run/runner.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "model/journaled.h"
#include "run/unit_results.h"
#include "support/run_alone.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

/// `count` questions "q0", "q1", ... or from a later one on; an answer "ok" is scored 1, anything else is unparseable.
class Quiz final : public Evaluation {
 public:
  explicit Quiz(std::size_t count, std::size_t first = 0) : count_(count), first_(first) {}
  std::size_t unit_count() const override { return count_; }
  Unit unit(std::size_t ordinal) const override { return {"q" + std::to_string(first_ + ordinal), 1}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {unit(ordinal).id}; }
  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    Generate request;
    request.prompt = "question " + std::to_string(first_ + ordinal);
    auto response = co_await context.ask("model", unit(ordinal).id, request);
    if (!response) co_return std::unexpected(response.error());
    SampleResult sample;
    sample.sample = unit(ordinal).id;
    sample.outcome = response->text == "ok" ? Outcome::scored : Outcome::unparseable;
    sample.values["score"] = sample.outcome == Outcome::scored ? 1.0 : 0.0;
    UnitResult result;
    result.samples.push_back(std::move(sample));
    co_return result;
  }
  Result<void> finish(const UnitResults& results, Report& report) const override {
    double sum = 0;
    std::string order;
    auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& unit) {
      report.total.counts.add(unit.samples[0].outcome, unit.samples[0].cut);
      order += std::to_string(ordinal) + ",";
      if (auto score = get_number(unit.samples[0].values, "score")) sum += *score;
      return true;
    });
    if (!read) return read;
    Metric metric;
    metric.name = "score";
    metric.value = sum;
    report.total.metrics.push_back(metric);
    report.reason = order;
    if (report.total.counts.missing + report.total.counts.failed > 0) report.status = "incomplete";
    return {};
  }
  std::vector<KnownRequest> known_requests(std::size_t, std::vector<std::string>&) const override { return {}; }
  std::vector<TaskNeed> needs() const override { return {{"even", Need::text}, {"odd", Need::loglikelihood}}; }
  std::size_t task_of(std::size_t ordinal) const override { return ordinal % 2; }
  json::object manifest() const override { return {{"data", "quiz"}, {"selection", {{"count", count_}, {"first", first_}}}}; }
  Result<std::vector<OutputFile>> original_files(const UnitResults&, const Report&) const override { return std::vector<OutputFile>{}; }

 private:
  std::size_t count_, first_;
};

class FakeModel final : public Model {
 public:
  explicit FakeModel(Timer& timer) : timer_(timer) {}
  Async<ModelIdentity> identify() override { co_return make_identity({{"fake", true}}, "fake"); }
  Async<Response> answer(Query query) override {
    queries.push_back(query);
    ++now;
    peak = std::max(peak, now);
    int place = static_cast<int>(queries.size());
    // Later questions answer sooner, so that the order of completion is not the order of the plan.
    co_await timer_.sleep(std::chrono::milliseconds(1000 - 7 * (place % 100)));
    --now;
    if (on_answer) on_answer(place);
    if (auto it = errors.find(place); it != errors.end()) co_return fail(it->second, "made to fail");
    Response response;
    response.text = words.contains(place) ? words[place] : "ok";
    response.usage.input_tokens = 10;
    response.usage.output_tokens = 2;
    co_return response;
  }
  Capabilities capabilities() const override { return {.completion = true}; }
  Result<Rendering> render(const Generate&) const override { return Rendering{}; }

  std::vector<Query> queries;
  std::map<int, ErrorKind> errors;
  std::map<int, std::string> words;
  std::function<void(int)> on_answer;
  int now = 0, peak = 0;

 private:
  Timer& timer_;
};

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() : model(timer) { journal = Journal::open(folder.path() / "j.db", Journal::Mode::read_write, system_clock()).value(); }

  RunPlan plan(std::size_t count, std::size_t window, std::size_t first = 0) {
    RunPlan p;
    p.benchmark = "quiz@1";
    p.edition = "custom";
    p.evaluation = std::make_shared<Quiz>(count, first);
    Role role;
    role.label = "fake";
    role.spec = "fake:";
    role.model = &model;
    role.identity = make_identity({{"fake", true}}, "fake");
    role.price_in = 1.0;
    role.price_out = 10.0;
    p.roles["model"] = role;
    p.window = window;
    return p;
  }

  Result<RunResult> go(RunPlan p) {
    stop = StopSignal{};
    return go_on(std::move(p));
  }
  Result<RunResult> go_on(RunPlan p) {
    asio::io_context loop;
    std::optional<Result<RunResult>> out;
    asio::co_spawn(loop, store(run(std::move(p), RunnerSeams{*journal, timer, random, stop, "test", on_progress}), out), asio::detached);
    loop.run();
    return std::move(*out);
  }
  static Task<void> store(Async<RunResult> work, std::optional<Result<RunResult>>& out) { out = co_await std::move(work); }
  RunPlan retrying(RetryWhat what, RunPlan p) {
    p.retry = what;
    return p;
  }
  /// The samples asked for since the last call, and the epochs they were asked under.
  std::string asked() {
    std::string out;
    for (const Query& query : std::exchange(model.queries, {})) out += query.origin.sample + ":" + std::to_string(query.draw.epoch) + " ";
    return out;
  }

  test::TemporaryFolder folder;
  VirtualTimer timer;
  Random random{7};
  StopSignal stop;
  FakeModel model;
  std::function<void(const Progress&)> on_progress;
  std::unique_ptr<Journal> journal;
};

TEST_F(RunnerTest, EveryUnitRunsOnceInABoundedWindowAndResultsComeInPlanOrder) {
  auto result = go(plan(40, 8));
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(model.queries.size(), 40u);
  EXPECT_EQ(model.peak, 8);
  EXPECT_EQ(result->report.status, "complete");
  EXPECT_EQ(result->report.total.counts.scored, 40u);
  EXPECT_EQ(*result->report.total.metric("score")->value, 40.0);
  std::string order;
  for (int i = 0; i < 40; ++i) order += std::to_string(i) + ",";
  EXPECT_EQ(result->report.reason, order);
  EXPECT_EQ(result->report.usage.requests, 40u);
  EXPECT_EQ(result->report.usage.input_tokens, 400u);
  EXPECT_NEAR(*result->report.usage.usd, (400 * 1.0 + 80 * 10.0) / 1e6, 1e-12);
}

TEST_F(RunnerTest, NothingIsAskedOfTasksThatTheModelCannotDo) {
  RunPlan p = plan(7, 2);
  p.refused.emplace(1, Error{ErrorKind::refused, "fake cannot do odd"});
  auto result = go(std::move(p));
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_FALSE(result->stopped);
  EXPECT_EQ(model.queries.size(), 4u);
  EXPECT_EQ(result->report.status, "incomplete");
  EXPECT_TRUE(result->report.reason.ends_with("; odd cannot be run with this model")) << result->report.reason;
  EXPECT_EQ(result->report.total.counts.scored, 4u);
  EXPECT_EQ(result->report.total.counts.failed, 3u);
  std::string reason;
  auto read = result->results->for_each([&](std::size_t ordinal, const Unit&, const UnitResult& unit) {
    if (ordinal == 1) reason = unit.samples[0].reason;
    return true;
  });
  ASSERT_TRUE(read);
  EXPECT_EQ(reason, "fake cannot do odd");
  // A model that can do them (the same to the journal) is asked for them alone.
  auto later = go(plan(7, 2));
  ASSERT_TRUE(later);
  EXPECT_EQ(later->report.status, "complete");
  EXPECT_EQ(later->report.total.counts.scored, 7u);
}

TEST_F(RunnerTest, TheReportIsInTheJournalWhenTheRunReturns) {
  auto result = go(plan(3, 2));
  ASSERT_TRUE(result);
  auto row = journal->run("@last");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->id, result->report.run);
  EXPECT_EQ(row->status, "complete");
  auto stored = report_from_json(parse_json(row->report).value());
  ASSERT_TRUE(stored) << to_string(stored.error());
  EXPECT_EQ(stored->total.counts.scored, 3u);
}

TEST_F(RunnerTest, AFatalErrorStopsTheModelAndTheRestIsMissing) {
  model.errors[4] = ErrorKind::auth;
  auto result = go(plan(20, 2));
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->stopped);
  EXPECT_EQ(result->stopped->kind, ErrorKind::auth);
  EXPECT_LE(model.queries.size(), 6u);
  EXPECT_EQ(result->report.status, "incomplete");
  EXPECT_EQ(result->report.total.counts.total(), 20u);
  EXPECT_GE(result->report.total.counts.missing, 14u);
}

TEST_F(RunnerTest, OneFailedRequestIsOneFailedSample) {
  model.errors[3] = ErrorKind::bad_request;
  auto result = go(plan(10, 1));
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->stopped);
  EXPECT_EQ(result->report.total.counts.failed, 1u);
  EXPECT_EQ(result->report.total.counts.scored, 9u);
  EXPECT_EQ(model.queries.size(), 10u);
}

TEST_F(RunnerTest, OneStopDrainsAndNothingNewStarts) {
  model.on_answer = [&](int place) {
    if (place == 5) stop.request();
  };
  auto result = go(plan(50, 3));
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->stopped);
  EXPECT_EQ(result->stopped->kind, ErrorKind::cancelled);
  EXPECT_LE(model.queries.size(), 8u);
  EXPECT_EQ(result->report.total.counts.scored, model.queries.size());
  EXPECT_EQ(result->report.total.counts.total(), 50u);
  EXPECT_EQ(journal->run("@last")->status, "interrupted");
}

TEST_F(RunnerTest, UnparseableOnesAreAskedAgainUnderAHigherEpochOnlyOnRequest) {
  model.words[2] = "what?";
  ASSERT_TRUE(go(plan(4, 1)));
  model.queries.clear();
  model.words.clear();
  ASSERT_TRUE(go(plan(4, 1)));
  for (const Query& query : model.queries) EXPECT_EQ(query.draw.epoch, 0);

  model.words[2] = "what?";
  model.queries.clear();
  ASSERT_TRUE(go(plan(4, 1)));
  model.words.clear();
  model.queries.clear();
  RunPlan again = plan(4, 1);
  again.retry = RetryWhat::unparseable;
  ASSERT_TRUE(go(std::move(again)));
  ASSERT_EQ(model.queries.size(), 4u);
  EXPECT_EQ(model.queries[0].draw.epoch, 0);
  EXPECT_EQ(model.queries[1].draw.epoch, 1);

  // The epoch stays: a later plain run must not fall back to the old answer; nor does a run over more samples.
  model.queries.clear();
  ASSERT_TRUE(go(plan(6, 1)));
  EXPECT_EQ(model.queries[1].draw.epoch, 1);
  EXPECT_EQ(model.queries[5].draw.epoch, 0);
}

TEST_F(RunnerTest, EverythingIsAskedAnewOnRequestAndAnInterruptionDoesNotBringOldAnswersBack) {
  ASSERT_TRUE(go(plan(4, 1)));
  model.queries.clear();
  model.on_answer = [&](int place) {
    if (place == 2) stop.request();
  };
  RunPlan anew = plan(4, 1);
  anew.retry = RetryWhat::everything;
  ASSERT_TRUE(go(std::move(anew)));
  ASSERT_EQ(model.queries.size(), 2u);
  for (const Query& query : model.queries) EXPECT_EQ(query.draw.epoch, 1);

  // What the interrupted run did not come to still is to be asked anew, by whoever goes on with it.
  model.on_answer = nullptr;
  model.queries.clear();
  ASSERT_TRUE(go(plan(6, 1)));
  ASSERT_EQ(model.queries.size(), 6u);
  for (const Query& query : model.queries) EXPECT_EQ(query.draw.epoch, 1) << query.origin.sample;

  model.queries.clear();
  RunPlan again = plan(4, 1);
  again.retry = RetryWhat::everything;
  ASSERT_TRUE(go(std::move(again)));
  ASSERT_EQ(model.queries.size(), 4u);
  for (const Query& query : model.queries) EXPECT_EQ(query.draw.epoch, 2);
}

TEST_F(RunnerTest, ARunOverAPartForgetsNothingOfTheOtherUnits) {
  model.words = {{1, "what?"}, {3, "what?"}, {4, "what?"}};
  ASSERT_TRUE(go(plan(4, 1)));
  model.words.clear();
  ASSERT_TRUE(go(retrying(RetryWhat::unparseable, plan(4, 1))));
  asked();
  ASSERT_TRUE(go(plan(2, 1)));
  EXPECT_EQ(asked(), "q0:1 q1:0 ");
  ASSERT_TRUE(go(plan(2, 1, 2)));
  EXPECT_EQ(asked(), "q2:1 q3:1 ") << "which have other places in this selection";
  ASSERT_TRUE(go(plan(1, 1)));
  asked();
  ASSERT_TRUE(go(plan(4, 1)));
  EXPECT_EQ(asked(), "q0:1 q1:0 q2:1 q3:1 ");

  // What could not be read is asked again, although the newest run did not come to it.
  model.words = {{4, "what?"}};
  ASSERT_TRUE(go(retrying(RetryWhat::everything, plan(4, 1))));
  model.words.clear();
  ASSERT_TRUE(go(plan(1, 1)));
  asked();
  ASSERT_TRUE(go(retrying(RetryWhat::unparseable, plan(4, 1))));
  EXPECT_EQ(asked(), "q0:2 q1:2 q2:2 q3:3 ");
  ASSERT_TRUE(go(retrying(RetryWhat::everything, plan(1, 1))));
  EXPECT_EQ(asked(), "q0:4 ") << "above everything that was ever asked";
}

TEST_F(RunnerTest, ManyRunsOverPartsForgetNothingEither) {
  model.words = {{2, "what?"}};
  ASSERT_TRUE(go(plan(2, 1)));
  model.words.clear();
  ASSERT_TRUE(go(retrying(RetryWhat::unparseable, plan(2, 1))));
  for (int n = 0; n < 100; ++n) ASSERT_TRUE(go(plan(1, 1)));
  asked();
  ASSERT_TRUE(go(plan(2, 1)));
  EXPECT_EQ(asked(), "q0:0 q1:1 ");
}

TEST_F(RunnerTest, AskingEverythingAnewGoesOnWhereItWasCutShort) {
  ASSERT_TRUE(go(plan(4, 1)));
  asked();
  auto stop_after = [&](int answers) {
    model.on_answer = [this, answers](int place) {
      if (place == answers) stop.request();
    };
  };
  auto again = [&] { return go(retrying(RetryWhat::everything, plan(4, 1))); };
  stop_after(2);
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q0:1 q1:1 ");
  stop_after(1);
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q2:1 q0:1 q1:1 ") << "the same command: what is left first, and the rest under the same epoch, as the journal has it";
  model.on_answer = nullptr;
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q3:1 q0:1 q1:1 q2:1 ");
  // Now it is complete, and the same command asks anew.
  model.errors[2] = ErrorKind::bad_request;
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q0:2 q1:2 q2:2 q3:2 ");
  ASSERT_EQ(journal->run("@last")->status, "incomplete");
  model.errors.clear();
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q0:3 q1:3 q2:3 q3:3 ") << "it had come to every unit, although one failed";
  // A fatal error cuts it short, too; and a killed process leaves a run that never ended.
  model.errors[2] = ErrorKind::auth;
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q0:4 q1:4 ");
  model.errors.clear();
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q1:4 q2:4 q3:4 q0:4 ");
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q0:5 q1:5 q2:5 q3:5 ");
  ASSERT_TRUE(journal->finish_run(journal->run("@last")->id, "running", ""));
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q0:5 q1:5 q2:5 q3:5 ");
  // Another wish in between: this one begins anew.
  stop_after(2);
  ASSERT_TRUE(go(plan(4, 1)));
  asked();
  model.on_answer = nullptr;
  ASSERT_TRUE(again());
  EXPECT_EQ(asked(), "q0:6 q1:6 q2:6 q3:6 ");
}

TEST_F(RunnerTest, AResumedRunAsksFirstWhatNoEarlierRunHasFinished) {
  auto samples = [&] {
    std::vector<std::string> out;
    for (const Query& query : model.queries) out.push_back(query.origin.sample);
    return out;
  };
  model.on_answer = [&](int place) {
    if (place == 2) stop.request();
  };
  ASSERT_TRUE(go(plan(6, 1)));  // q0 and q1, then interrupted
  EXPECT_EQ(samples(), (std::vector<std::string>{"q0", "q1"}));
  model.queries.clear();
  model.words[1] = "what?";
  auto part = go(plan(6, 1));  // q2 and q3; then what the journal has of q0 and q1
  ASSERT_TRUE(part);
  EXPECT_EQ(samples(), (std::vector<std::string>{"q2", "q3", "q0", "q1"}));
  EXPECT_EQ(part->report.status, "incomplete");
  EXPECT_EQ(part->report.total.counts.scored + part->report.total.counts.unparseable, 4u) << "an interrupted run reports what earlier ones had, too";
  EXPECT_EQ(part->report.total.counts.missing, 2u);
  model.queries.clear();
  model.words.clear();
  model.on_answer = nullptr;
  auto whole = go(plan(6, 1));  // a continuation of a continuation
  ASSERT_TRUE(whole);
  EXPECT_EQ(samples(), (std::vector<std::string>{"q4", "q5", "q0", "q1", "q2", "q3"}));
  EXPECT_EQ(whole->report.reason, "0,1,2,3,4,5,") << "results come in plan order all the same";
  EXPECT_EQ(whole->report.total.counts.scored, 6u);

  model.queries.clear();
  auto again = go(plan(6, 1));
  ASSERT_TRUE(again);
  EXPECT_EQ(samples(), (std::vector<std::string>{"q0", "q1", "q2", "q3", "q4", "q5"})) << "nothing to resume: plan order";
  EXPECT_EQ(write_json(to_json(again->report)["metrics"]), write_json(to_json(whole->report)["metrics"]));
}

TEST_F(RunnerTest, AResumedRunShowsWhatIsDoneFromItsBeginningAndTellsItFromItsOwnWork) {
  model.on_answer = [&](int place) {
    if (place == 4) stop.request();
  };
  ASSERT_TRUE(go(plan(6, 1)));  // q0 to q3
  model.on_answer = nullptr;
  std::vector<std::pair<std::size_t, std::size_t>> seen;
  on_progress = [&](const Progress& p) {
    if (std::pair now(p.done, p.earlier); seen.empty() || seen.back() != now) seen.push_back(now);
  };
  ASSERT_TRUE(go(plan(6, 1)));
  EXPECT_EQ(seen, (std::vector<std::pair<std::size_t, std::size_t>>{{4, 4}, {5, 4}, {6, 4}}));
}

TEST_F(RunnerTest, AFailedUnitOfAnInterruptedRunIsAskedBeforeTheFinishedOnes) {
  model.errors[1] = ErrorKind::bad_request;
  model.on_answer = [&](int place) {
    if (place == 3) stop.request();
  };
  ASSERT_TRUE(go(plan(4, 1)));  // q0 failed, q1 and q2 scored
  model.queries.clear();
  model.errors.clear();
  model.on_answer = nullptr;
  auto result = go(plan(4, 1));
  ASSERT_TRUE(result);
  ASSERT_EQ(model.queries.size(), 4u);
  EXPECT_EQ(model.queries[0].origin.sample, "q0");
  EXPECT_EQ(model.queries[1].origin.sample, "q3");
  EXPECT_EQ(result->report.total.counts.scored, 4u);
}

TEST_F(RunnerTest, AScoredRunKeepsToItsOwnEpochsAndLaterRunsDoNotCareForIt) {
  ASSERT_TRUE(go(plan(3, 1)));
  const std::string first = journal->run("@last")->id;
  ASSERT_TRUE(go(retrying(RetryWhat::everything, plan(3, 1))));
  const std::string second = journal->run("@last")->id;
  asked();
  auto score = [&](const std::string& run, std::size_t count) {
    RunPlan p = retrying(RetryWhat::none, plan(count, 1));
    p.policy = Policy::recorded;
    p.scores = run;
    ASSERT_TRUE(go(std::move(p)));
  };
  score(first, 3);
  EXPECT_EQ(asked(), "q0:0 q1:0 q2:0 ");
  score(second, 3);
  EXPECT_EQ(asked(), "q0:1 q1:1 q2:1 ");
  score(first, 3);
  asked();
  ASSERT_TRUE(go(plan(4, 1)));
  EXPECT_EQ(asked(), "q0:1 q1:1 q2:1 q3:1 ");
}

TEST_F(RunnerTest, WhatAnotherProcessAnsweredFirstIsWhatTheReportRestsOn) {
  auto other = Journal::open(folder.path() / "j.db", Journal::Mode::read_write, system_clock()).value();
  auto journaled = make_journaled(model, *journal, timer.clock());
  ASSERT_TRUE(test::run_alone(journaled->identify()));
  const std::string identity = make_identity({{"fake", true}}, "fake").text;
  // The other process says "what?" to the second question, and to the fourth what we say, too; to the third it comes too late.
  model.on_answer = [&](int place) {
    if (place != 2 && place != 4) return;
    const Query& query = model.queries[static_cast<std::size_t>(place) - 1];
    Response theirs;
    theirs.text = place == 2 ? "what?" : "ok";
    Answer answer;
    answer.identity = identity;
    answer.request = canonical_json(query.request);
    answer.draw = canonical_json(query.draw);
    answer.key = request_key(identity, query.request, query.draw);
    answer.response = compact_json(theirs);
    other->put_answer(answer);
    ASSERT_TRUE(other->flush());
  };
  RunPlan p = plan(5, 1);
  p.roles["model"].model = journaled.get();
  auto result = go(std::move(p));
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(model.queries.size(), 5u) << "nothing is asked again";
  EXPECT_EQ(result->report.total.counts.scored, 4u);
  EXPECT_EQ(result->report.total.counts.unparseable, 1u) << "the report rests on an answer that is not in the journal";
  EXPECT_EQ(result->report.usage.requests, 5u);
  EXPECT_EQ(result->report.usage.from_journal, 0u) << "each was paid for";
  auto stored = report_from_json(parse_json(journal->run("@last")->report).value());
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->total.counts.unparseable, 1u);
  std::string outcomes;
  ASSERT_TRUE(journal->for_each_outcome(journal->run("@last")->id, [&](const UnitRow& row) {
    outcomes += row.outcome + " ";
    return true;
  }));
  EXPECT_EQ(outcomes, "scored unparseable scored scored scored ");
}

TEST_F(RunnerTest, OriginAndDrawTellWhoAsked) {
  ASSERT_TRUE(go(plan(2, 1)));
  const Query& query = model.queries[1];
  EXPECT_EQ(query.origin.benchmark, "quiz@1");
  EXPECT_EQ(query.origin.sample, "q1");
  EXPECT_EQ(query.origin.role, "model");
  EXPECT_EQ(query.draw.ask, 0);
  EXPECT_EQ(query.draw.iteration, 1);
}

}  // namespace
}  // namespace assay
