// The OpenAI and Anthropic back ends over the real transport against the simulator.
#include "model/http/openai.h"

#include <gtest/gtest.h>

#include "model/http/anthropic.h"
#include "model/http/curl_transport.h"
#include "support/loop.h"
#include "support/patience.h"
#include "support/simulator.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::Loop;
using test::question;
using test::SimulatedReply;
using test::SimulatedRequest;
using test::Simulator;
using Fault = SimulatedReply::Fault;

struct OpenAiTest : testing::Test {
  OpenAiTest() {
    options.base = simulator.url();
    options.model = "sim";
    options.timeout = test::patient(5s);
    options.key_source = "SOME_API_KEY";
  }
  Model& model() {
    if (!made) made = make_openai_model(options, *transport, system_clock());
    return *made;
  }
  Model& anthropic() {
    if (!made) made = make_anthropic_model(options, *transport, system_clock());
    return *made;
  }
  Result<Response> ask(std::string text, Sampling sampling = {}) {
    Query query = question(std::move(text));
    std::get<Generate>(query.request).sampling = std::move(sampling);
    return loop.run(model().answer(std::move(query)));
  }
  Result<ModelIdentity> identify() { return loop.run(model().identify()); }

  Loop loop;
  Simulator simulator;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor());
  OpenAiOptions options;
  std::unique_ptr<Model> made;
};

TEST_F(OpenAiTest, AnswersWithTextUsageLatencyAndRaw) {
  simulator.on("how are you", {SimulatedReply::says("fine")});
  options.key = Secret("sk-abcdef");
  options.headers.push_back({"X-Title", "assay"});
  auto r = ask("how are you?", {.temperature = 0.01, .max_tokens = 60});
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text, "fine");
  EXPECT_EQ(r->finish, Finish::stop);
  EXPECT_GT(r->latency, 0);
  EXPECT_TRUE(r->usage.input_tokens && r->usage.output_tokens);
  EXPECT_EQ(r->model_reported, "sim");
  EXPECT_NE(r->raw.find("\"choices\""), std::string::npos);
  auto seen = simulator.recorded().at(0);
  EXPECT_EQ(seen.header("authorization"), "Bearer sk-abcdef");
  EXPECT_EQ(seen.header("x-title"), "assay");
  EXPECT_EQ(seen.header("content-type"), "application/json");
  EXPECT_EQ(write_json(seen.json()),
            R"({"model":"sim","messages":[{"role":"user","content":"how are you?"}],"temperature":0.01,"max_tokens":60})");
}

TEST_F(OpenAiTest, ExtraMembersGoIntoBodyAndIdentity) {
  options.extra = {{"mode", "instruct"}, {"temperature", 2}};
  ASSERT_TRUE(ask("x", {.temperature = 0.5}));
  json::value body = simulator.recorded().at(0).json();
  EXPECT_EQ(body.at("mode"), "instruct");
  EXPECT_EQ(body.at("temperature"), 2);
  EXPECT_EQ(write_json(identify()->facts.at("extra")), R"({"mode":"instruct","temperature":2})");
}

TEST_F(OpenAiTest, LearnsWhatTheModelRefusesAndSaysSo) {
  simulator.otherwise([](const SimulatedRequest& request) {
    json::value body = request.json();
    auto refuse = [](std::string text, std::string param) {
      return SimulatedReply::answers(400, write_json(json::object{{"error", json::object{{"message", text},
                                                                                         {"type", "invalid_request_error"},
                                                                                         {"param", param},
                                                                                         {"code", "unsupported_parameter"}}}}));
    };
    if (find(body, "max_tokens"))
      return refuse("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens");
    if (find(body, "temperature")) return refuse("'temperature' is not supported with this model.", "temperature");
    return SimulatedReply::says("learned");
  });
  auto r = ask("a", {.temperature = 0.01, .max_tokens = 60});
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text, "learned");
  EXPECT_EQ(simulator.requests(), 3u);
  EXPECT_EQ(write_json(simulator.recorded().at(2).json()),
            R"({"model":"sim","messages":[{"role":"user","content":"a"}],"max_completion_tokens":60})");
  ASSERT_TRUE(ask("b", {.temperature = 0.01, .max_tokens = 60}));
  EXPECT_EQ(simulator.requests(), 4u) << "a lesson is learned once";
  ASSERT_EQ(model().deviations().size(), 1u);
  EXPECT_EQ(model().deviations()[0], "temperature not accepted by sim: its own default applied");
  EXPECT_EQ(r->deviations, model().deviations()) << "the answer itself knows it, for runs that replay it";
  EXPECT_TRUE(ask("c", {.max_tokens = 60})->deviations.empty());
  EXPECT_EQ(model().facts().at("max_tokens_sent_as"), "max_completion_tokens");
}

TEST_F(OpenAiTest, AStubbornServerIsNotAskedForEver) {
  simulator.otherwise(SimulatedReply::answers(
      400, R"({"error":{"message":"'temperature' and 'max_tokens' and 'seed' and 'top_p' are not supported"}})"));
  auto r = ask("a", {.temperature = 0.01, .top_p = 0.5, .max_tokens = 60, .seed = 3});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().kind, ErrorKind::bad_request);
  EXPECT_LE(simulator.requests(), 6u);
}

TEST_F(OpenAiTest, OddAnswersBecomeTheRightOutcome) {
  simulator.on("refusal", {[] {
                 SimulatedReply reply = SimulatedReply::says("");
                 reply.message = json::object{{"content", nullptr}, {"refusal", "no"}};
                 return reply;
               }()});
  EXPECT_EQ(ask("refusal")->finish, Finish::content_filter);

  simulator.on("nul", {SimulatedReply::says(std::string("a\0b", 3))});
  EXPECT_EQ(ask("nul")->text, std::string("a\0b", 3));
  simulator.on("latin", {SimulatedReply::answers(200, "{\"choices\":[{\"message\":{\"content\":\"caf\xe9\"}}]}")});
  EXPECT_EQ(ask("latin")->text, "caf\xEF\xBF\xBD");
  EXPECT_EQ(ask("latin")->raw.find('\xe9'), std::string::npos);

  struct Case {
    const char* prompt;
    int status;
    const char* body;
    ErrorKind kind;
  };
  for (const Case& c :
       {Case{"empty choices", 200, R"({"choices":[]})", ErrorKind::bad_response},
        Case{"html", 200, "<html>login</html>", ErrorKind::bad_response},
        Case{"cut", 200, R"({"choices":[{"mess)", ErrorKind::bad_response}, Case{"nothing", 200, "", ErrorKind::bad_response},
        Case{"inside 429", 200, R"({"error":{"code":429,"message":"slow"}})", ErrorKind::rate_limited},
        Case{"inside quota", 200, R"({"error":{"type":"insufficient_quota","message":"pay"}})", ErrorKind::quota},
        Case{"inside text", 200, R"({"error":"it broke"})", ErrorKind::server},
        Case{"inside 400", 200, R"({"error":{"type":"invalid_request_error","message":"bad"}})", ErrorKind::bad_request},
        Case{"auth", 401, R"({"error":{"message":"bad key"}})", ErrorKind::auth},
        Case{"gone", 404, R"({"error":{"message":"no model"}})", ErrorKind::model_missing},
        Case{"too long", 400, R"({"error":{"message":"maximum context length","code":"context_length_exceeded"}})",
             ErrorKind::bad_request},
        Case{"down", 503, "try later", ErrorKind::server}}) {
    simulator.on(c.prompt, {SimulatedReply::answers(c.status, c.body)});
    auto r = ask(c.prompt);
    ASSERT_FALSE(r) << c.prompt;
    EXPECT_EQ(name(r.error().kind), name(c.kind)) << c.prompt << ": " << r.error().message;
    EXPECT_EQ(r.error().http_status, c.status) << c.prompt;
    EXPECT_NE(to_string(r.error()).find(simulator.url()), std::string::npos) << to_string(r.error());
  }
  simulator.on("filtered prompt", {SimulatedReply::answers(400, R"({"error":{"message":"filtered","code":"content_filter"}})")});
  auto filtered = ask("filtered prompt");
  ASSERT_TRUE(filtered);
  EXPECT_EQ(filtered->text, "");
  EXPECT_EQ(filtered->finish, Finish::content_filter);
}

TEST_F(OpenAiTest, AServerThatRepeatsTheKeyDoesNotGetItJournaled) {
  options.key = Secret("sk-very-secret");
  simulator.on("echo", {SimulatedReply::answers(200, R"({"choices":[{"message":{"content":"x"}}],"debug":"sk-very-secret"})")});
  EXPECT_EQ(ask("echo")->raw.find("sk-very-secret"), std::string::npos);
  simulator.on("html", {SimulatedReply::answers(200, "<html>sk-very-secret")});
  EXPECT_EQ(to_string(ask("html").error()).find("sk-very-secret"), std::string::npos);
}

TEST_F(OpenAiTest, RawPromptsGoToCompletions) {
  Generate raw;
  raw.prompt = "Once upon";
  raw.sampling.stop = {"\n"};
  simulator.on("Once upon", {SimulatedReply::says(" a time")});
  auto r = loop.run(model().answer({.request = raw}));
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text, " a time");
  EXPECT_EQ(simulator.recorded().at(0).target, "/v1/completions");
  EXPECT_TRUE(model().capabilities().completion);
}

TEST_F(OpenAiTest, ChosenApisAreKeptTo) {
  options.api = OpenAiApi::chat;
  Generate raw;
  raw.prompt = "Once upon";
  EXPECT_EQ(loop.run(model().answer({.request = raw})).error().kind, ErrorKind::unsupported);
  EXPECT_FALSE(model().capabilities().completion);
  made.reset();
  options.api = OpenAiApi::completions;
  Query query = question("second");
  auto& messages = std::get<Generate>(query.request).messages;
  messages.insert(messages.begin(), {"system", "first"});
  ASSERT_TRUE(loop.run(model().answer(query)));
  EXPECT_EQ(simulator.recorded().at(0).prompt, "first\n\nsecond");
  EXPECT_EQ(model().deviations().size(), 1u);
}

TEST_F(OpenAiTest, LogLikelihoodsThroughEcho) {
  options.echo_check = false;
  simulator.otherwise(SimulatedReply::answers(
      200, R"({"model":"sim","choices":[{"index":0,"logprobs":{"tokens":["a"," b","!"],"token_logprobs":[null,-1.5,-3],
      "text_offset":[0,1,3],"top_logprobs":[null,{" b":-1.5},{}]}}]})"));
  LoglikelihoodGroup group{"", {{"a", " b"}}};
  auto r = loop.run(model().answer({.request = group}));
  ASSERT_TRUE(r) << to_string(r.error());
  ASSERT_EQ(r->loglikelihoods.size(), 1u);
  EXPECT_EQ(r->loglikelihoods[0].sum, -1.5);
  EXPECT_TRUE(r->loglikelihoods[0].greedy);
  EXPECT_EQ(write_json(simulator.recorded().at(0).json()),
            R"({"model":"sim","prompt":"a b","temperature":0,"max_tokens":1,"logprobs":1,"echo":true})");
  EXPECT_EQ(loop.run(model().answer({.request = Rolling{"text"}})).error().kind, ErrorKind::unsupported);
}

TEST_F(OpenAiTest, IdentityIsWhatTheServerSaysOfItself) {
  simulator.serve(
      "/v1/models",
      SimulatedReply::answers(
          200,
          R"({"data":[{"id":"other","owned_by":"o"},{"id":"sim","owned_by":"vllm","root":"/w/sim","created":17,"max_model_len":4096}]})"));
  auto identity = identify();
  ASSERT_TRUE(identity) << to_string(identity.error());
  EXPECT_EQ(identity->text,
            write_json(json::object{{"backend", "openai"},
                                    {"base", simulator.url()},
                                    {"model", "sim"},
                                    {"server", json::object{{"owned_by", "vllm"}, {"root", "/w/sim"}, {"max_model_len", 4096}}}},
                       JsonStyle::canonical));
  EXPECT_EQ(identity->label, "sim");
  made.reset();
  options.model_id = "mine";
  EXPECT_EQ(identify()->text, R"({"backend":"openai","model":"sim","model_id":"mine"})");
}

TEST_F(OpenAiTest, LlamaServerIsAskedForItsFile) {
  simulator.serve("/v1/models",
                  SimulatedReply::answers(200, R"({"data":[{"id":"m.gguf","owned_by":"llamacpp","meta":{"n_params":7}}]})"));
  simulator.serve(
      "/props",
      SimulatedReply::answers(
          200, R"({"model_path":"/m.gguf","chat_template":"T","build_info":"b1","default_generation_settings":{"n_ctx":512}})"));
  options.model = "";
  auto identity = identify();
  ASSERT_TRUE(identity);
  const json::object& server = identity->facts.at("server").as_object();
  EXPECT_EQ(server.at("model_path"), "/m.gguf");
  EXPECT_EQ(server.at("n_ctx"), 512);
  EXPECT_EQ(server.at("chat_template_sha256").as_string().size(), 64u);
  EXPECT_EQ(identity->facts.at("model"), "m.gguf") << "the only model there is";
  EXPECT_FALSE(model().capabilities().loglikelihood) << "llama-server does not echo";
}

TEST_F(OpenAiTest, IdentifyToleratesServersWithoutAList) {
  for (int status : {400, 404, 405, 501}) {
    made.reset();
    simulator.serve("/v1/models", SimulatedReply::answers(status, "no"));
    EXPECT_TRUE(identify()) << status;
  }
  simulator.serve("/v1/models", SimulatedReply::answers(200, "<html>"));
  EXPECT_TRUE(identify());
  simulator.serve("/v1/models", SimulatedReply::answers(403, R"({"error":{"message":"Missing scopes: api.model.read"}})"));
  EXPECT_TRUE(identify());
}

TEST_F(OpenAiTest, IdentifySaysWhatWasTriedAndTheCure) {
  simulator.serve("/v1/models", SimulatedReply::answers(401, R"({"error":{"message":"no key"}})"));
  auto refused = identify();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::auth);
  EXPECT_NE(to_string(refused.error()).find("SOME_API_KEY"), std::string::npos);
  EXPECT_NE(to_string(refused.error()).find(simulator.url() + "/models"), std::string::npos);
  simulator.serve("/v1/models", SimulatedReply::answers(503, "loading"));
  EXPECT_EQ(identify().error().kind, ErrorKind::server);
  simulator.serve("/v1/models", SimulatedReply::answers(200, R"({"data":[{"id":"a"},{"id":"b"}]})"));
  options.model = "";
  made.reset();
  auto several = identify();
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().kind, ErrorKind::usage);
  EXPECT_NE(several.error().message.find("a, b"), std::string::npos);
  options.base = "http://127.0.0.1:1/v1";
  made.reset();
  auto nobody = identify();
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, ErrorKind::network);
  EXPECT_NE(nobody.error().message.find("GET http://127.0.0.1:1/v1/models"), std::string::npos);
}

TEST_F(OpenAiTest, TheOfficialAddressIsNotAskedWithoutAKey) {
  options.base = "";
  options.model = "gpt-4o";
  auto identity = identify();
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().kind, ErrorKind::auth);
  EXPECT_EQ(identity.error().hint, "Set SOME_API_KEY.");
  EXPECT_FALSE(model().capabilities().completion);
  made.reset();
  options.model = "gpt-3.5-turbo-instruct";
  EXPECT_TRUE(model().capabilities().completion);
}

TEST_F(OpenAiTest, RateHeadersReachTheHints) {
  options.hints = std::make_shared<RateHints>();
  SimulatedReply reply = SimulatedReply::says("x");
  reply.headers = {{"x-ratelimit-limit-requests", "100"}, {"x-ratelimit-remaining-requests", "99"}};
  simulator.otherwise(reply);
  ASSERT_TRUE(ask("x"));
  EXPECT_EQ(options.hints->requests.limit, 100);
  EXPECT_EQ(options.hints->updates, 1u);
}

TEST_F(OpenAiTest, AnthropicAnswers) {
  options.key = Secret("sk-ant");
  SimulatedReply reply = SimulatedReply::says("hello");
  reply.reasoning = "let me see";
  simulator.otherwise(reply);
  Query query = question("hi");
  std::get<Generate>(query.request).sampling = {.temperature = 0.01, .max_tokens = 60};
  auto r = loop.run(anthropic().answer(query));
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text + "|" + r->reasoning, "hello|let me see");
  EXPECT_EQ(r->finish, Finish::stop);
  auto seen = simulator.recorded().at(0);
  EXPECT_EQ(seen.target, "/v1/messages");
  EXPECT_EQ(seen.header("x-api-key"), "sk-ant");
  EXPECT_EQ(seen.header("authorization"), "");
  EXPECT_EQ(seen.header("anthropic-version"), "2023-06-01");
  EXPECT_EQ(
      write_json(seen.json()),
      R"({"model":"sim","max_tokens":60,"temperature":0.01,"system":"","messages":[{"role":"user","content":"hi"}],"stream":false})");
}

TEST_F(OpenAiTest, AnthropicErrorsAndIdentity) {
  simulator.on("busy",
               {SimulatedReply::answers(529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
                                        {{"retry-after", "3"}})});
  auto busy = loop.run(anthropic().answer(question("busy")));
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().kind, ErrorKind::server);
  EXPECT_EQ(busy.error().retry_after, 3000ms);
  EXPECT_NE(busy.error().message.find("Overloaded [overloaded_error]"), std::string::npos) << busy.error().message;
  simulator.serve("/v1/models/sim", SimulatedReply::answers(200, R"({"id":"sim-2025","display_name":"Sim","type":"model"})"));
  auto identity = loop.run(anthropic().identify());
  ASSERT_TRUE(identity);
  EXPECT_EQ(write_json(identity->facts.at("server")), R"({"id":"sim-2025","display_name":"Sim"})");
  EXPECT_EQ(loop.run(anthropic().answer({.request = Rolling{"x"}})).error().kind, ErrorKind::unsupported);
  // A parameter that a newer model has given up is left out after one refusal.
  simulator.on(
      "deprecated",
      {SimulatedReply::answers(
           400,
           R"({"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model."}})"),
       SimulatedReply::says("fine")});
  Query query = question("deprecated");
  std::get<Generate>(query.request).sampling.temperature = 0.5;
  auto r = loop.run(anthropic().answer(query));
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(anthropic().deviations().size(), 1u);
  EXPECT_EQ(r->deviations, anthropic().deviations());
}

TEST_F(OpenAiTest, RenderShowsTheMessages) {
  Query query = question("hi");
  EXPECT_EQ(model().render(std::get<Generate>(query.request))->text, "[user]\nhi");
}

}  // namespace
}  // namespace assay
