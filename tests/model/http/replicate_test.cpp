// Replicate: predictions created, looked at until they end, given up in time. No test waits.
#include "model/http/replicate.h"

#include <gtest/gtest.h>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/text.h"
#include "model/http/replicate_dialect.h"
#include "support/loop.h"
#include "support/scripted_transport.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

struct ReplicateTest : testing::Test {
  void SetUp() override {
    options.model = "meta/llama-2-70b-chat:e951f185";
    options.key = Secret("r8_4711");
  }
  Model& model() {
    if (!made) made = make_replicate_model(options, transport, timer);
    return *made;
  }
  Result<Response> ask(std::optional<Instant> deadline = {}) {
    Query query;
    Generate request;
    request.prompt = "p";
    request.sampling = {.temperature = 0.7, .top_p = 1.0};
    query.request = std::move(request);
    query.deadline = deadline;
    return loop.run(model().answer(std::move(query)));
  }
  double passed(Instant since) { return std::chrono::duration<double>(timer.clock().now() - since).count(); }

  test::Loop loop;
  test::ScriptedTransport transport;
  VirtualTimer timer;
  ReplicateOptions options;
  std::unique_ptr<Model> made;
};

TEST_F(ReplicateTest, CreatedThenLookedAtAtGrowingIntervals) {
  options.extra = {{"max_length", 4096}};
  transport.says(201, R"({"id":"abc1","status":"starting","output":null,"error":null,"urls":{"get":"https://evil.example/steal"}})");
  transport.says(200, R"({"id":"abc1","status":"processing","output":["He"]})");
  transport.says(200, R"({"id":"abc1","status":"processing"})");
  transport.says(200, R"({"id":"abc1","status":"succeeded","output":[" Hel","lo "," you \n"],"metrics":{"predict_time":2.5,"input_token_count":3,"output_token_count":4},"version":"e951f185"})");
  const Instant begin = timer.clock().now();
  auto response = ask();
  ASSERT_TRUE(response) << to_string(response.error());
  ASSERT_EQ(transport.requests.size(), 4u);
  EXPECT_EQ(transport.requests[0].method + " " + transport.requests[0].url, "POST https://api.replicate.com/v1/predictions");
  EXPECT_EQ(transport.requests[0].body, R"({"version":"e951f185","input":{"prompt":"p","temperature":0.7,"top_p":1.0,"max_length":4096}})");
  EXPECT_EQ(transport.header("Authorization"), "Bearer r8_4711");
  for (std::size_t i = 1; i < 4; ++i)
    EXPECT_EQ(transport.requests[i].method + " " + transport.requests[i].url, "GET https://api.replicate.com/v1/predictions/abc1") << "never what the answer names";
  EXPECT_EQ(response->text, "Hello  you");
  EXPECT_EQ(response->usage.output_tokens, 4);
  EXPECT_EQ(response->model_reported, "e951f185");
  EXPECT_DOUBLE_EQ(passed(begin), 0.5 + 0.75 + 1.125);
  EXPECT_DOUBLE_EQ(response->latency, 0.5 + 0.75 + 1.125);
  EXPECT_TRUE(contains(response->raw, "succeeded"));
}

TEST_F(ReplicateTest, PublishedModelsAndMessages) {
  options.model = "meta/meta-llama-3-8b-instruct";
  transport.says(200, R"({"latest_version":{"id":"v77"},"name":"meta-llama-3-8b-instruct"})");
  auto identity = loop.run(model().identify());
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(transport.requests.back().url, "https://api.replicate.com/v1/models/meta/meta-llama-3-8b-instruct");
  EXPECT_EQ(identity->text, R"({"backend":"replicate","base":"https://api.replicate.com/v1","model":"meta/meta-llama-3-8b-instruct","server":{"version":"v77"}})");
  transport.says(201, R"({"id":"a","status":"succeeded","output":"hi"})");
  Query query;
  Generate request;
  request.messages = {{"system", "Be brief."}, {"user", "one"}, {"assistant", "two"}, {"user", "three"}};
  request.sampling = {.max_tokens = 9, .stop = {"a", "b"}};
  query.request = request;
  auto response = loop.run(model().answer(std::move(query)));
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://api.replicate.com/v1/models/meta/meta-llama-3-8b-instruct/predictions");
  EXPECT_EQ(transport.requests.back().body, R"({"input":{"prompt":"one\n\ntwo\n\nthree","system_prompt":"Be brief.","max_tokens":9,"stop_sequences":"a,b"}})");
  EXPECT_EQ(model().deviations(), std::vector<std::string>{"messages joined into one prompt for Replicate"});
  EXPECT_EQ(response->deviations, model().deviations());
}

TEST_F(ReplicateTest, WhatTakesTooLongIsCancelledThere) {
  transport.says(201, R"({"id":"abc1","status":"starting"})");
  transport.says(200, R"({"id":"abc1","status":"processing"})");
  transport.says(200, R"({"id":"abc1","status":"canceled"})");
  auto response = ask(timer.clock().now() + 1s);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timeout);
  EXPECT_EQ(transport.requests.back().method + " " + transport.requests.back().url, "POST https://api.replicate.com/v1/predictions/abc1/cancel");
  EXPECT_EQ(transport.requests.size(), 3u);
}

/// As libcurl's: who has been cancelled sends nothing more.
class HeedfulTransport final : public Transport {
 public:
  test::ScriptedTransport script;
  Async<HttpResponse> send(HttpRequest request) override {
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "interrupted");
    co_return co_await script.send(std::move(request));
  }
};

TEST_F(ReplicateTest, WhatIsInterruptedIsCancelledThere) {
  HeedfulTransport heedful;
  heedful.script.says(201, R"({"id":"abc1","status":"starting"})").says(200, R"({"id":"abc1","status":"canceled"})");
  made = make_replicate_model(options, heedful, timer);
  std::optional<Result<Response>> answer;
  const std::size_t number = loop.start(test::answer_into(*made, test::question("q"), answer));
  asio::post(loop.executor(), [&] { asio::post(loop.executor(), [&] { loop.cancel(number); }); });
  loop.finish();
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::cancelled);
  ASSERT_EQ(heedful.script.requests.size(), 2u);
  EXPECT_EQ(heedful.script.requests.back().url, "https://api.replicate.com/v1/predictions/abc1/cancel");
  EXPECT_LE(heedful.script.requests.back().timeout, 10s) << "who interrupts does not want to wait";
  // During a look, too.
  made.reset();
  transport.says(201, R"({"id":"abc1","status":"starting"})").fails(ErrorKind::cancelled).says(200, R"({"id":"abc1","status":"canceled"})");
  EXPECT_EQ(ask().error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(transport.requests.back().url.ends_with("/predictions/abc1/cancel")) << transport.requests.back().url;
}

// A new prediction is paid for like the first: it is made only where another end can be hoped for.
TEST_F(ReplicateTest, OnlyFailuresThatMayPassAreAskedAgain) {
  auto kind = [&](const char* status, const char* why) {
    transport.says(201, write_json(json::object{{"id", "a"}, {"status", status}, {"error", why}}));
    return ask().error().kind;
  };
  for (const char* why : {"CUDA out of memory", "cuda error: device-side assert", "Prediction interrupted; please retry (code: PA)", "Request timed out", "Timeout waiting for the model", "Internal server error"})
    EXPECT_EQ(kind("failed", why), ErrorKind::server) << why;
  for (const char* why : {"", "input is flagged as sensitive", "prompt length exceeds maximum input length 4096", "Prompt must not be empty"})
    EXPECT_EQ(kind("failed", why), ErrorKind::bad_request) << why;
  EXPECT_EQ(kind("canceled", "timeout"), ErrorKind::bad_request);
  EXPECT_EQ(kind("aborted", ""), ErrorKind::bad_request);
}

TEST_F(ReplicateTest, ALookThatFailsIsRepeatedBecauseThePredictionGoesOn) {
  transport.says(201, R"({"id":"abc1","status":"starting"})").says(502, "oh").fails(ErrorKind::network);
  transport.says(429, R"({"detail":"Request was throttled."})", {{"retry-after", "9"}});
  transport.says(200, R"({"id":"abc1","status":"succeeded","output":["x"]})");
  const Instant begin = timer.clock().now();
  auto response = ask();
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->text, "x");
  EXPECT_GT(passed(begin), 9.0);
  transport.says(201, R"({"id":"abc2","status":"starting"})");
  for (int i = 0; i < 5; ++i) transport.says(500, "oh");
  EXPECT_EQ(ask().error().kind, ErrorKind::server);
  EXPECT_TRUE(transport.replies.empty());
  EXPECT_TRUE(transport.requests.back().url.ends_with("/predictions/abc2/cancel")) << "the next attempt makes another one";
}

TEST_F(ReplicateTest, EndingsAndRefusals) {
  transport.says(201, R"({"id":"a","status":"starting"})").says(200, R"({"id":"a","status":"failed","error":"CUDA out of memory r8_4711"})");
  auto failed = ask();
  EXPECT_EQ(failed.error().kind, ErrorKind::server);
  EXPECT_TRUE(contains(failed.error().message, "CUDA out of memory")) << failed.error().message;
  EXPECT_FALSE(contains(to_string(failed.error()), "4711"));
  EXPECT_TRUE(transport.replies.empty()) << "an end is not looked at again";
  transport.says(401, R"({"title":"Unauthenticated","detail":"You did not pass an authentication token","status":401})");
  auto key = ask();
  EXPECT_EQ(key.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(key.error().message, "did not pass"));
  transport.says(402, R"({"title":"Insufficient credit","detail":"You have insufficient credit","status":402})");
  EXPECT_EQ(ask().error().kind, ErrorKind::quota);
  transport.says(422, R"({"title":"Input validation failed","detail":"- input: prompt is required\n"})");
  EXPECT_EQ(ask().error().kind, ErrorKind::bad_request);
  for (const char* body : {"{}", "[]", R"({"id":"../x","status":"starting"})", R"({"id":"a","status":"moonrise"})", R"({"id":"a","status":"succeeded","output":{"x":1}})",
                           R"({"id":"a","status":"succeeded","output":["x",7]})", "<html>"}) {
    transport.says(201, body);
    EXPECT_EQ(ask().error().kind, ErrorKind::bad_response) << body;
  }
  transport.says(201, R"({"id":"a","status":"starting"})").says(200, R"({"id":"b","status":"succeeded","output":"x"})");
  EXPECT_EQ(ask().error().kind, ErrorKind::bad_response) << "another's prediction";
}

TEST(ReplicateName, Forms) {
  auto full = replicate_name("replicate/llama70b-v2-chat:e951f18578850b652510200860fc4ea62b3b16fac280f83ff32282f87bbd2e48");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->owner + " " + full->name + " " + full->version.substr(0, 4), "replicate llama70b-v2-chat e951");
  EXPECT_EQ(replicate_name("a/b")->version, "");
  for (const char* wrong : {"", "a", "a/", "/b", "a/b:", "a/b/c", "a b/c", "a/b?x", "a/b#c"}) EXPECT_FALSE(replicate_name(wrong)) << wrong;
}

}  // namespace
}  // namespace assay
