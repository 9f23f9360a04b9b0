// The simulator proves other things, so it has to be proved itself: rules, dialogue files, counts.
#include "support/simulator.h"

#include <gtest/gtest.h>

#include "model/http/curl_transport.h"
#include "support/loop.h"
#include "support/patience.h"

namespace assay::test {
namespace {

struct SimulatorTest : testing::Test {
  std::string ask(std::string prompt, std::string path = "/v1/chat/completions") {
    HttpRequest request;
    request.url = simulator.root() + path;
    request.timeout = test::patient(std::chrono::seconds(5));
    request.body = write_json(json::object{{"messages", json::array{json::object{{"role", "user"}, {"content", "earlier"}},
                                                                    json::object{{"role", "user"}, {"content", prompt}}}}});
    auto response = loop.run(transport->send(request));
    if (!response) return std::string(name(response.error().kind));
    json::value body = parse_json(response->body).value_or(nullptr);
    std::string out = std::to_string(response->status) + " ";
    if (const json::value* choices = find(body, "choices"))
      return out + std::string(choices->at(0).at("message").at("content").as_string());
    if (const json::value* content = find(body, "content")) return out + std::string(content->at(0).at("text").as_string());
    return out + response->body;
  }
  Loop loop;
  Simulator simulator;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor());
};

TEST_F(SimulatorTest, RulesAnswerInOrderAndTheLastForEver) {
  simulator.on("cat", {SimulatedReply::says("one"), SimulatedReply::answers(503, "busy"), SimulatedReply::says("three")});
  simulator.on("at", {SimulatedReply::says("later rule")});
  EXPECT_EQ(ask("a cat"), "200 one");
  EXPECT_EQ(ask("a bat"), "200 later rule");
  EXPECT_EQ(ask("a cat"), "503 busy");
  EXPECT_EQ(ask("a cat"), "200 three");
  EXPECT_EQ(ask("a cat", "/v1/messages"), "200 three");
  EXPECT_EQ(ask("nothing"), "200 ok");
  EXPECT_EQ(simulator.requests(), 6u);
  EXPECT_EQ(simulator.requests("cat"), 4u);
  EXPECT_EQ(simulator.requests("earlier"), 0u) << "only the last user message counts";
}

TEST_F(SimulatorTest, DialogueFiles) {
  auto loaded = load_dialogue(simulator, R"({"note":"n","replies":[
      {"match":"a","replies":[{"status":429,"headers":{"Retry-After":"1"},"body":{"error":{"message":"slow"}}},"plain"]},
      {"match":"b","replies":[{"fault":"reset"}]},
      {"match":"c","replies":[{"status":500}]},
      {"match":"d","replies":[{"text":"drip","drip_bytes":40,"drip_ms":0.1,"delay_ms":1,"reasoning":"r","finish":"length"}]},
      {"match":"e","replies":[{"raw":"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nraw"}]}],
    "default":{"text":"dflt"},"paths":{"/v1/models":{"status":401}}})");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(ask("a"), R"(429 {"error":{"message":"slow"}})");
  EXPECT_EQ(ask("a"), "200 plain");
  EXPECT_EQ(ask("b"), "network");
  EXPECT_EQ(ask("c"), R"(500 {"error":{"message":"simulated error","type":"simulated"}})");
  EXPECT_EQ(ask("d"), "200 drip");
  EXPECT_EQ(ask("e"), "200 raw");
  EXPECT_EQ(ask("x"), "200 dflt");
}

TEST_F(SimulatorTest, MistakesInADialogueNameTheirPlace) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"([])", "the file is an object"},
      {R"({"reply":1})", "reply"},
      {R"({"replies":[{"match":"a"}]})", "replies[0]"},
      {R"({"replies":[{"match":"a","replies":[]}]})", "replies[0]"},
      {R"({"replies":[{"match":"a","replies":[{"txt":"x"}]}]})", "replies[0].replies[0].txt"},
      {R"({"replies":[{"match":"a","replies":["x",{"status":"429"}]}]})", "replies[0].replies[1].status"},
      {R"({"default":{"fault":"earthquake"}})", "default.fault"},
      {R"({"default":{"delay_ms":-1}})", "default.delay_ms"},
      {R"({"default":7})", "default"},
      {R"({"refuses":"seed"})", "refuses"},
      {R"({"refuses":[1]})", "refuses"},
      {R"({"limits":{"requests":5}})", "limits.requests"},
      {R"({"limits":{"headers":"both"}})", "limits.headers"},
      {R"({"latency":{"least_ms":5,"most_ms":1}})", "latency"},
      {R"({"accidents":[{"share":0.5}]})", "accidents[0]"},
      {R"({"accidents":[{"share":0.7,"reply":"a"},{"share":0.7,"reply":"b"}]})", "accidents[1]"},
      {R"({"default":{"generate_bytes":[5,1]}})", "default.generate_bytes"},
      {R"({"default":{"repeat":0}})", "default.repeat"},
      {R"({)", "1:"},
  };
  for (auto [text, place] : wrong) {
    auto loaded = load_dialogue(simulator, text);
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().kind, ErrorKind::data);
    EXPECT_NE(to_string(loaded.error()).find(place), std::string::npos) << to_string(loaded.error());
  }
}

TEST_F(SimulatorTest, LimitsComeBeforeRulesAndCostNothingWhenTheyRefuse) {
  auto loaded = load_dialogue(simulator, R"({"replies":[{"match":"","replies":["one","two","three"]}],
    "limits":{"requests_per_minute":1,"requests_at_once":2,"headers":"openai","retry_after":"seconds"}})");
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(ask("a"), "200 one");
  EXPECT_EQ(ask("b"), "200 two");
  EXPECT_EQ(ask("c").substr(0, 4), "429 ");
  EXPECT_EQ(ask("d").substr(0, 4), "429 ");
  EXPECT_EQ(simulator.requests(), 4u);
  auto load = simulator.load();
  std::size_t admitted = 0, refused = 0;
  for (const auto& tenth : load) admitted += tenth.admitted, refused += tenth.refused;
  EXPECT_EQ(admitted, 2u);
  EXPECT_EQ(refused, 2u);
}

TEST_F(SimulatorTest, AccidentsAndGeneratedTextsFollowTheSeed) {
  auto run = [&](int seed) {
    Simulator fresh;
    auto loaded = load_dialogue(
        fresh, R"({"default":{"generate_bytes":[5,60]},"accidents":[{"share":0.3,"reply":{"status":500}}],"seed":)" +
                   std::to_string(seed) + "}");
    EXPECT_TRUE(loaded) << to_string(loaded.error());
    std::string out;
    for (int i = 0; i < 40; ++i) {
      HttpRequest request;
      request.url = fresh.url() + "/completions";
      request.body = write_json(json::object{{"prompt", "p" + std::to_string(i)}});
      auto response = loop.run(transport->send(request));
      out += response ? response->body + "\n" : "error";
    }
    return out;
  };
  std::string first = run(1);
  EXPECT_EQ(first, run(1));
  EXPECT_NE(first, run(2));
  EXPECT_NE(first.find("simulated error"), std::string::npos);
}

TEST(ProviderWeather, BucketsAreTrueAndHeadersTellThem) {
  Instant t{std::chrono::hours(1)};
  ProviderWeather weather({.requests_per_minute = 60,
                           .requests_at_once = 10,
                           .headers = ProviderLimits::Headers::openai,
                           .retry_after = ProviderLimits::RetryAfter::date},
                          t);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(weather.admit(1, 1, t));
  EXPECT_FALSE(weather.admit(1, 1, t));
  auto header = [&](const char* name, bool refused) {
    for (const auto& [key, value] : weather.headers(refused, 1, t, 1'700'000'000.25))
      if (key == name) return value;
    return std::string();
  };
  EXPECT_EQ(header("x-ratelimit-limit-requests", false), "60");
  EXPECT_EQ(header("x-ratelimit-remaining-requests", false), "0");
  EXPECT_EQ(header("x-ratelimit-reset-requests", false), "10s");
  EXPECT_EQ(header("Retry-After", false), "");
  EXPECT_EQ(header("Retry-After", true), "Tue, 14 Nov 2023 22:13:22 GMT");
  int admitted = 0;
  for (int i = 0; i < 6000; ++i) admitted += weather.admit(1, 1, t + std::chrono::milliseconds(10 * i)) ? 1 : 0;
  EXPECT_EQ(admitted, 59);  // a minute's worth, and none before its time
}

TEST(ProviderLatency, Shapes) {
  Random random(3);
  ProviderLatency uniform{.shape = ProviderLatency::Shape::uniform, .low = 10, .high = 20};
  ProviderLatency lognormal{.shape = ProviderLatency::Shape::lognormal, .low = 100, .sigma = 0.5};
  int under = 0;
  for (int i = 0; i < 2000; ++i) {
    double u = uniform.draw(random), l = lognormal.draw(random);
    EXPECT_TRUE(u >= 10 && u <= 20);
    EXPECT_TRUE(l > 0 && l <= 1000);
    under += l < 100 ? 1 : 0;
  }
  EXPECT_NEAR(under, 1000, 120) << "the median";
}

TEST(AnswerEmotions, BothFormatsBothLanguages) {
  std::string prompt =
      "Talk.\n[End dialogue]\n\nAt the end of this dialogue, Ann would feel...\nSad\nGlad\nCalm\nBold\n\nGive each a score.";
  std::string answer = answer_emotions(prompt);
  for (const char* name : {"Sad: ", "Glad: ", "Calm: ", "Bold: "}) EXPECT_NE(answer.find(name), std::string::npos) << answer;
  EXPECT_EQ(answer, answer_emotions(prompt));
  EXPECT_EQ(std::count(answer.begin(), answer.end(), '\n'), 4);
  std::string revise = answer_emotions(prompt + "\nFirst pass scores:\nCritique: <x>\nRevised scores:\n");
  EXPECT_LT(revise.find("First pass scores:"), revise.find("Critique:"));
  EXPECT_LT(revise.find("Critique:"), revise.find("Revised scores:"));
  EXPECT_NE(answer_emotions("Am Ende würde Ann sich fühlen...\nTraurig\nFroh\nRuhig\nKühn\n\n").find("Kühn: "),
            std::string::npos);
  EXPECT_EQ(answer_emotions("hello"), "no emotions found");
}

}  // namespace
}  // namespace assay::test
