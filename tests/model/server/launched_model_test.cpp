#include "model/server/launched_model.h"

#include <gtest/gtest.h>

#include "fake_server.h"
#include "model/retrying.h"
#include "support/fake_model.h"
#include "support/loop.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::answer_into;
using test::FakeMachine;
using test::FakeModel;
using test::Life;
using test::question;

class LaunchedModelTest : public testing::Test {
 protected:
  /// `reply` decides for a server that is up; one that is down refuses.
  std::unique_ptr<Model> model(LaunchOptions options = {}) {
    auto inner = std::make_unique<FakeModel>(timer);
    asked = inner.get();
    inner->reply = [this](const Query& query, std::size_t number) -> Result<Response> {
      if (!machine.up()) return fail(ErrorKind::network, "connection refused");
      return reply(query, number);
    };
    inner->who = [](std::size_t) {
      return Result<ModelIdentity>(make_identity({{"backend", "openai"}, {"base", "http://127.0.0.1:4711/v1"}, {"model", "m"}, {"server", json::object{{"owned_by", "x"}}}}, "m"));
    };
    ServerOptions server;
    server.label = "srv";
    server.command.words = {"srv"};
    server.command.log = "srv.log";
    server.port = 4711;
    if (options.facts.empty()) options.facts = {{"backend", "launch"}, {"recipe", "srv"}};
    options.label = "label";
    return make_launched_model(std::move(inner), std::make_unique<ServerProcess>(server, machine.seams()), timer, options);
  }
  Task<void> drop_after_a_minute(std::unique_ptr<Model>& model) {
    co_await timer.sleep(60s);
    EXPECT_EQ(machine.alive, 1);
    model.reset();
    EXPECT_EQ(machine.alive, 0);
  }
  Result<Response> ask(Model& model, std::string text = "hi") {
    std::optional<Result<Response>> out;
    loop.start(answer_into(model, question(std::move(text)), out));
    loop.finish();
    return *out;
  }

  test::Loop loop;
  VirtualTimer timer;
  FakeMachine machine{timer};
  FakeModel* asked = nullptr;
  std::function<Result<Response>(const Query&, std::size_t)> reply = [](const Query&, std::size_t) { return Result<Response>(Response{}); };
};

TEST_F(LaunchedModelTest, StartsOnFirstNeedAlone) {
  auto launched = model({.identity_known = true});
  auto identity = loop.run(launched->identify());
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->text, R"({"backend":"launch","recipe":"srv"})");
  EXPECT_TRUE(machine.commands.empty()) << "who it is was known; the journal may have every answer";
  ASSERT_TRUE(ask(*launched));
  EXPECT_EQ(machine.commands.size(), 1u);
  ASSERT_TRUE(ask(*launched));
  EXPECT_EQ(machine.commands.size(), 1u);
  EXPECT_EQ(asked->identified, 1u) << "the back end learned from it what to ask for";
  launched.reset();
  EXPECT_EQ(machine.alive, 0);
}

TEST_F(LaunchedModelTest, WhatTheServerSaysOfItselfIsTheIdentityButNotItsPort) {
  auto launched = model();
  auto identity = loop.run(launched->identify());
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->text, R"({"backend":"launch","model":"m","recipe":"srv","server":{"owned_by":"x"}})");
  EXPECT_EQ(machine.commands.size(), 1u);
}

TEST_F(LaunchedModelTest, ManyAtOnceShareOneStart) {
  machine.life = [](int) { return Life{.ready = 20s}; };
  auto launched = model({.identity_known = true});
  std::vector<std::optional<Result<Response>>> out(50);
  for (auto& one : out) loop.start(answer_into(*launched, question("x"), one));
  loop.finish();
  for (auto& one : out) EXPECT_TRUE(one && *one);
  EXPECT_EQ(machine.commands.size(), 1u);
}

TEST_F(LaunchedModelTest, AFirstStartThatFailsIsTheEnd) {
  machine.life = [](int) { return Life{.ready = 1h, .dies = 1s}; };
  auto launched = model({.identity_known = true});
  auto answer = ask(*launched);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  EXPECT_TRUE(fatal_for_model(answer.error().kind));
  EXPECT_FALSE(ask(*launched));
  EXPECT_EQ(machine.commands.size(), 1u) << "and it is not tried again";
}

TEST_F(LaunchedModelTest, AHangIsOneFailedAttemptAndAFreshServer) {
  reply = [&](const Query&, std::size_t number) -> Result<Response> {
    if (number == 1) return fail(ErrorKind::timeout, "nothing in 300 s");
    return Response{};
  };
  auto launched = model({.identity_known = true});
  ASSERT_TRUE(ask(*launched));
  auto hung = ask(*launched);
  ASSERT_FALSE(hung);
  EXPECT_TRUE(retryable(hung.error().kind));
  EXPECT_EQ(machine.commands.size(), 1u) << "the next request starts it again";
  ASSERT_TRUE(ask(*launched));
  ASSERT_EQ(machine.commands.size(), 2u);
  EXPECT_EQ(machine.commands[0].words, machine.commands[1].words);
  EXPECT_EQ(machine.terminated, 1);
  EXPECT_EQ(machine.alive, 1);
  EXPECT_EQ(*find_path(json::value(launched->facts()), {"launch", "starts"}), json::value(2));
  EXPECT_EQ(*find_path(json::value(launched->facts()), {"launch", "restarted_because"}), (json::array{"a request timed out"}));
}

TEST_F(LaunchedModelTest, RequestsInFlightFailOnceAndRetriesFinishThem) {
  machine.life = [](int start) { return start == 1 ? Life{.dies = 10s} : Life{.ready = 5s}; };
  auto launched = model({.identity_known = true});
  asked->delay = 8s;
  Random random{1};
  auto retrying = make_retrying(*launched, timer, random);
  std::vector<std::optional<Result<Response>>> out(20);
  ASSERT_TRUE(ask(*launched));  // until 8 s
  for (auto& one : out) loop.start(answer_into(*retrying, question("x"), one));
  loop.finish();
  for (auto& one : out) EXPECT_TRUE(one && *one);
  EXPECT_EQ(machine.commands.size(), 2u) << "one restart for all of them";
  EXPECT_EQ(asked->asked, 41u) << "each was asked twice: once of each server";
}

TEST_F(LaunchedModelTest, ACrashWhileNobodyAsksIsNoticed) {
  auto launched = model({.identity_known = true});
  ASSERT_TRUE(ask(*launched));
  machine.crash();
  ASSERT_TRUE(ask(*launched)) << "found dead before it was asked: no attempt is lost";
  EXPECT_EQ(machine.commands.size(), 2u);
  EXPECT_EQ(*find_path(json::value(launched->facts()), {"launch", "restarted_because"}), (json::array{"it ended with exit 1"}));
}

TEST_F(LaunchedModelTest, ABadAnswerOfALivingServerIsNoReasonToStopIt) {
  for (ErrorKind kind : {ErrorKind::bad_response, ErrorKind::server, ErrorKind::rate_limited, ErrorKind::bad_request}) {
    reply = [&](const Query&, std::size_t) -> Result<Response> { return fail(kind, "no"); };
    auto launched = model({.identity_known = true});
    machine.commands.clear();
    EXPECT_FALSE(ask(*launched));
    EXPECT_FALSE(ask(*launched));
    EXPECT_EQ(machine.commands.size(), 1u) << name(kind);
  }
}

TEST_F(LaunchedModelTest, ItIsGivenUpAfterSoManyStartsWithoutAnAnswer) {
  reply = [&](const Query&, std::size_t) -> Result<Response> { return fail(ErrorKind::timeout, "nothing"); };
  machine.life = [](int) { return Life{.writes = {{0s, "CUDA out of memory\n"}}}; };
  auto launched = model({.identity_known = true, .restarts = 2});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(*launched).error().kind, ErrorKind::timeout);
  auto end = ask(*launched);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, ErrorKind::refused);
  EXPECT_NE(end.error().message.find("started 3 times"), std::string::npos) << end.error().message;
  EXPECT_NE(end.error().hint.find("CUDA out of memory"), std::string::npos);
  EXPECT_EQ(machine.alive, 0);
}

TEST_F(LaunchedModelTest, AnAnswerBetweenStartsTheCountAgain) {
  reply = [&](const Query&, std::size_t number) -> Result<Response> {
    if (number % 2 == 0) return fail(ErrorKind::timeout, "nothing");
    return Response{};
  };
  auto launched = model({.identity_known = true, .restarts = 1});
  for (int i = 0; i < 8; ++i) EXPECT_EQ(ask(*launched).has_value(), i % 2 == 1) << i;
  EXPECT_EQ(machine.commands.size(), 5u);
}

TEST_F(LaunchedModelTest, ARestartThatFailsIsTriedAgain) {
  machine.life = [](int start) { return start == 2 ? Life{.ready = 1h, .dies = 1s} : Life{}; };
  auto launched = model({.identity_known = true});
  ASSERT_TRUE(ask(*launched));
  machine.crash();
  ASSERT_TRUE(ask(*launched));
  EXPECT_EQ(machine.commands.size(), 3u);
}

TEST_F(LaunchedModelTest, InterruptedWhileStarting) {
  machine.life = [](int) { return Life{.ready = 100h}; };
  machine.stopping = true;
  auto launched = model({.identity_known = true});
  EXPECT_EQ(ask(*launched).error().kind, ErrorKind::cancelled);
  EXPECT_EQ(ask(*launched).error().kind, ErrorKind::cancelled);
  EXPECT_EQ(machine.commands.size(), 1u);
  EXPECT_EQ(machine.alive, 0);
}

TEST_F(LaunchedModelTest, AStartTakesNothingOfARequestsTime) {
  machine.life = [](int) { return Life{.ready = 60s}; };
  auto launched = model({.identity_known = true});
  asked->delay = 3s;
  std::vector<Duration> left;
  reply = [&](const Query& query, std::size_t) -> Result<Response> {
    left.push_back(*query.deadline - timer.clock().now());
    if (left.back() < Duration::zero()) return fail(ErrorKind::timeout, "too late");
    return Response{};
  };
  Random random{1};
  auto retrying = make_retrying(*launched, timer, random, {.total = 5s});
  EXPECT_TRUE(ask(*retrying));
  EXPECT_EQ(left, (std::vector<Duration>{2s}));
  EXPECT_EQ(machine.commands.size(), 1u);
}

TEST_F(LaunchedModelTest, ARequestThatHadNoTimeLeftSaysNothingOfTheServer) {
  auto launched = model({.identity_known = true});
  auto ask_for = [&](Duration left) {
    Query query = question("x");
    query.deadline = timer.clock().now() + left;
    std::optional<Result<Response>> out;
    loop.start(answer_into(*launched, std::move(query), out));
    loop.finish();
    return *out;
  };
  ASSERT_TRUE(ask_for(60s));
  reply = [&](const Query& query, std::size_t) -> Result<Response> {
    if (timer.clock().now() < *query.deadline) ADD_FAILURE() << "no time-out yet";
    return fail(ErrorKind::timeout, "its time was over");
  };
  for (Duration left : {Duration(0s), Duration(2s), Duration(20s)}) {
    asked->delay = left;
    EXPECT_EQ(ask_for(left).error().kind, ErrorKind::timeout);
  }
  reply = [](const Query&, std::size_t) { return Result<Response>(Response{}); };
  ASSERT_TRUE(ask_for(60s));
  EXPECT_EQ(machine.commands.size(), 1u) << "it is well";
  // One that had all its time met a server that hangs.
  reply = [](const Query&, std::size_t) -> Result<Response> { return fail(ErrorKind::timeout, "nothing"); };
  asked->delay = 60s;
  EXPECT_FALSE(ask_for(60s));
  reply = [](const Query&, std::size_t) { return Result<Response>(Response{}); };
  ASSERT_TRUE(ask_for(90s));
  EXPECT_EQ(machine.commands.size(), 2u);
}

TEST_F(LaunchedModelTest, NothingOutlivesTheModelWhileItStarts) {
  machine.life = [](int) { return Life{.ready = 100h}; };
  auto launched = model({.identity_known = true});
  std::optional<Result<Response>> out;
  loop.start(answer_into(*launched, question("x"), out));
  loop.start(drop_after_a_minute(launched));
  loop.finish();
  EXPECT_EQ(machine.alive, 0);
  ASSERT_TRUE(out);
  EXPECT_FALSE(*out);
}

}  // namespace
}  // namespace assay
