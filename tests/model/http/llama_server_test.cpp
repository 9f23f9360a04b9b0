// llama-server in its own dialect: prompts rendered here, what answers mean, and who it is.
#include "model/http/llama_server.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/http/curl_transport.h"
#include "model/http/llama_server_dialect.h"
#include "support/loop.h"
#include "support/simulator.h"

namespace assay {
namespace {

using test::SimulatedReply;

struct LlamaServerTest : testing::Test {
  void SetUp() override { options.base = simulator.url(); }
  Model& model() {
    if (!made) made = make_llama_server_model(options, *transport, system_clock());
    return *made;
  }
  Result<Response> ask(Generate request) {
    Query query;
    query.request = std::move(request);
    return loop.run(model().answer(std::move(query)));
  }
  json::value sent() { return simulator.recorded().back().json(); }

  test::Loop loop;
  test::Simulator simulator;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor());
  LlamaServerOptions options;
  std::unique_ptr<Model> made;
};

TEST_F(LlamaServerTest, EverySettingIsSentByItsOwnName) {
  Generate request;
  request.prompt = "Once";
  request.sampling = {.temperature = 0.5,
                      .top_p = 0.9,
                      .min_p = 0.1,
                      .top_k = 40,
                      .max_tokens = 7,
                      .seed = 3,
                      .stop = {"END"},
                      .top_logprobs = 0};
  auto r = ask(request);
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text, "ok");
  EXPECT_EQ(simulator.recorded().back().target, "/completion");
  EXPECT_EQ(
      write_json(sent()),
      R"({"prompt":"Once","n_predict":7,"temperature":0.5,"top_p":0.9,"min_p":0.1,"top_k":40,"seed":3,"stop":["END"],"n_probs":1})");
  EXPECT_TRUE(model().deviations().empty());
}

TEST_F(LlamaServerTest, MessagesAreRenderedHere) {
  Generate request;
  request.messages = {{"system", "S"}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}};
  ASSERT_TRUE(ask(request));
  EXPECT_EQ(sent().at("prompt"), "S\n\na\n\nb\n\nc");
  ASSERT_EQ(model().deviations().size(), 1u);
  EXPECT_EQ(model().render(request)->renderer, "none (the text is sent as it is)");
  made.reset();
  options.prompt_template =
      PromptTemplate::parse("{user: Q, bot: A, turn_template: '<|user|>:<|user-message|> <|bot|>:<|bot-message|>;', context: ''}",
                            "t.yaml")
          .value();
  auto response = ask(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(sent().at("prompt"), "Q:S\n\na A:b;Q:c A:");
  ASSERT_EQ(model().deviations().size(), 1u);
  EXPECT_EQ(response->deviations, model().deviations());
  EXPECT_NE(model().deviations()[0].find("system text"), std::string::npos);
  EXPECT_EQ(model().render(request)->renderer, "instruction template");
  made.reset();
  options.prompt_template = PromptTemplate::parse("{{ messages[-1].content }}!", "t.jinja").value();
  ASSERT_TRUE(ask(request));
  EXPECT_EQ(sent().at("prompt"), "c!");
  request.tools = json::array{1};
  EXPECT_EQ(ask(request).error().kind, ErrorKind::unsupported);
}

TEST_F(LlamaServerTest, TheTemplateIsPartOfTheIdentity) {
  auto identity_with = [&](std::optional<PromptTemplate> with) {
    made.reset();
    options.prompt_template = std::move(with);
    return loop.run(model().identify())->text;
  };
  std::string none = identity_with(std::nullopt), one = identity_with(PromptTemplate::parse("a", "x").value());
  EXPECT_NE(none, one);
  EXPECT_NE(one, identity_with(PromptTemplate::parse("b", "x").value()));
}

TEST_F(LlamaServerTest, TheServerSaysWhatItHasLoaded) {
  simulator.serve("/v1/models",
                  SimulatedReply::answers(200, R"({"data":[{"id":"m.gguf","owned_by":"llamacpp","meta":{"n_params":7}}]})"));
  simulator.serve(
      "/props",
      SimulatedReply::answers(200, R"({"model_path":"/m.gguf","build_info":"b1","default_generation_settings":{"n_ctx":512}})"));
  auto identity = loop.run(model().identify());
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(write_json(identity->facts.at("server"), JsonStyle::canonical),
            R"({"build_info":"b1","meta":{"n_params":7},"model_path":"/m.gguf","n_ctx":512})");
  EXPECT_EQ(identity->label, "m.gguf");
  simulator.serve("/props",
                  SimulatedReply::answers(503, R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})"));
  auto loading = loop.run(model().identify());
  ASSERT_FALSE(loading);
  EXPECT_EQ(loading.error().kind, ErrorKind::server);
  EXPECT_NE(loading.error().message.find("Loading model"), std::string::npos);
}

TEST_F(LlamaServerTest, ErrorsOfThePrompt) {
  simulator.otherwise(SimulatedReply::answers(
      400,
      R"({"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":512}})"));
  Generate request;
  request.prompt = "long";
  auto r = ask(request);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().kind, ErrorKind::bad_request);
  EXPECT_NE(r.error().message.find("exceed_context_size_error"), std::string::npos) << r.error().message;
  EXPECT_EQ(loop.run(model().answer({.request = Rolling{"x"}})).error().kind, ErrorKind::unsupported);
}

Result<Response> read(const char* body) {
  return llama_server_response(parse_json(body).value());
}

TEST(LlamaServerDialect, WhyAnAnswerEnds) {
  EXPECT_EQ(read(R"({"content":"a","stop_type":"eos"})")->finish, Finish::stop);
  EXPECT_EQ(read(R"({"content":"a","stop_type":"word"})")->finish, Finish::stop);
  EXPECT_EQ(read(R"({"content":"a","stop_type":"limit"})")->finish, Finish::length);
  EXPECT_EQ(read(R"({"content":"a","stop_type":"none","truncated":true})")->finish, Finish::length);
  EXPECT_EQ(read(R"({"content":"a","stopped_eos":true,"stopped_limit":false})")->finish, Finish::stop);
  EXPECT_EQ(read(R"({"content":"a","stopped_eos":false,"stopped_limit":true})")->finish, Finish::length);
  EXPECT_EQ(read(R"({"content":"a"})")->finish, Finish::unknown);
  EXPECT_EQ(read(R"({"content":["a"]})").error().kind, ErrorKind::bad_response);
}

TEST(LlamaServerDialect, TokensAndTheirProbabilities) {
  auto r = read(
      R"({"content":"<think>hm</think>yes","tokens_evaluated":12,"tokens_predicted":3,"timings":{"cache_n":8},"completion_probabilities":[
      {"id":1,"token":"yes","logprob":-0.1,"top_logprobs":[{"token":"no","logprob":-2.5},{"token":"yes","logprob":-0.1}]},
      {"content":"a","probs":[{"tok_str":"a","prob":0.25},{"tok_str":"b","prob":0}]}, 7]})");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->text + "|" + r->reasoning, "yes|hm");
  EXPECT_EQ(r->usage.input_tokens, 12);
  EXPECT_EQ(r->usage.output_tokens, 3);
  EXPECT_EQ(r->usage.cached_tokens, 8);
  ASSERT_EQ(r->logprobs.size(), 3u);
  EXPECT_EQ(r->logprobs[0].top[0].first, "yes");
  EXPECT_EQ(r->logprobs[1].logprob, std::log(0.25));
  EXPECT_EQ(r->logprobs[1].top[1].second, -9999);
}

}  // namespace
}  // namespace assay
