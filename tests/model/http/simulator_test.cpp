// The simulator proves other things, so it has to be proved itself: rules, dialogue files, counts.
#include "support/simulator.h"

#include <gtest/gtest.h>

#include "model/http/curl_transport.h"
#include "support/loop.h"

namespace assay::test {
namespace {

struct SimulatorTest : testing::Test {
  std::string ask(std::string prompt, std::string path = "/v1/chat/completions") {
    HttpRequest request;
    request.url = simulator.root() + path;
    request.timeout = std::chrono::seconds(5);
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
      {R"({)", "1:"},
  };
  for (auto [text, place] : wrong) {
    auto loaded = load_dialogue(simulator, text);
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().kind, ErrorKind::data);
    EXPECT_NE(to_string(loaded.error()).find(place), std::string::npos) << to_string(loaded.error());
  }
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
