// Everything the simulated provider can send, in all dialects: an answer, or an error of the right kind - never a hang or a
// crash. tests/cases/providers/every-fault.case follows the same faults through `assay run` to the report.
#include <gtest/gtest.h>

#include "model/http/anthropic.h"
#include "model/http/curl_transport.h"
#include "model/http/gemini.h"
#include "model/http/llama_server.h"
#include "model/http/openai.h"
#include "support/loop.h"
#include "support/patience.h"
#include "support/simulator.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

struct Row {
  const char* reply;   // as in a dialogue
  const char* openai;  // an error's kind, or "=FINISH"
  const char *anthropic, *gemini, *llama_server;
};

const Row kRows[] = {
    {R"({"fault":"reset"})", "network", "network", "network", "network"},
    {R"({"fault":"reset_inside"})", "network", "network", "network", "network"},
    {R"({"fault":"close_inside"})", "network", "network", "network", "network"},
    {R"({"fault":"hang"})", "timeout", "timeout", "timeout", "timeout"},
    {R"({"text":"x","drip_bytes":1,"drip_ms":100})", "timeout", "timeout", "timeout", "timeout"},
    {R"({"text":"slow","drip_bytes":30,"drip_ms":1})", "=stop", "=stop", "=stop", "=stop"},
    {R"({"fault":"truncated_json","text":"a text"})", "bad_response", "bad_response", "bad_response", "bad_response"},
    {R"({"fault":"invalid_utf8","text":"a text"})", "=stop", "=stop", "=stop", "=stop"},
    {R"({"body":"<html>hello</html>","headers":{"Content-Type":"text/html"}})", "bad_response", "bad_response", "bad_response",
     "bad_response"},
    {R"({"body":""})", "bad_response", "bad_response", "bad_response", "bad_response"},
    {R"({"body":"17"})", "bad_response", "bad_response", "bad_response", "bad_response"},
    {R"({"body":"null"})", "bad_response", "bad_response", "bad_response", "bad_response"},
    {R"({"body":{"choices":[],"content":7,"candidates":[]}})", "bad_response", "bad_response", "bad_response", "bad_response"},
    {R"({"deep":1000000})", "bad_response", "bad_response", "bad_response", "bad_response"},
    {R"({"raw":"SSH-2.0-x\r\n"})", "bad_response", "bad_response", "bad_response", "bad_response"},
    {R"({"body":{"error":{"message":"fell over","type":"server_error"}}})", "server", "server", "server", "server"},
    {R"({"body":{"error":{"message":"none left","code":"insufficient_quota"}}})", "quota", "quota", "quota", "quota"},
    {R"({"text":"no ","repeat":4000000})", "=stop", "=stop", "=stop", "=stop"},
    {R"({"generate_bytes":[10,500]})", "=stop", "=stop", "=stop", "=stop"},
    {R"({"text":"a","finish":"length"})", "=length", "=length", "=length", "=length"},
    {R"({"text":"a","finish":"content_filter"})", "=content_filter", "=unknown", "=content_filter", "=unknown"},
    {R"({"text":"a","finish":"moonrise"})", "=unknown", "=unknown", "=unknown", "=unknown"},
    {R"({"text":"","reasoning":"hm"})", "=stop", "=stop", "=stop", "=stop"},
    {R"({"status":302,"headers":{"Location":"http://127.0.0.1:1/"}})", "bad_request", "bad_request", "bad_request",
     "bad_request"},
    {R"({"status":400})", "bad_request", "bad_request", "bad_request", "bad_request"},
    {R"({"status":401})", "auth", "auth", "auth", "auth"},
    {R"({"status":402})", "quota", "quota", "quota", "quota"},
    {R"({"status":403})", "auth", "auth", "auth", "auth"},
    {R"({"status":404})", "model_missing", "model_missing", "model_missing", "model_missing"},
    {R"({"status":408})", "server", "server", "server", "server"},
    {R"({"status":409})", "server", "server", "server", "server"},
    {R"({"status":429})", "rate_limited", "rate_limited", "rate_limited", "rate_limited"},
    {R"({"status":500})", "server", "server", "server", "server"},
    {R"({"status":503})", "server", "server", "server", "server"},
    {R"({"status":529})", "server", "server", "server", "server"},
    {R"({"status":999})", "server", "server", "server", "server"},
};

std::unique_ptr<Model> make(int dialect, HttpModelOptions options, Transport& transport) {
  if (dialect == 1) return make_anthropic_model(std::move(options), transport, system_clock());
  if (dialect == 2) return make_gemini_model(std::move(options), transport, system_clock());
  if (dialect == 3) return make_llama_server_model({std::move(options), std::nullopt}, transport, system_clock());
  OpenAiOptions openai;
  static_cast<HttpModelOptions&>(openai) = std::move(options);
  if (dialect == 4) openai.backend = "ooba", openai.api = OpenAiApi::instruct;
  if (dialect == 5) openai.backend = "mistral", openai.always = {{"stream", false}};
  return make_openai_model(std::move(openai), transport, system_clock());
}

/// Over both ways to speak plain HTTP: libcurl's and our own.
class Faults : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Ways, Faults, testing::Bool(), [](const auto& way) { return way.param ? "plain" : "libcurl"; });

TEST_P(Faults, EachEndsInAnAnswerOrAnErrorOfItsKind) {
  test::Loop loop;
  auto transport = make_curl_transport(loop.executor(), {.plain = GetParam()});
  const char* dialects[] = {"openai", "anthropic", "gemini", "llama.cpp", "ooba", "mistral"};
  for (const Row& row : kRows) {
    const char* expected[] = {row.openai, row.anthropic, row.gemini, row.llama_server, row.openai, row.openai};
    bool hangs = std::string_view(row.openai) == "timeout";
    bool slow = hangs || std::string_view(row.reply).find("000000") != std::string_view::npos;
    for (int dialect = 0; dialect < (slow ? 4 : 6); ++dialect) {  // the last two are OpenAI's with other members
      test::Simulator simulator;
      auto loaded = test::load_dialogue(simulator, std::string(R"({"default":)") + row.reply + "}");
      ASSERT_TRUE(loaded) << to_string(loaded.error());
      HttpModelOptions options;
      options.base = simulator.url();
      options.model = "sim";
      options.key = Secret("k");
      options.timeout = hangs ? 700ms : test::patient(25s);  // short only where it must pass
      auto model = make(dialect, options, *transport);
      auto begin = std::chrono::steady_clock::now();
      Result<Response> response = loop.run(model->answer(test::question("q")));
      EXPECT_LT(std::chrono::steady_clock::now() - begin, test::patient(30s));
      std::string got = response ? "=" + std::string(name(response->finish)) : std::string(name(response.error().kind));
      EXPECT_EQ(got, expected[dialect]) << row.reply << " " << dialects[dialect]
                                        << (response ? "" : " " + to_string(response.error()));
      if (!response) {
        EXPECT_FALSE(response.error().message.empty());
        EXPECT_LT(response.error().message.size(), 2000u);
      }
    }
  }
}

}  // namespace
}  // namespace assay
