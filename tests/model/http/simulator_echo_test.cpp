// The simulator's echo: a model whose numbers are probabilities, the shapes that servers use, and each fault is noticed by whoever asks.
#include "support/simulator_echo.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/text.h"
#include "model/http/curl_transport.h"
#include "model/http/openai.h"
#include "support/loop.h"
#include "support/simulator.h"

namespace assay::test {
namespace {

json::value echoed(EchoServer& server, json::value prompt, json::object more = {}) {
  json::object body{{"prompt", std::move(prompt)}, {"echo", true}, {"logprobs", 2}, {"max_tokens", 0}};
  for (const auto& member : more) body[member.key()] = member.value();
  auto answer = server.answer(body);
  if (!answer) return nullptr;
  return json::object{{"status", answer->first}, {"body", parse_json(answer->second).value_or(nullptr)}};
}

TEST(EchoModel, ProbabilitiesOfAllTokensSumToOneAfterEveryText) {
  const EchoModel model(3);
  for (const char* before : {"", "x", "a red river, a red", "öö ö"}) {
    std::vector<int> text{EchoModel::kBos};
    for (int token : model.tokens(before)) text.push_back(token);
    text.push_back(0);
    double sum = 0;
    for (int token : model.vocabulary()) {
      text.back() = token;
      sum += std::exp(model.score(text, 0).back().logprob);
    }
    // Beyond ASCII all are alike but for one that may be remembered.
    double beyond = 0;
    for (char32_t point : {U'ö', U'日', U'\U0001F600'}) {
      text.back() = 1000 + static_cast<int>(point);
      const double one = std::exp(model.score(text, 0).back().logprob);
      beyond = beyond == 0 ? one : std::min(beyond, one);
      if (one > 0.5) sum += one - std::exp(std::log(beyond));
    }
    sum += beyond * (0x110000 - 0x800 - 128);
    EXPECT_NEAR(sum, 1, 1e-9) << before;
  }
}

TEST(EchoModel, TextsComeBackAndAreLikelierTheSecondTime) {
  const EchoModel model;
  const std::string text = "Question: how many red stones?\nAnswer: zwölf 日本 \U0001F600";
  std::string again;
  for (int token : model.tokens(text)) again += model.piece(token);
  EXPECT_EQ(again, text);
  const std::vector<int> once = model.tokens("lamp river seven garden copper"), twice = model.tokens("lamp river seven garden copper lamp river seven garden copper");
  double first = 0, second = 0;
  const auto scored = model.score(twice, 1);
  for (std::size_t i = 1; i < once.size(); ++i) first += scored[i].logprob;
  for (std::size_t i = twice.size() - once.size() + 1; i < twice.size(); ++i) second += scored[i].logprob;
  EXPECT_GT(second, first + 5);
  for (const auto& one : scored)
    if (!one.best.empty()) {
      EXPECT_LE(one.logprob, one.best.front().second + 1e-12);
    }
  EXPECT_EQ(model.score(twice, 1, false).back().logprob, model.score({twice[twice.size() - 2], twice.back()}, 1).back().logprob);
}

TEST(EchoServer, AnswersTextsAndTokensInTheShapeOfCompletions) {
  EchoServer server({});
  const json::value one = echoed(server, "a löw river");
  ASSERT_EQ(one.at("status"), 200);
  const json::value& choice = one.at("body").at("choices").at(0);
  EXPECT_EQ(choice.at("text"), "a löw river");
  const json::value& logprobs = choice.at("logprobs");
  EXPECT_EQ(logprobs.at("tokens").as_array(), (json::array{"a", " ", "l", "ö", "w", " river"}));
  EXPECT_EQ(logprobs.at("text_offset").as_array(), (json::array{0, 1, 2, 3, 4, 5})) << "code points";
  EXPECT_TRUE(logprobs.at("token_logprobs").at(0).is_null());
  EXPECT_TRUE(logprobs.at("top_logprobs").at(0).is_null());
  EXPECT_EQ(logprobs.at("top_logprobs").at(3).as_object().size(), 3u) << "two and the token itself";
  json::array ids;
  for (int token : server.model().tokens("a löw river")) ids.emplace_back(token);
  EXPECT_EQ(echoed(server, ids).at("body").at("choices"), one.at("body").at("choices"));
  const json::value many = echoed(server, json::array{ids, ids});
  EXPECT_EQ(many.at("body").at("choices").as_array().size(), 2u);
  EXPECT_EQ(many.at("body").at("choices").at(1).at("index"), 1);
  EXPECT_EQ(many.at("body").at("choices").at(1).at("logprobs"), logprobs);
  const json::value more = echoed(server, json::array{"a", "b"}, {{"max_tokens", 3}});
  EXPECT_EQ(more.at("body").at("choices").at(1).at("logprobs").at("tokens").as_array().size(), 4u);
  EXPECT_TRUE(more.at("body").at("choices").at(1).at("text").as_string().starts_with("b"));
  EXPECT_TRUE(echoed(server, "x", {{"logprobs", nullptr}}).at("body").at("choices").at(0).at("logprobs").is_null());
  EXPECT_EQ(echoed(server, json::array{1, "x"}).at("status"), 400);
  EXPECT_EQ(echoed(server, nullptr).at("status"), 400);
}

TEST(EchoServer, BosAndWhatVllmAdds) {
  EchoServer server(*read_echo_behaviour("two-bos,vllm"));
  const json::value answer = echoed(server, "ab");
  const json::value& choice = answer.at("body").at("choices").at(0);
  EXPECT_EQ(choice.at("text"), "ab");
  EXPECT_EQ(choice.at("logprobs").at("tokens").as_array(), (json::array{"<s>", "<s>", "a", "b"}));
  EXPECT_EQ(choice.at("logprobs").at("text_offset").as_array(), (json::array{0, 3, 6, 7}));
  EXPECT_EQ(choice.at("prompt_token_ids").as_array().size(), 4u);
  EXPECT_TRUE(choice.at("prompt_logprobs").at(0).is_null());
  EchoServer hiding(*read_echo_behaviour("hidden-bos"));
  const json::value hidden = echoed(hiding, "ab");
  EXPECT_EQ(hidden.at("body").at("choices").at(0).at("logprobs").at("tokens").as_array().size(), 2u);
  EXPECT_TRUE(hidden.at("body").at("choices").at(0).at("logprobs").at("token_logprobs").at(0).is_double());
  EXPECT_FALSE(read_echo_behaviour("bos,bso"));
}

struct EchoClientTest : testing::Test {
  /// What a client of ours says of a server that behaves so: the error's message, or the continuation's log-likelihood.
  std::string said(const std::string& behaviour, std::optional<bool> bos = std::nullopt, bool check = true) {
    simulator.echo(*read_echo_behaviour(behaviour));
    OpenAiOptions options;
    options.base = simulator.url();
    options.model = "sim";
    options.bos = bos;
    options.echo_check = check;
    model = make_openai_model(options, *transport, system_clock());
    Query query;
    query.request = LoglikelihoodGroup{"Question: what is red?\nAnswer:", {{"", " stone"}, {"", " water, of course"}}};
    if (behaviour.starts_with("later")) {
      EXPECT_TRUE(loop.run(model->answer(Query(query))));
    }
    auto answer = loop.run(model->answer(std::move(query)));
    if (!answer) return std::string(name(answer.error().kind)) + ": " + answer.error().message;
    return std::to_string(answer->loglikelihoods[0].sum);
  }
  Loop loop;
  Simulator simulator;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor());
  std::unique_ptr<Model> model;
};

TEST_F(EchoClientTest, HonestServersAreBelieved) {
  EchoModel own;
  const std::vector<int> tokens = own.tokens("Question: what is red?\nAnswer: stone");
  const std::string wanted = std::to_string(own.score(tokens, 0).back().logprob);
  EXPECT_EQ(said("on"), wanted);
  EXPECT_TRUE(model->deviations().empty());
  EXPECT_EQ(said("vllm"), wanted);
  for (const char* one : {"bos", "bos,vllm", "hidden-bos"}) {
    EXPECT_EQ(said(one), wanted) << one;
    ASSERT_EQ(model->deviations().size(), 1u) << one;
    EXPECT_NE(model->deviations()[0].find("BOS"), std::string::npos);
  }
  EXPECT_EQ(said("bos", true), wanted);
  EXPECT_EQ(said("on", false), wanted);
}

TEST_F(EchoClientTest, EachFaultIsRefusedByItsName) {
  for (auto [fault, words] : {std::pair{"ignored", "does not return the log-probabilities of the prompt"},
                              std::pair{"generated", "did not echo the prompt"},
                              std::pair{"refused", "does not echo prompts"},
                              std::pair{"constant", "every token has the same"},
                              std::pair{"deaf", "no likelier where it stands the second time"},
                              std::pair{"fickle", "others the second time"},
                              std::pair{"positive", "above zero"},
                              std::pair{"short", "does not return the log-probabilities of the prompt"},
                              std::pair{"null", "has no log-probability"},
                              std::pair{"nan", "has no log-probability"},
                              std::pair{"no-offsets", "does not return the log-probabilities of the prompt"},
                              std::pair{"no-tops", "does not name the likeliest token"},
                              std::pair{"two-bos", "a doubled BOS"}}) {
    const std::string what = said(fault);
    EXPECT_TRUE(what.starts_with("unsupported: ")) << fault << ": " << what;
    EXPECT_NE(what.find(words), std::string::npos) << fault << ": " << what;
  }
  EXPECT_NE(said("on", true).find("a missing BOS"), std::string::npos);
  EXPECT_NE(said("bos", false).find("bos=off asks for none"), std::string::npos);
}

TEST_F(EchoClientTest, AFaultThatComesLaterIsAMalformedAnswer) {
  EXPECT_TRUE(said("later,null").starts_with("bad_response: "));
  EXPECT_TRUE(said("later,nan").starts_with("bad_response: "));
}

TEST_F(EchoClientTest, AServerWithoutTheAddressStillHasTheOthers) {
  simulator.otherwise(SimulatedReply::answers(404, R"({"detail":"Not Found"})"));
  EXPECT_TRUE(said("on").starts_with("unsupported: "));
  simulator.otherwise(SimulatedReply::answers(404, R"({"error":{"message":"The model `sim` does not exist.","code":404}})"));
  EXPECT_TRUE(said("on").starts_with("model_missing: "));
}

}  // namespace
}  // namespace assay::test
