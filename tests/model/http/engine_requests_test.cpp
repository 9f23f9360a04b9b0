// The requests that EQ-Bench's own program makes of each of its engines are the requests that ours makes.
#include <gtest/gtest.h>

#include "model/http/anthropic.h"
#include "model/http/gemini.h"
#include "model/http/llama_server.h"
#include "model/http/openai.h"
#include "support/capturing_transport.h"
#include "support/loop.h"
#include "support/shared_data.h"

namespace assay {
namespace {

std::string canonical(const json::value& value) {
  return write_json(value, JsonStyle::canonical);
}

struct EngineRequests : testing::Test {
  void SetUp() override {
    ASSAY_NEED_SHARED("golden/eq-bench/engine_requests.json");
    golden = test::load_json(test::shared("golden/eq-bench/engine_requests.json"));
    options.key = Secret("K");
  }

  const json::object& captured(std::string_view engine) const {
    for (const json::value& one : golden.at("cases").as_array())
      if (get_string(one, "engine") == engine) return one.at("captured").at(0).as_object();
    throw std::runtime_error("no such engine: " + std::string(engine));
  }

  /// What the model sends for the prompt of the vectors.
  json::value body_of(std::unique_ptr<Model> model) {
    Query query = test::question("PROMPT");
    std::get<Generate>(query.request).sampling = {.temperature = 0.01, .max_tokens = 60};
    auto response = loop.run(model->answer(std::move(query)));
    EXPECT_TRUE(response) << to_string(response.error());
    if (response) {
      EXPECT_EQ(response->text, "hi");
    }
    return parse_json(transport.requests.back().body).value();
  }
  std::string url() const { return transport.requests.back().url; }
  std::string header(std::string_view name) const {
    for (const HttpHeader& header : transport.requests.back().headers)
      if (header.name == name) return header.value + std::string(header.secret.reveal());
    return {};
  }

  OpenAiOptions openai(std::string base, std::string model) {
    OpenAiOptions out;
    static_cast<HttpModelOptions&>(out) = options;
    out.base = std::move(base);
    out.model = std::move(model);
    return out;
  }
  std::unique_ptr<Model> make(OpenAiOptions with) { return make_openai_model(std::move(with), transport, system_clock()); }

  test::Loop loop;
  test::CapturingTransport transport;
  json::value golden;
  HttpModelOptions options;
};

/// An SDK call: its method's name is no part of the body.
std::string without_method(json::object call) {
  call.erase("method");
  return canonical(call);
}

TEST_F(EngineRequests, OpenAi) {
  EXPECT_EQ(canonical(body_of(make(openai("", "gpt-4-0613")))), without_method(captured("openai chat")));
  EXPECT_EQ(url(), "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(canonical(body_of(make(openai("", "gpt-3.5-turbo-instruct")))), without_method(captured("openai completion model")));
  EXPECT_EQ(url(), "https://api.openai.com/v1/completions");
  EXPECT_EQ(canonical(body_of(make(openai("http://127.0.0.1:1/v1", "gpt-3.5-turbo-instruct")))),
            without_method(captured("openai completion model name on a custom url")));
  EXPECT_EQ(url(), "http://127.0.0.1:1/v1/chat/completions");
}

TEST_F(EngineRequests, TheCompletionModelsAreUpstreams) {
  ASSAY_NEED_SHARED("upstream/eq-bench/constants.json");
  json::value constants = test::load_json(test::shared("upstream/eq-bench/constants.json"));
  for (const json::value& name : constants.at("openai_completion_models").as_array()) {
    body_of(make(openai("", std::string(name.as_string()))));
    EXPECT_EQ(url(), "https://api.openai.com/v1/completions") << name.as_string();
  }
}

TEST_F(EngineRequests, Anthropic) {
  options.model = "claude-3-opus-20240229";
  EXPECT_EQ(canonical(body_of(make_anthropic_model(options, transport, system_clock()))), without_method(captured("anthropic")));
  EXPECT_EQ(url(), "https://api.anthropic.com/v1/messages");
}

TEST_F(EngineRequests, Mistral) {
  OpenAiOptions mistral = openai("", "mistral-small");
  mistral.backend = "mistral";
  mistral.always = {{"stream", false}};
  const json::object& call = captured("mistralai");
  EXPECT_EQ(canonical(body_of(make(mistral))), canonical(call.at("json")));
  EXPECT_EQ(url(), get_string(call, "url"));
  EXPECT_EQ(header("Authorization"), get_string(call.at("headers"), "Authorization"));
}

TEST_F(EngineRequests, Gemini) {
  options.model = "gemini-pro";
  const json::object& call = captured("gemini");  // as the SDK was called; the API has the same in other letters
  json::object expected{
      {"contents",
       json::array{json::object{{"role", "user"}, {"parts", json::array{json::object{{"text", call.at("prompt")}}}}}}},
      {"generationConfig", json::object{{"candidateCount", call.at("generation_config").at("candidate_count")},
                                        {"maxOutputTokens", call.at("generation_config").at("max_output_tokens")},
                                        {"temperature", call.at("generation_config").at("temperature")}}},
      {"safetySettings", call.at("safety_settings")}};
  ASSERT_EQ(call.at("generation_config").as_object().size(), 3u);
  EXPECT_EQ(canonical(body_of(make_gemini_model(options, transport, system_clock()))), canonical(expected));
  EXPECT_EQ(url(), "https://generativelanguage.googleapis.com/v1beta/models/gemini-pro:generateContent");
  EXPECT_EQ(header("x-goog-api-key"), "K");
}

TEST_F(EngineRequests, LlamaCpp) {
  ASSAY_NEED_SHARED("upstream/eq-bench/instruction-templates/ChatML.yaml");
  LlamaServerOptions server;
  static_cast<HttpModelOptions&>(server) = options;
  server.base = "http://localhost:8080";
  const json::object& plain = captured("llama.cpp (no template)");
  EXPECT_EQ(canonical(body_of(make_llama_server_model(server, transport, system_clock()))), canonical(plain.at("data_as_json")));
  EXPECT_EQ(url(), get_string(plain, "url"));
  server.prompt_template =
      PromptTemplate::parse(read_file(test::shared("upstream/eq-bench/instruction-templates/ChatML.yaml")).value(), "ChatML.yaml")
          .value();
  server.base = "http://localhost:8080/v1";
  EXPECT_EQ(canonical(body_of(make_llama_server_model(server, transport, system_clock()))),
            canonical(captured("llama.cpp").at("data_as_json")));
  EXPECT_EQ(url(), get_string(plain, "url"));
}

TEST_F(EngineRequests, Ooba) {
  OpenAiOptions ooba = openai("http://127.0.0.1:5000", "some/model");
  ooba.backend = "ooba";
  ooba.api = OpenAiApi::instruct;
  EXPECT_EQ(canonical(body_of(make(ooba))), canonical(captured("ooba (launched)").at("json")));
  ooba.instruction_template = "Alpaca";
  const json::object& call = captured("ooba (user launched)");
  EXPECT_EQ(canonical(body_of(make(ooba))), canonical(call.at("json")));
  EXPECT_EQ(url(), get_string(call, "url"));
}

}  // namespace
}  // namespace assay
