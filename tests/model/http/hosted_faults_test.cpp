// Everything the simulated provider can send, in the dialects of hosted providers: an answer, or an error of the right kind - never a hang or a crash.
#include <gtest/gtest.h>

#include "model/http/bedrock.h"
#include "model/http/cohere_dialect.h"
#include "model/http/curl_transport.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/jina_dialect.h"
#include "model/http/openai.h"
#include "model/http/reka_dialect.h"
#include "model/http/replicate.h"
#include "support/loop.h"
#include "support/patience.h"
#include "support/simulator.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

struct Row {
  const char* reply;     // as in a dialogue
  const char* expected;  // an error's kind, or "=FINISH"
  const char* replicate = nullptr;  // where it differs: a prediction has no finish
};

const Row kRows[] = {
    {R"({"fault":"reset"})", "network"},
    {R"({"fault":"close_inside"})", "network"},
    {R"({"fault":"hang"})", "timeout"},
    {R"({"fault":"truncated_json","text":"a text"})", "bad_response"},
    {R"({"fault":"invalid_utf8","text":"a text"})", "=stop"},
    {R"({"body":"<html>hello</html>","headers":{"Content-Type":"text/html"}})", "bad_response"},
    {R"({"body":""})", "bad_response"},
    {R"({"body":"17"})", "bad_response"},
    {R"({"body":"null"})", "bad_response"},
    {R"({"body":{"choices":[],"content":7,"message":[],"output":3,"generations":{},"generated_text":[]}})", "bad_response"},
    {R"({"deep":100000})", "bad_response"},
    {R"({"raw":"SSH-2.0-x\r\n"})", "bad_response"},
    {R"({"text":"a"})", "=stop"},
    {R"({"text":"a","finish":"length"})", "=length", "=stop"},
    {R"({"status":302,"headers":{"Location":"http://127.0.0.1:1/"}})", "bad_request"},
    {R"({"status":400})", "bad_request"},
    {R"({"status":401})", "auth"},
    {R"({"status":402})", "quota"},
    {R"({"status":404})", "model_missing"},
    {R"({"status":429})", "rate_limited"},
    {R"({"status":503})", "server"},
    {R"({"status":999})", "server"},
};

constexpr const char* kDialects[] = {"bedrock converse", "bedrock claude", "cohere", "huggingface", "azure", "jina", "reka", "replicate"};

std::unique_ptr<Model> make(std::string_view dialect, HttpModelOptions options, Transport& transport, Timer& timer) {
  Clock& clock = timer.clock();
  if (dialect.starts_with("bedrock")) {
    BedrockOptions own;
    static_cast<HttpModelOptions&>(own) = std::move(options);
    own.model = dialect.ends_with("claude") ? "anthropic.claude-3-haiku-20240307-v1:0" : "amazon.nova-lite-v1:0";
    own.credentials = {"AKID", Secret("secret"), Secret()};
    return make_bedrock_model(std::move(own), transport, clock);
  }
  if (dialect == "cohere") return make_hosted_model(cohere_dialect(), std::move(options), transport, clock);
  if (dialect == "huggingface") return make_hosted_model(hugging_face_dialect(), std::move(options), transport, clock);
  if (dialect == "jina") return make_hosted_model(jina_dialect(), std::move(options), transport, clock);
  if (dialect == "reka") return make_hosted_model(reka_dialect(), std::move(options), transport, clock);
  if (dialect == "replicate") {
    ReplicateOptions own;
    static_cast<HttpModelOptions&>(own) = std::move(options);
    own.model = "owner/name:v1";
    return make_replicate_model(std::move(own), transport, timer);
  }
  OpenAiOptions own;
  static_cast<HttpModelOptions&>(own) = std::move(options);
  own.backend = "azure";
  return make_openai_model(std::move(own), transport, clock);
}

TEST(HostedFaults, EachEndsInAnAnswerOrAnErrorOfItsKind) {
  test::Loop loop;
  auto transport = make_curl_transport(loop.executor());
  auto timer = make_timer();
  for (const Row& row : kRows) {
    test::Simulator simulator;
    auto loaded = test::load_dialogue(simulator, std::string(R"({"default":)") + row.reply + "}");
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    const bool hangs = std::string_view(row.expected) == "timeout";
    for (std::string_view dialect : kDialects) {
      HttpModelOptions options;
      options.base = simulator.root();
      options.model = "sim";
      options.key = Secret("k-4711");
      options.timeout = hangs ? 300ms : test::patient(25s);
      Query query = test::question("q");
      if (dialect == "huggingface") {  // its own form is that of raw prompts
        auto& request = std::get<Generate>(query.request);
        request.prompt = request.messages.front().content;
        request.messages.clear();
      }
      auto model = make(dialect, options, *transport, *timer);
      Result<Response> response = loop.run(model->answer(std::move(query)));
      std::string got = response ? "=" + std::string(name(response->finish)) : std::string(name(response.error().kind));
      EXPECT_EQ(got, row.replicate && dialect == "replicate" ? row.replicate : row.expected) << row.reply << " " << dialect << (response ? "" : " " + to_string(response.error()));
      if (!response) {
        EXPECT_FALSE(response.error().message.empty());
        EXPECT_LT(response.error().message.size(), 2000u);
      }
    }
  }
}

}  // namespace
}  // namespace assay
