// Providers that answer one POST: what Cohere, Hugging Face, Jina, Reka and Azure are sent, and what their answers and errors mean.
#include "model/http/hosted.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "model/http/cohere_dialect.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/jina_dialect.h"
#include "model/http/openai.h"
#include "model/http/reka_dialect.h"
#include "support/loop.h"
#include "support/scripted_transport.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

Generate chat(std::string text) {
  Generate out;
  out.messages = {{"system", "Be brief."}, {"user", std::move(text)}};
  return out;
}
Generate raw(std::string text) {
  Generate out;
  out.prompt = std::move(text);
  return out;
}

struct HostedTest : testing::Test {
  HttpModelOptions options() {
    HttpModelOptions out;
    out.model = "m-1";
    out.key = Secret("key-4711");
    return out;
  }
  Result<Response> ask(Model& model, Generate request) {
    Query query;
    query.request = std::move(request);
    return loop.run(model.answer(std::move(query)));
  }
  Result<Response> cohere(Generate request, int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    transport.says(status, std::move(body), std::move(headers));
    auto model = make_hosted_model(cohere_dialect(), options(), transport, system_clock());
    auto out = ask(*model, std::move(request));
    deviations = model->deviations();
    return out;
  }
  Result<Response> hugging_face(Generate request, int status, std::string body) {
    transport.says(status, std::move(body));
    auto model = make_hosted_model(hugging_face_dialect(), options(), transport, system_clock());
    auto out = ask(*model, std::move(request));
    deviations = model->deviations();
    return out;
  }
  std::string sent() { return transport.requests.back().body; }

  test::Loop loop;
  test::ScriptedTransport transport;
  std::vector<std::string> deviations;
};

TEST_F(HostedTest, CohereChat) {
  Generate request = chat("Hello?");
  request.sampling = {.temperature = 0.5, .top_p = 0.9, .min_p = 0.1, .top_k = 4, .max_tokens = 7, .seed = 3, .stop = {"END"}, .top_logprobs = 0};
  auto response = cohere(request, 200,
                         R"({"id":"x","finish_reason":"MAX_TOKENS","message":{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"An"},{"type":"text","text":"swer"}]},
                         "usage":{"billed_units":{"input_tokens":1,"output_tokens":2},"tokens":{"input_tokens":11,"output_tokens":5}},
                         "logprobs":[{"token_ids":[1,2],"text":"An","logprobs":[-0.25,-0.5]}]})");
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://api.cohere.com/v2/chat");
  EXPECT_EQ(transport.header("Authorization"), "Bearer key-4711");
  EXPECT_EQ(sent(),
            R"({"model":"m-1","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello?"}],"stream":false,"max_tokens":7,"temperature":0.5,"p":0.9,"k":4,"seed":3,"stop_sequences":["END"],"logprobs":true})");
  EXPECT_EQ(response->text, "Answer");
  EXPECT_EQ(response->reasoning, "hm");
  EXPECT_EQ(response->finish, Finish::length);
  EXPECT_EQ(response->usage.input_tokens, 11);
  EXPECT_EQ(response->usage.output_tokens, 5);
  EXPECT_EQ(response->latency, 0.25);
  ASSERT_EQ(response->logprobs.size(), 1u);
  EXPECT_DOUBLE_EQ(response->logprobs[0].logprob, -0.75);
  ASSERT_EQ(deviations.size(), 1u);
  EXPECT_TRUE(contains(deviations[0], "min_p"));
}

TEST_F(HostedTest, CohereToolsAndFormats) {
  Generate request = chat("Which?");
  request.tools = parse_json(R"([{"type":"function","function":{"name":"pick","parameters":{"type":"object"}}}])").value();
  request.tool_choice = parse_json(R"({"type":"function","function":{"name":"pick"}})").value();
  request.response_format = parse_json(R"({"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})").value();
  auto response = cohere(request, 200,
                         R"({"finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_plan":"I pick.","tool_calls":[{"id":"c","type":"function","function":{"name":"pick","arguments":"{}"}}]}})");
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->finish, Finish::tool_calls);
  EXPECT_EQ(response->reasoning, "I pick.");
  EXPECT_EQ(write_json(response->tool_calls), R"([{"id":"c","type":"function","function":{"name":"pick","arguments":"{}"}}])");
  EXPECT_TRUE(contains(sent(), R"("tool_choice":"REQUIRED")"));
  EXPECT_TRUE(contains(sent(), R"("response_format":{"type":"json_object","json_schema":{"type":"object"}})"));
  request.tools.get_array().push_back(request.tools.get_array().front());
  EXPECT_EQ(cohere(request, 200, "{}").error().kind, ErrorKind::unsupported) << "it cannot be told which";
}

TEST_F(HostedTest, CohereGenerateAsAlpacaEvalAsks) {
  HttpModelOptions own = options();
  own.model = "command-nightly";
  own.extra = {{"return_likelihoods", "ALL"}};
  transport.says(200, R"J({"id":"g","generations":[{"id":"1","text":"Output (a)","finish_reason":"COMPLETE","token_likelihoods":[{"token":"x","likelihood":-1.5},{"token":"Output"},{"token":"(a)","likelihood":-0.5}]}],
    "prompt":"p","meta":{"billed_units":{"input_tokens":4,"output_tokens":2}}})J");
  auto model = make_hosted_model(cohere_dialect(), own, transport, system_clock());
  Generate request = raw("Which?");
  request.sampling = {.temperature = 0.7, .max_tokens = 50};
  auto response = ask(*model, request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://api.cohere.com/v1/generate");
  EXPECT_EQ(sent(), R"({"model":"command-nightly","prompt":"Which?","max_tokens":50,"temperature":0.7,"return_likelihoods":"ALL"})");
  EXPECT_EQ(response->text, "Output (a)");
  EXPECT_EQ(response->usage.output_tokens, 2);
  EXPECT_EQ(response->logprobs.size(), 3u) << "the prompt's among them";
  transport.says(200, R"({"generations":[{"text":"","finish_reason":"COMPLETE"}]})");
  EXPECT_EQ(ask(*model, request).error().kind, ErrorKind::bad_response) << "an empty text is asked for again";
  transport.says(200, R"({"generations":[{"text":"","finish_reason":"ERROR_TOXIC"}]})");
  EXPECT_EQ(ask(*model, request)->finish, Finish::content_filter);
}

TEST_F(HostedTest, CohereRefusals) {
  auto key = cohere(chat("q"), 401, R"({"message":"invalid api token: key-4711"})");
  EXPECT_EQ(key.error().kind, ErrorKind::auth);
  EXPECT_FALSE(contains(to_string(key.error()), "4711")) << to_string(key.error());
  auto wait = cohere(chat("q"), 429, R"({"message":"You are using a Trial key, which is limited"})", {{"retry-after", "7"}});
  EXPECT_EQ(wait.error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(wait.error().retry_after, 7000ms);
  EXPECT_EQ(cohere(chat("q"), 404, R"({"message":"model 'm-1' not found"})").error().kind, ErrorKind::model_missing);
  EXPECT_EQ(cohere(chat("q"), 500, "oh").error().kind, ErrorKind::server);
  EXPECT_EQ(cohere(chat("q"), 200, R"({"finish_reason":"ERROR","message":{"content":[]}})").error().kind, ErrorKind::server);
  // The context is full: what there is was cut, and where there is nothing, asking again would give nothing.
  EXPECT_EQ(cohere(chat("q"), 200, R"({"finish_reason":"ERROR_LIMIT","message":{"content":[]}})").error().kind, ErrorKind::bad_request);
  EXPECT_EQ(cohere(raw("q"), 200, R"({"generations":[{"text":"","finish_reason":"ERROR_LIMIT"}]})").error().kind, ErrorKind::bad_request);
  for (const char* body : {R"({"finish_reason":"ERROR_LIMIT","message":{"content":[{"type":"text","text":"An"}]}})", R"({"generations":[{"text":"An","finish_reason":"ERROR_LIMIT"}]})"}) {
    auto cut = cohere(raw("q"), 200, body);
    ASSERT_TRUE(cut) << to_string(cut.error());
    EXPECT_EQ(cut->finish, Finish::length);
    EXPECT_EQ(cut->text, "An");
  }
  for (const char* body : {"{}", "[]", "7", R"({"message":"text"})", R"({"generations":[]})", R"({"generations":[{"text":7}]})", R"({"generations":[3]})"})
    EXPECT_EQ(cohere(chat("q"), 200, body).error().kind, ErrorKind::bad_response) << body;
  Generate wants = chat("q");
  wants.sampling.top_logprobs = 5;
  EXPECT_EQ(cohere(wants, 200, "{}").error().kind, ErrorKind::unsupported);
}

TEST_F(HostedTest, WhoCohereIs) {
  HttpModelOptions own = options();
  own.key = Secret();
  auto without = loop.run(make_hosted_model(cohere_dialect(), own, transport, system_clock())->identify());
  EXPECT_EQ(without.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(without.error().hint, "COHERE_API_KEY"));
  transport.says(200, R"({"name":"m-1","context_length":4096,"endpoints":["chat"],"tokenizer_url":"https://x"})");
  auto model = make_hosted_model(cohere_dialect(), options(), transport, system_clock());
  auto identity = loop.run(model->identify());
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(transport.requests.back().method + " " + transport.requests.back().url, "GET https://api.cohere.com/v1/models/m-1");
  EXPECT_EQ(identity->text, R"({"backend":"cohere","base":"https://api.cohere.com/","model":"m-1","server":{"context_length":4096,"name":"m-1"}})");
  EXPECT_EQ(identity->label, "m-1");
}

TEST_F(HostedTest, ParametersThatAreRefusedAreLeftOut) {
  transport.says(400, R"({"message":"parameter 'temperature' is not supported by this model"})");
  auto response = cohere([] {
    Generate request = chat("q");
    request.sampling.temperature = 0.5;
    return request;
  }(), 200, R"({"finish_reason":"COMPLETE","message":{"content":[{"type":"text","text":"ok"}]}})");
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_FALSE(contains(sent(), "temperature"));
  EXPECT_EQ(deviations, std::vector<std::string>{"temperature not accepted by cohere:m-1: its own default applied"});
}

TEST_F(HostedTest, HuggingFaceTextGeneration) {
  Generate request = raw("Once");
  request.sampling = {.temperature = 0.7, .top_p = 1.0, .max_tokens = 256, .stop = {"\n"}, .top_logprobs = 2};
  auto response = hugging_face(request, 200,
                               R"([{"generated_text":" upon","details":{"finish_reason":"length","generated_tokens":1,"prefill":[{"id":1},{"id":2}],
                               "tokens":[{"id":5,"text":" upon","logprob":-0.5,"special":false}],"top_tokens":[[{"text":" a","logprob":-2},{"text":" upon","logprob":-0.5}]]}}])");
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://router.huggingface.co/hf-inference/models/m-1");
  EXPECT_EQ(sent(),
            R"({"inputs":"Once","parameters":{"return_full_text":false,"do_sample":true,"temperature":0.7,"stop":["\n"],"max_new_tokens":256,"details":true,"top_n_tokens":2}})");
  EXPECT_EQ(response->text, " upon");
  EXPECT_EQ(response->finish, Finish::length);
  EXPECT_EQ(response->usage.output_tokens, 1);
  EXPECT_EQ(response->usage.input_tokens, 2);
  ASSERT_EQ(response->logprobs.size(), 1u);
  EXPECT_EQ(response->logprobs[0].top[0].first, " upon");
  request.sampling = {.temperature = 0.0};
  EXPECT_EQ(hugging_face(request, 200, R"({"generated_text":"x"})")->text, "x");
  EXPECT_EQ(sent(), R"({"inputs":"Once","parameters":{"return_full_text":false,"do_sample":false,"details":true}})");
}

TEST_F(HostedTest, HuggingFaceEndpointsAndChat) {
  HttpModelOptions own = options();
  own.base = "https://id.endpoints.example";
  own.model = "";
  own.extra = {{"repetition_penalty", 1.2}};
  auto model = make_hosted_model(hugging_face_dialect(), own, transport, system_clock());
  transport.says(200, R"({"generated_text":"x"})");
  ASSERT_TRUE(ask(*model, raw("p")));
  EXPECT_EQ(transport.requests.back().url, "https://id.endpoints.example/");
  EXPECT_TRUE(contains(sent(), R"("repetition_penalty":1.2}})")) << "extra members are parameters: " << sent();
  transport.says(200, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}})");
  auto response = ask(*model, chat("q"));
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://id.endpoints.example/v1/chat/completions");
  EXPECT_TRUE(contains(sent(), R"("model":"tgi")"));
  EXPECT_EQ(response->text, "hi");
  EXPECT_EQ(response->usage.input_tokens, 3);
}

TEST_F(HostedTest, HuggingFaceRefusals) {
  auto loading = hugging_face(raw("p"), 503, R"({"error":"Model m-1 is currently loading","estimated_time":20.5})");
  EXPECT_EQ(loading.error().kind, ErrorKind::server);
  EXPECT_EQ(loading.error().retry_after, 20500ms);
  EXPECT_EQ(hugging_face(raw("p"), 200, R"({"error":"overloaded"})").error().kind, ErrorKind::server);
  EXPECT_EQ(hugging_face(raw("p"), 401, R"({"error":"Invalid credentials"})").error().kind, ErrorKind::auth);
  EXPECT_EQ(hugging_face(raw("p"), 422, R"({"error":"`inputs` tokens + `max_new_tokens` must be <= 2048","error_type":"validation"})").error().kind, ErrorKind::bad_request);
  for (const char* body : {"[]", "{}", "[7]", R"([{"generated_text":null}])", R"({"choices":[]})"})
    EXPECT_EQ(hugging_face(raw("p"), 200, body).error().kind, ErrorKind::bad_response) << body;
  EXPECT_EQ(hugging_face(raw("p"), 200, "<html>").error().kind, ErrorKind::bad_response);
}

TEST_F(HostedTest, JinaIsSentMessagesAlone) {
  HttpModelOptions own = options();
  own.model = "jina-chat";
  auto model = make_hosted_model(jina_dialect(), own, transport, system_clock());
  transport.says(200, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":301}})");
  auto response = ask(*model, chat("q"));
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://api.chat.jina.ai/v1/chat/completions");
  EXPECT_EQ(sent(), R"({"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"q"}]})");
  EXPECT_EQ(transport.header("Authorization"), "Bearer key-4711");
  transport.says(200, R"({"choices":[{"message":{"content":"hi"}}]})");
  ASSERT_TRUE(ask(*model, raw("p")));
  EXPECT_EQ(sent(), R"({"messages":[{"role":"user","content":"p"}]})") << "a raw prompt is one message";
}

TEST_F(HostedTest, RekaIsSentTurns) {
  HttpModelOptions own = options();
  own.model = "reka-core";
  auto model = make_hosted_model(reka_dialect(), own, transport, system_clock());
  Generate request;
  request.messages = {{"user", "q"}};
  transport.says(200, R"({"type":"model","text":" hi\n\n","finish_reason":"length","metadata":{"input_tokens":3,"generated_tokens":2}})");
  auto response = ask(*model, request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://api.reka.ai/chat");
  EXPECT_EQ(transport.header("X-Api-Key"), "key-4711");
  EXPECT_EQ(transport.header("Authorization"), "");
  EXPECT_EQ(sent(), R"({"model_name":"reka-core","conversation_history":[{"type":"human","text":"q"}]})");
  EXPECT_EQ(response->text, " hi\n\n") << "as it is, for the original trims nothing either";
  EXPECT_EQ(response->finish, Finish::length);
  EXPECT_EQ(response->usage.input_tokens, 3);
  EXPECT_EQ(response->usage.output_tokens, 2);
  EXPECT_TRUE(model->deviations().empty());

  transport.says(200, R"({"type":"model","text":"ok"})");
  request.messages = {{"system", "Be brief."}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}, {"user", "d"}};
  request.sampling = {.temperature = 0.5, .top_p = 0.9, .min_p = 0.1, .top_k = 4, .max_tokens = 7, .seed = 3, .stop = {"END"}};
  response = ask(*model, request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->finish, Finish::stop);
  EXPECT_EQ(sent(),
            R"({"model_name":"reka-core","conversation_history":[{"type":"human","text":"Be brief.\n\na"},{"type":"model","text":"b"},{"type":"human","text":"c\n\nd"}],"request_output_len":7,"temperature":0.5,"runtime_top_p":0.9,"runtime_top_k":4,"random_seed":3,"stop_words":["END"]})");
  EXPECT_EQ(model->deviations().size(), 3u) << "min_p, the system message, the joined turns";
  EXPECT_EQ(response->deviations.size(), 3u);
}

TEST_F(HostedTest, RekaRefusals) {
  auto reka = [&](Generate request, int status, std::string body) {
    transport.says(status, std::move(body));
    auto model = make_hosted_model(reka_dialect(), options(), transport, system_clock());
    return ask(*model, std::move(request));
  };
  auto key = reka(chat("q"), 401, R"({"detail":"Invalid API key: key-4711"})");
  EXPECT_EQ(key.error().kind, ErrorKind::auth);
  EXPECT_FALSE(contains(to_string(key.error()), "4711")) << to_string(key.error());
  EXPECT_EQ(reka(chat("q"), 422, R"({"detail":[{"loc":["body","conversation_history"],"msg":"too long"}]})").error().kind, ErrorKind::bad_request);
  EXPECT_EQ(reka(chat("q"), 429, R"({"detail":"Too many requests"})").error().kind, ErrorKind::rate_limited);
  for (const char* body : {"{}", "[]", "7", R"({"text":null})", R"({"type":"model","text":["a"]})", R"({"responses":[]})"})
    EXPECT_EQ(reka(chat("q"), 200, body).error().kind, ErrorKind::bad_response) << body;
  auto empty = reka({}, 200, R"({"text":"a"})");
  ASSERT_TRUE(empty) << to_string(empty.error());
  EXPECT_EQ(empty->text, "a") << "an empty raw prompt is a turn, too";
  Generate ends = chat("q");
  ends.messages.push_back({"assistant", "so"});
  EXPECT_EQ(reka(ends, 200, "{}").error().kind, ErrorKind::unsupported);
  Generate wants = chat("q");
  wants.sampling.top_logprobs = 0;
  EXPECT_EQ(reka(wants, 200, "{}").error().kind, ErrorKind::unsupported);
}

TEST_F(HostedTest, AzureNamesTheDeploymentInTheAddress) {
  OpenAiOptions own;
  static_cast<HttpModelOptions&>(own) = options();
  own.backend = "azure";
  own.base = "https://my.openai.azure.com/";
  own.model = "gpt 4";
  auto model = make_openai_model(own, transport, system_clock());
  auto identity = loop.run(model->identify());
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_TRUE(transport.requests.empty()) << "nothing is asked";
  EXPECT_EQ(identity->text, R"({"backend":"azure","base":"https://my.openai.azure.com/","model":"gpt 4"})");
  transport.says(200, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"model":"gpt-4-0613"})");
  auto response = ask(*model, chat("q"));
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://my.openai.azure.com/openai/deployments/gpt%204/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(transport.header("api-key"), "key-4711");
  EXPECT_EQ(transport.header("Authorization"), "");
  transport.says(400, R"({"error":{"code":"content_filter","message":"The response was filtered","status":400}})");
  EXPECT_EQ(ask(*model, chat("q"))->finish, Finish::content_filter);
  transport.says(429, R"({"error":{"code":"429","message":"Requests have exceeded call rate limit"}})", {{"retry-after", "3"}});
  auto limited = ask(*model, chat("q"));
  EXPECT_EQ(limited.error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(limited.error().retry_after, 3000ms);
  EXPECT_FALSE(contains(to_string(limited.error()), "4711"));
  transport.says(404, R"({"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}})");
  EXPECT_EQ(ask(*model, chat("q")).error().kind, ErrorKind::model_missing);
  own.base = "";
  EXPECT_EQ(loop.run(make_openai_model(own, transport, system_clock())->identify()).error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace assay
