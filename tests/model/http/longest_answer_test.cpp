// The most tokens of answer that each dialect's requests allow: what --max-cost reckons with.
#include <gtest/gtest.h>

#include "base/async/timer.h"
#include "model/http/anthropic.h"
#include "model/http/bedrock.h"
#include "model/http/cohere_dialect.h"
#include "model/http/gemini.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/llama_server.h"
#include "model/http/openai.h"
#include "model/http/reka_dialect.h"
#include "model/http/replicate.h"
#include "support/scripted_transport.h"

namespace assay {
namespace {

struct LongestAnswer : testing::Test {
  template <class Options = HttpModelOptions>
  Options options(std::string_view extra) {
    Options out;
    out.base = "http://127.0.0.1:1";
    out.model = "m/m:v";
    out.extra = parse_json(extra, "extra")->as_object();
    return out;
  }
  std::optional<std::int64_t> of(const std::unique_ptr<Model>& model, std::optional<int> max_tokens = 100) {
    Generate request;
    request.messages = {{"user", "hi"}};
    request.sampling.max_tokens = max_tokens;
    return model->longest_answer(request);
  }
  std::unique_ptr<Model> openai(std::string_view extra) { return make_openai_model(options<OpenAiOptions>(extra), transport, timer.clock()); }
  std::unique_ptr<Model> anthropic(std::string_view extra) { return make_anthropic_model(options(extra), transport, timer.clock()); }
  std::unique_ptr<Model> gemini(std::string_view extra) { return make_gemini_model(options(extra), transport, timer.clock()); }

  test::ScriptedTransport transport;
  VirtualTimer timer;
};

TEST_F(LongestAnswer, OfOpenAi) {
  EXPECT_EQ(of(openai("{}")), 100);
  EXPECT_EQ(of(openai("{}"), std::nullopt), std::nullopt);
  EXPECT_EQ(of(openai(R"({"max_tokens":4000})")), 4000);
  EXPECT_EQ(of(openai(R"({"max_tokens":40})")), 40);
  EXPECT_EQ(of(openai(R"({"max_completion_tokens":4000})")), 4000) << "whichever the server takes";
  EXPECT_EQ(of(openai(R"({"n":3})")), 300);
  LoglikelihoodGroup group;
  group.items.resize(4);
  EXPECT_EQ(openai("{}")->longest_answer(group), 4);
  EXPECT_EQ(openai(R"({"max_tokens":50})")->longest_answer(group), 200);
}

TEST_F(LongestAnswer, OfAnthropicAndGoogleCountsThoughts) {
  EXPECT_EQ(of(anthropic("{}")), 100);
  EXPECT_EQ(of(anthropic(R"({"thinking":{"type":"enabled","budget_tokens":24576}})")), 24676);
  EXPECT_EQ(of(anthropic(R"({"thinking":{"type":"enabled","budget_tokens":2000},"max_tokens":3000})")), 3000);
  EXPECT_EQ(of(anthropic("{}"), std::nullopt), 4096) << "its own default";
  EXPECT_EQ(of(gemini("{}")), 100);
  EXPECT_EQ(of(gemini(R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":8192}}})")), 8292);
  EXPECT_EQ(of(gemini(R"({"generationConfig":{"maxOutputTokens":9000,"candidateCount":2}})")), 18000);
}

TEST_F(LongestAnswer, OfTheOthers) {
  for (const HostedDialect& dialect : {cohere_dialect(), hugging_face_dialect(), reka_dialect()})
    EXPECT_EQ(of(make_hosted_model(dialect, options("{}"), transport, timer.clock())), 100) << dialect.backend;
  EXPECT_EQ(of(make_hosted_model(hugging_face_dialect(), options(R"({"max_new_tokens":500})"), transport, timer.clock())), 500);
  EXPECT_EQ(of(make_replicate_model(options<ReplicateOptions>("{}"), transport, timer)), 100);
  EXPECT_EQ(of(make_replicate_model(options<ReplicateOptions>(R"({"max_new_tokens":500})"), transport, timer)), 500);
  EXPECT_EQ(of(make_llama_server_model(options<LlamaServerOptions>(R"({"n_predict":700})"), transport, timer.clock())), 700);
  EXPECT_EQ(of(make_llama_server_model(options<LlamaServerOptions>(R"({"n_predict":-1})"), transport, timer.clock())), std::nullopt) << "no limit at all";
  for (const char* name : {"anthropic.claude-v2", "meta.llama3-8b-instruct-v1:0", "amazon.nova-pro-v1:0"}) {
    auto bedrock = options<BedrockOptions>("{}");
    bedrock.model = name;
    EXPECT_EQ(of(make_bedrock_model(bedrock, transport, timer.clock())), 100) << name;
  }
}

}  // namespace
}  // namespace assay
