// Google's dialect: messages, what answers mean, what its errors say, and who it is.
#include "model/http/gemini.h"

#include <gtest/gtest.h>

#include "model/http/curl_transport.h"
#include "model/http/gemini_dialect.h"
#include "support/loop.h"
#include "support/simulator.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::SimulatedReply;

struct GeminiTest : testing::Test {
  void SetUp() override {
    options.base = simulator.root();
    options.model = "sim";
    options.key = Secret("g-key");
    options.key_source = "GEMINI_API_KEY";
  }
  Model& model() {
    if (!made) made = make_gemini_model(options, *transport, system_clock());
    return *made;
  }
  Result<Response> ask(Generate request) {
    Query query;
    query.request = std::move(request);
    return loop.run(model().answer(std::move(query)));
  }
  Result<Response> answer_of(std::string body, int status = 200) {
    simulator.otherwise(SimulatedReply::answers(status, std::move(body)));
    Generate request;
    request.messages = {{"user", "q"}};
    return ask(std::move(request));
  }
  json::value sent() { return simulator.recorded().back().json(); }

  test::Loop loop;
  test::Simulator simulator;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor());
  HttpModelOptions options;
  std::unique_ptr<Model> made;
};

TEST_F(GeminiTest, ConversationsAndSampling) {
  Generate request;
  request.messages = {{"system", "Be brief."}, {"user", "One"}, {"assistant", "Two"}, {"user", "Three"}};
  request.sampling = {.temperature = 0.5, .top_p = 0.9, .min_p = 0.1, .top_k = 40, .max_tokens = 7, .seed = 3, .stop = {"END"}};
  auto response = ask(request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->text, "ok");
  EXPECT_EQ(simulator.recorded().back().target, "/v1beta/models/sim:generateContent");
  EXPECT_EQ(simulator.recorded().back().header("x-goog-api-key"), "g-key");
  EXPECT_EQ(simulator.recorded().back().prompt, "Three");
  EXPECT_EQ(
      write_json(sent().at("contents")),
      R"([{"role":"user","parts":[{"text":"One"}]},{"role":"model","parts":[{"text":"Two"}]},{"role":"user","parts":[{"text":"Three"}]}])");
  EXPECT_EQ(write_json(sent().at("systemInstruction")), R"({"parts":[{"text":"Be brief."}]})");
  EXPECT_EQ(
      write_json(sent().at("generationConfig")),
      R"({"candidateCount":1,"maxOutputTokens":7,"temperature":0.5,"topP":0.9,"topK":40,"seed":3,"stopSequences":["END"]})");
  ASSERT_EQ(model().deviations().size(), 1u) << "min_p";
  EXPECT_EQ(response->deviations, model().deviations());
}

TEST_F(GeminiTest, ThoughtsUsageAndLogprobs) {
  auto r = answer_of(
      R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"An"},{"text":"swer"}],"role":"model"},"finishReason":"STOP",
      "logprobsResult":{"topCandidates":[{"candidates":[{"token":"B","logProbability":-2},{"token":"An","logProbability":-0.5}]}],
                        "chosenCandidates":[{"token":"An","tokenId":7,"logProbability":-0.5}]}}],
      "usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":2,"thoughtsTokenCount":30,"cachedContentTokenCount":4,"totalTokenCount":43},"modelVersion":"g-1"})");
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text, "Answer");
  EXPECT_EQ(r->reasoning, "hm");
  EXPECT_EQ(r->finish, Finish::stop);
  EXPECT_EQ(r->usage.input_tokens, 11);
  EXPECT_EQ(r->usage.output_tokens, 32);
  EXPECT_EQ(r->usage.reasoning_tokens, 30);
  EXPECT_EQ(r->usage.cached_tokens, 4);
  EXPECT_EQ(r->model_reported, "g-1");
  ASSERT_EQ(r->logprobs.size(), 1u);
  EXPECT_EQ(r->logprobs[0].top[0].first, "An");
}

TEST_F(GeminiTest, WhatIsWithheldIsAnAnswer) {
  for (const char* reason : {"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"}) {
    auto r = answer_of(std::string(R"({"candidates":[{"finishReason":")") + reason + R"(","index":0}]})");
    ASSERT_TRUE(r) << to_string(r.error());
    EXPECT_EQ(r->finish, Finish::content_filter) << reason;
    EXPECT_EQ(r->finish_raw, reason);
    EXPECT_EQ(r->text, "");
  }
  auto blocked = answer_of(R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9}})");
  ASSERT_TRUE(blocked);
  EXPECT_EQ(blocked->finish, Finish::content_filter);
  EXPECT_EQ(blocked->finish_raw, "prompt blocked: SAFETY");
  EXPECT_EQ(blocked->usage.input_tokens, 9);
  auto thought = answer_of(R"({"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}]})");
  ASSERT_TRUE(thought);
  EXPECT_EQ(thought->finish, Finish::length);
  EXPECT_EQ(answer_of(R"({"candidates":[{"content":{}}]})").error().kind, ErrorKind::bad_response);
  EXPECT_EQ(answer_of(R"({"candidates":[{"content":{"parts":7},"finishReason":"STOP"}]})").error().kind, ErrorKind::bad_response);
  EXPECT_EQ(answer_of(R"({"candidates":["x"]})").error().kind, ErrorKind::bad_response);
}

TEST_F(GeminiTest, ErrorsAsGoogleWritesThem) {
  auto minute = answer_of(
      R"({"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[
        {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},
        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}})",
      429);
  ASSERT_FALSE(minute);
  EXPECT_EQ(minute.error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(minute.error().retry_after, 34400ms);
  EXPECT_NE(minute.error().message.find("[RESOURCE_EXHAUSTED]"), std::string::npos) << minute.error().message;
  auto day = answer_of(
      R"([{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[
        {"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"12s"}]}}])",
      429);
  EXPECT_EQ(day.error().kind, ErrorKind::quota) << "twelve seconds later the day is still used up";
  EXPECT_EQ(
      answer_of(
          R"({"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}})",
          429)
          .error()
          .kind,
      ErrorKind::rate_limited);
  auto key =
      answer_of(R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT",
      "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}})",
                400);
  EXPECT_EQ(key.error().kind, ErrorKind::auth);
  EXPECT_NE(key.error().hint.find("GEMINI_API_KEY"), std::string::npos);
  EXPECT_EQ(answer_of(R"({"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}})", 404).error().kind,
            ErrorKind::model_missing);
  EXPECT_EQ(answer_of(R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})", 503).error().kind,
            ErrorKind::server);
  EXPECT_EQ(
      answer_of(R"({"error":{"code":400,"message":"The input token count exceeds the maximum","status":"INVALID_ARGUMENT"}})",
                400)
          .error()
          .kind,
      ErrorKind::bad_request);
}

TEST_F(GeminiTest, ParametersThatAModelRefusesAreLeftOut) {
  simulator.on(
      "q", {SimulatedReply::answers(
                400, R"({"error":{"code":400,"message":"Logprobs is not enabled for models/sim","status":"INVALID_ARGUMENT"}})"),
            SimulatedReply::answers(
                400, R"({"error":{"code":400,"message":"topK is not supported by this model","status":"INVALID_ARGUMENT"}})"),
            SimulatedReply::says("fine")});
  Generate request;
  request.messages = {{"user", "q"}};
  request.sampling.top_k = 5;
  request.sampling.top_logprobs = 3;
  auto r = ask(request);
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text, "fine");
  EXPECT_EQ(write_json(sent().at("generationConfig")), R"({"candidateCount":1})");
  EXPECT_EQ(model().deviations().size(), 2u);
}

TEST_F(GeminiTest, AThinkingBudgetComesOnTop) {
  options.extra = {
      {"generationConfig", json::object{{"thinkingConfig", json::object{{"thinkingBudget", 2048}, {"includeThoughts", true}}}}}};
  Generate request;
  request.messages = {{"user", "q"}};
  request.sampling.max_tokens = 60;
  ASSERT_TRUE(ask(request));
  EXPECT_EQ(sent().at("generationConfig").at("maxOutputTokens"), 2108);
  EXPECT_EQ(sent().at("generationConfig").at("thinkingConfig").at("thinkingBudget"), 2048);
  EXPECT_EQ(sent().at("generationConfig").at("candidateCount"), 1);
}

TEST_F(GeminiTest, ToolsAndFormats) {
  Generate request;
  request.messages = {{"user", "q"}};
  request.tools =
      parse_json(
          R"([{"type":"function","function":{"name":"f","description":"d","strict":true,"parameters":{"type":"object"}}}])")
          .value();
  request.tool_choice = "required";
  request.response_format = parse_json(R"({"type":"json_schema","json_schema":{"schema":{"type":"object"}}})").value();
  simulator.otherwise(SimulatedReply::answers(
      200, R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},"finishReason":"STOP"}]})"));
  auto r = ask(request);
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->finish, Finish::tool_calls);
  EXPECT_EQ(write_json(r->tool_calls), R"([{"id":"call_0","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}])");
  EXPECT_EQ(write_json(sent().at("tools")),
            R"([{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"object"}}]}])");
  EXPECT_EQ(write_json(sent().at("toolConfig")), R"({"functionCallingConfig":{"mode":"ANY"}})");
  EXPECT_EQ(sent().at("generationConfig").at("responseMimeType"), "application/json");
}

TEST_F(GeminiTest, IdentityAndKey) {
  simulator.serve(
      "/v1beta/models/sim",
      SimulatedReply::answers(200, R"({"name":"models/sim","version":"001","displayName":"Sim","inputTokenLimit":5})"));
  auto identity = loop.run(model().identify());
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(write_json(identity->facts.at("server")), R"({"name":"models/sim","version":"001","displayName":"Sim"})");
  EXPECT_EQ(identity->label, "sim");
  simulator.serve("/v1beta/models/sim",
                  SimulatedReply::answers(
                      400, R"({"error":{"code":400,"message":"API key not valid.","details":[{"reason":"API_KEY_INVALID"}]}})"));
  EXPECT_EQ(loop.run(model().identify()).error().kind, ErrorKind::auth) << "a wrong key ends it before the first question";
  made.reset();
  options.base = "";
  options.key = Secret();
  auto keyless = loop.run(model().identify());
  ASSERT_FALSE(keyless);
  EXPECT_EQ(keyless.error().kind, ErrorKind::auth);
  EXPECT_EQ(keyless.error().hint, "Set GEMINI_API_KEY.");
  EXPECT_EQ(loop.run(model().answer({.request = Rolling{"x"}})).error().kind, ErrorKind::unsupported);
}

TEST(GeminiPath, NamesArePartsOfAPath) {
  EXPECT_EQ(gemini_path("gemini-1.5-pro"), "models/gemini-1.5-pro");
  EXPECT_EQ(gemini_path("tunedModels/mine"), "tunedModels/mine");
  EXPECT_EQ(gemini_path("a?b#c d%"), "models/a%3Fb%23c%20d%25");
}

}  // namespace
}  // namespace assay
