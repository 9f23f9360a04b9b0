// Amazon Bedrock: which way in, bodies, answers, signatures on the wire, and credentials that reach nothing else.
#include "model/http/bedrock.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "model/http/bedrock_dialect.h"
#include "support/loop.h"
#include "support/scripted_transport.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant{}; }
  std::int64_t unix_micros() const override { return 1'440'938'160'000'000; }  // 20150830T123600Z
};

struct BedrockTest : testing::Test {
  void SetUp() override {
    options.model = "anthropic.claude-v2:1";
    options.credentials = {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Secret()};
  }
  Model& model() {
    if (!made) made = make_bedrock_model(options, transport, clock);
    return *made;
  }
  Result<Response> ask(Generate request) {
    Query query;
    query.request = std::move(request);
    return loop.run(model().answer(std::move(query)));
  }
  Result<Response> answer_of(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    transport.says(status, std::move(body), std::move(headers));
    Generate request;
    request.prompt = "p";
    return ask(std::move(request));
  }
  std::string sent() { return transport.requests.back().body; }

  test::Loop loop;
  test::ScriptedTransport transport;
  FixedClock clock;
  BedrockOptions options;
  std::unique_ptr<Model> made;
};

Generate raw(std::string text) {
  Generate out;
  out.prompt = std::move(text);
  return out;
}
Generate chat() {
  Generate out;
  out.messages = {{"system", "Be brief."}, {"user", "q"}};
  return out;
}

TEST(BedrockForm, ByTheModelAndWhatIsAsked) {
  EXPECT_EQ(bedrock_form(raw("p"), "anthropic.claude-v2"), BedrockForm::claude_text);
  EXPECT_EQ(bedrock_form(raw("p"), "anthropic.claude-instant-v1"), BedrockForm::claude_text);
  EXPECT_EQ(bedrock_form(chat(), "anthropic.claude-v2"), BedrockForm::claude_messages);
  EXPECT_EQ(bedrock_form(raw("p"), "us.anthropic.claude-3-haiku-20240307-v1:0"), BedrockForm::claude_messages);
  EXPECT_EQ(bedrock_form(raw("p"), "meta.llama3-70b-instruct-v1:0"), BedrockForm::llama_text);
  EXPECT_EQ(bedrock_form(chat(), "meta.llama3-70b-instruct-v1:0"), BedrockForm::converse);
  EXPECT_EQ(bedrock_form(raw("p"), "amazon.nova-lite-v1:0"), BedrockForm::converse);
  EXPECT_EQ(bedrock_path(chat(), "arn:aws:bedrock:us-east-1:1:inference-profile/x"),
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse");
}

TEST_F(BedrockTest, ClaudeCompletesAsAlpacaEvalAsks) {
  transport.says(200, R"({"type":"completion","completion":" Output","stop_reason":"stop_sequence","stop":"\n\nHuman:"})");
  Generate request = raw("\n\nHuman: Which?\n\nAssistant:");
  request.sampling = {.temperature = 0, .max_tokens = 50};
  auto response = ask(request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(transport.requests.back().url, "https://bedrock-runtime.us-west-2.amazonaws.com/model/anthropic.claude-v2%3A1/invoke");
  EXPECT_EQ(sent(), R"({"prompt":"\n\nHuman: Which?\n\nAssistant:","max_tokens_to_sample":50,"temperature":0.0})");
  EXPECT_EQ(response->text, " Output");
  EXPECT_EQ(response->finish, Finish::stop);
  EXPECT_EQ(transport.header("X-Amz-Date"), "20150830T123600Z");
  EXPECT_EQ(transport.header("X-Amz-Security-Token"), "");
  // The same by the published procedure: what is on the wire, with the path encoded once more.
  const std::string body = sent();
  SigV4Request signing{"POST", "/model/anthropic.claude-v2%3A1/invoke", "",
                       {{"content-type", "application/json"}, {"host", "bedrock-runtime.us-west-2.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}}, body};
  EXPECT_TRUE(contains(sigv4_canonical_request(signing), "/model/anthropic.claude-v2%253A1/invoke"));
  EXPECT_EQ(transport.header("Authorization"), sigv4_authorization(signing, "20150830T123600Z", {"us-west-2", "bedrock"}, options.credentials));
  EXPECT_TRUE(contains(transport.header("Authorization"), "Credential=AKIDEXAMPLE/20150830/us-west-2/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, "));
}

TEST_F(BedrockTest, TemporaryCredentialsAndOtherPorts) {
  options.credentials.session_token = Secret("FwoGZXIvYXdzEXAMPLE");
  options.base = "http://127.0.0.1:8080/";
  options.region = "eu-central-1";
  transport.says(200, R"({"completion":"x","stop_reason":"max_tokens"})");
  auto response = ask(raw("p"));
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->finish, Finish::length);
  EXPECT_EQ(transport.requests.back().url, "http://127.0.0.1:8080/model/anthropic.claude-v2%3A1/invoke");
  EXPECT_EQ(transport.header("X-Amz-Security-Token"), "FwoGZXIvYXdzEXAMPLE");
  const std::string body = sent();
  SigV4Request signing{"POST", "/model/anthropic.claude-v2%3A1/invoke", "",
                       {{"content-type", "application/json"},
                        {"host", "127.0.0.1:8080"},
                        {"x-amz-date", "20150830T123600Z"},
                        {"x-amz-security-token", "FwoGZXIvYXdzEXAMPLE"}},
                       body};
  EXPECT_EQ(transport.header("Authorization"), sigv4_authorization(signing, "20150830T123600Z", {"eu-central-1", "bedrock"}, options.credentials));
}

TEST_F(BedrockTest, ClaudeInItsOwnDialect) {
  options.model = "anthropic.claude-3-haiku-20240307-v1:0";
  transport.says(200, R"({"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":2}})");
  Generate request = chat();
  request.sampling = {.temperature = 0.5, .max_tokens = 7, .seed = 3};
  auto response = ask(request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(sent(), R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"temperature":0.5,"system":"Be brief.","messages":[{"role":"user","content":"q"}]})");
  EXPECT_EQ(response->text, "hi");
  EXPECT_EQ(response->usage.input_tokens, 9);
  EXPECT_EQ(model().deviations().size(), 1u) << "seed";
}

TEST_F(BedrockTest, Llama) {
  options.model = "meta.llama3-70b-instruct-v1:0";
  transport.says(200, R"({"generation":"hi","prompt_token_count":5,"generation_token_count":1,"stop_reason":"stop"})");
  Generate request = raw("<|begin_of_text|>p");
  request.sampling = {.temperature = 0.5, .top_p = 0.9, .max_tokens = 7};
  auto response = ask(request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(sent(), R"({"prompt":"<|begin_of_text|>p","max_gen_len":7,"temperature":0.5,"top_p":0.9})");
  EXPECT_EQ(response->text, "hi");
  EXPECT_EQ(response->usage.output_tokens, 1);
}

// Converse knows no "none"; what is not offered cannot be called.
TEST_F(BedrockTest, ToolsThatMayNotBeCalledAreNotOffered) {
  options.model = "amazon.nova-lite-v1:0";
  transport.says(200, R"({"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},"stopReason":"end_turn"})");
  Generate request = chat();
  request.tools = parse_json(R"([{"type":"function","function":{"name":"pick","parameters":{"type":"object"}}}])").value();
  request.tool_choice = "none";
  ASSERT_TRUE(ask(request));
  EXPECT_FALSE(contains(sent(), "toolConfig")) << sent();
}

TEST_F(BedrockTest, Converse) {
  options.model = "amazon.nova-lite-v1:0";
  transport.says(200, R"({"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm"}}},{"text":"I pick"},{"toolUse":{"toolUseId":"t","name":"pick","input":{"x":1}}}]}},
    "stopReason":"tool_use","usage":{"inputTokens":3,"outputTokens":4,"cacheReadInputTokens":10,"totalTokens":17},"metrics":{"latencyMs":5}})");
  Generate request = chat();
  request.messages.push_back({"assistant", "a"});
  request.messages.push_back({"user", "r"});
  request.sampling = {.temperature = 0.5, .top_p = 0.9, .max_tokens = 7, .stop = {"END"}};
  request.tools = parse_json(R"([{"type":"function","function":{"name":"pick","description":"d","parameters":{"type":"object"}}}])").value();
  request.tool_choice = "required";
  auto response = ask(request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_TRUE(transport.requests.back().url.ends_with("/model/amazon.nova-lite-v1%3A0/converse"));
  EXPECT_EQ(sent(),
            R"({"messages":[{"role":"user","content":[{"text":"q"}]},{"role":"assistant","content":[{"text":"a"}]},{"role":"user","content":[{"text":"r"}]}],"system":[{"text":"Be brief."}],)"
            R"("inferenceConfig":{"maxTokens":7,"temperature":0.5,"topP":0.9,"stopSequences":["END"]},)"
            R"("toolConfig":{"tools":[{"toolSpec":{"name":"pick","description":"d","inputSchema":{"json":{"type":"object"}}}}],"toolChoice":{"any":{}}}})");
  EXPECT_EQ(response->text, "I pick");
  EXPECT_EQ(response->reasoning, "hm");
  EXPECT_EQ(response->finish, Finish::tool_calls);
  EXPECT_EQ(write_json(response->tool_calls), R"([{"id":"t","type":"function","function":{"name":"pick","arguments":"{\"x\":1}"}}])");
  EXPECT_EQ(response->usage.input_tokens, 13);
  EXPECT_EQ(response->usage.cached_tokens, 10);
}

TEST_F(BedrockTest, Refusals) {
  auto throttled = answer_of(429, R"({"message":"Too many requests, please wait before trying again."})", {{"x-amzn-errortype", "ThrottlingException:http://x"}, {"retry-after", "2"}});
  EXPECT_EQ(throttled.error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(throttled.error().retry_after, 2000ms);
  EXPECT_EQ(answer_of(400, R"({"message":"Too many tokens"})", {{"x-amzn-errortype", "ThrottlingException"}}).error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(answer_of(424, R"({"message":"The model failed"})", {{"x-amzn-errortype", "ModelErrorException"}}).error().kind, ErrorKind::server);
  EXPECT_EQ(answer_of(408, R"({"message":"Model timeout"})").error().kind, ErrorKind::server);
  EXPECT_EQ(answer_of(400, R"({"message":"The provided model identifier is invalid."})", {{"x-amzn-errortype", "ValidationException"}}).error().kind, ErrorKind::bad_request);
  EXPECT_EQ(answer_of(404, R"({"message":"Could not resolve the foundation model"})").error().kind, ErrorKind::model_missing);
  auto denied = answer_of(403, R"({"message":"The security token included in the request is invalid."})", {{"x-amzn-errortype", "UnrecognizedClientException"}});
  EXPECT_EQ(denied.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(denied.error().hint, "AWS_SESSION_TOKEN"));
  for (const char* body : {"{}", "[]", R"({"completion":7})", R"({"output":{"message":{"content":7}}})", R"({"content":7})"})
    EXPECT_EQ(answer_of(200, body).error().kind, ErrorKind::bad_response) << body;
  Generate tools = raw("p");
  tools.tools = json::array();
  EXPECT_EQ(ask(tools).error().kind, ErrorKind::unsupported);
}

TEST_F(BedrockTest, CredentialsReachTheWireAlone) {
  options.credentials.session_token = Secret("FwoGZXIvYXdzEXAMPLE");
  const std::string echo = "AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY FwoGZXIvYXdzEXAMPLE";
  auto denied = answer_of(403, R"({"message":")" + echo + R"("})");
  auto answered = answer_of(200, R"({"completion":")" + echo + R"("})");
  ASSERT_TRUE(answered);
  auto identity = loop.run(model().identify());
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(identity->text, R"({"backend":"bedrock","base":"https://bedrock-runtime.us-west-2.amazonaws.com/","model":"anthropic.claude-v2:1"})");
  for (const std::string& shown : {to_string(denied.error()), answered->text, answered->raw, identity->text, write_json(model().facts())})
    for (std::string_view secret : {"AKIDEXAMPLE", "wJalr", "FwoGZ"}) EXPECT_FALSE(contains(shown, secret)) << shown;
}

TEST_F(BedrockTest, WithoutCredentialsNothingIsSent) {
  options.credentials.secret_access_key = Secret();
  auto identity = loop.run(model().identify());
  EXPECT_EQ(identity.error().kind, ErrorKind::auth);
  EXPECT_TRUE(contains(identity.error().hint, "AWS_SECRET_ACCESS_KEY"));
  EXPECT_EQ(ask(raw("p")).error().kind, ErrorKind::auth);
  EXPECT_TRUE(transport.requests.empty());
}

}  // namespace
}  // namespace assay
