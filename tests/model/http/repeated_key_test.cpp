// A server that repeats the key: no part of what is made of its answer may hold it.
#include <gtest/gtest.h>

#include "base/async/timer.h"
#include "model/http/openai.h"
#include "support/loop.h"
#include "support/scripted_transport.h"

namespace assay {
namespace {

struct RepeatedKey : testing::Test {
  /// A server that says `said` wherever it can.
  std::string answer(const std::string& said) {
    return R"({"id":"x","model":"m )" + said + R"(","system_fingerprint":")" + said + R"(","choices":[{"index":0,"finish_reason":"stop","message":{"content":"you sent )" + said +
           R"(","reasoning_content":")" + said + R"("}}]})";
  }
  std::unique_ptr<Model> model(std::string key) {
    OpenAiOptions options;
    options.base = "http://127.0.0.1:1/v1";
    options.model = "m";
    options.key = Secret(std::move(key));
    return make_openai_model(options, transport, timer.clock());
  }
  std::string stored(Model& model) {
    auto response = loop.run(model.answer(test::question("hi")));
    if (!response) return to_string(response.error());
    text = response->text;
    return write_json(to_json(*response)) + response->model_reported + response->raw;
  }

  test::Loop loop;
  VirtualTimer timer;
  test::ScriptedTransport transport;
  std::string text;
};

TEST_F(RepeatedKey, IsInNoPartOfAnAnswer) {
  transport.says(200, answer("sk-4711-abc"));
  auto asked = model("sk-4711-abc");
  EXPECT_EQ(stored(*asked).find("sk-4711-abc"), std::string::npos);
  EXPECT_EQ(text, "you sent [secret]");
  EXPECT_EQ(write_json(asked->facts()).find("sk-4711-abc"), std::string::npos);
}

TEST_F(RepeatedKey, IsNotInTheIdentity) {
  transport.says(200, R"({"data":[{"id":"m","owned_by":"Bearer sk-4711-abc"}]})");
  auto identity = loop.run(model("sk-4711-abc")->identify());
  ASSERT_TRUE(identity);
  EXPECT_NE(identity->text.find("Bearer [secret]"), std::string::npos) << identity->text;
}

TEST_F(RepeatedKey, IsFoundBehindEscapes) {
  transport.says(200, answer(R"(ab\/cd\u002B47\u003D=)"));
  EXPECT_EQ(stored(*model("ab/cd+47==")).find("cd"), std::string::npos);
  EXPECT_EQ(text, "you sent [secret]");
}

TEST_F(RepeatedKey, IsNotInHeaders) {
  HttpModelOptions options;
  options.key = Secret("sk-4711-abc");
  HttpProvider provider(options, transport, timer.clock(), {"Authorization", "Bearer "});
  transport.says(200, "{}", {{"x-your-key", "sk-4711-abc"}});
  auto response = loop.run(provider.get("http://127.0.0.1:1/"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->header("x-your-key"), "[secret]");
}

TEST_F(RepeatedKey, AWordInItsPlaceLeavesAnswersAsTheyAre) {
  for (const char* word : {"k", "none", "EMPTY", "ollama", "anything", "1234"}) {
    transport.says(200, answer(word));
    EXPECT_NE(stored(*model(word)).find(word), std::string::npos) << word;
    EXPECT_EQ(text, std::string("you sent ") + word);
  }
}

}  // namespace
}  // namespace assay
