// Echoed log-probabilities: what is taken, what is refused, and that the server is looked at once before it is believed.
#include "model/http/echo_logprobs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/text.h"
#include "model/http/openai.h"
#include "model/http/openai_dialect.h"
#include "support/loop.h"

namespace assay::test {
namespace {

/// A server with a model that knows one thing: a pair of words that has been seen in the text is likely to come again.
class EchoServer final : public Transport {
 public:
  enum class Kind { honest, constant, deaf, fickle, positive, silent, topless };
  Kind kind = Kind::honest;
  int bos = 0;
  bool bos_counts = false;  // in the offsets, as in vLLM
  int checks = 0, requests = 0;
  int refuse_first = 0;  // with 503

  Async<HttpResponse> send(HttpRequest request) override {
    ++requests;
    HttpResponse out;
    out.status = 200;
    if (refuse_first > 0) {
      --refuse_first;
      out.status = 503;
      co_return out;
    }
    json::value body = *parse_json(request.body);
    EXPECT_TRUE(body.at("echo").as_bool());
    EXPECT_EQ(body.at("max_tokens").as_int64(), 1);
    EXPECT_EQ(body.at("logprobs").as_int64(), 1);
    EXPECT_EQ(body.at("temperature").as_int64(), 0);
    json::array prompts = body.at("prompt").is_array() ? body.at("prompt").as_array() : json::array{body.at("prompt")};
    if (!prompts.empty() && text(prompts[0]) == echo_probes()[0]) ++checks;
    json::array choices;
    for (std::size_t i = prompts.size(); i-- > 0;) choices.push_back(choice(i, text(prompts[i])));
    out.body = write_json(json::object{{"model", "toy"}, {"choices", std::move(choices)}});
    co_return out;
  }

 private:
  static std::string text(const json::value& value) { return std::string(value.as_string()); }

  json::value choice(std::size_t index, const std::string& prompt) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < prompt.size();) {
      std::size_t end = std::min(prompt.find(' ', at + 1), prompt.size());
      words.push_back(prompt.substr(at, end - at));
      at = end;
    }
    json::array tokens, values, offsets, tops;
    std::int64_t offset = 0;
    auto add = [&](const std::string& token, json::value value, std::int64_t length) {
      tokens.emplace_back(token);
      tops.push_back(value.is_null() ? json::value() : json::value(json::object{{token, value}}));
      values.push_back(tokens.size() == 1 ? json::value() : std::move(value));
      offsets.emplace_back(offset);
      offset += length;
    };
    for (int i = 0; i < bos; ++i) add("<s>", -1.0, bos_counts ? 3 : 0);
    std::map<std::pair<std::string, std::string>, int> seen;
    if (kind == Kind::silent) words.clear();
    for (std::size_t k = 0; k < words.size(); ++k) {
      std::string before = k > 0 ? std::string(strip(words[k - 1])) : "", word(strip(words[k]));
      double value = seen[{before, word}]++ > 0 ? -0.25 : -4.0 - static_cast<double>(word.size()) / 8;
      if (kind == Kind::constant) value = -9.7;
      if (kind == Kind::deaf) value = -4.0 - static_cast<double>(word.size());
      if (kind == Kind::fickle) value -= 0.5 * static_cast<double>(index);
      if (kind == Kind::positive) value = 0.5;
      add(words[k], value, static_cast<std::int64_t>(count_code_points(words[k])));
    }
    add(" more", -0.5, 5);
    json::object logprobs{{"tokens", tokens}, {"token_logprobs", values}, {"text_offset", offsets}, {"top_logprobs", tops}};
    if (kind == Kind::topless) logprobs.erase("top_logprobs");
    return json::object{{"index", index}, {"logprobs", std::move(logprobs)}};
  }
};

struct EchoTest : testing::Test {
  Model& model() {
    if (!made) {
      OpenAiOptions options;
      options.base = "http://127.0.0.1:1/v1";
      options.model = "toy";
      options.echo_check = check;
      made = make_openai_model(options, server, system_clock());
    }
    return *made;
  }
  Result<Response> score(LoglikelihoodGroup group) {
    Query query;
    query.request = std::move(group);
    return loop.run(model().answer(std::move(query)));
  }
  Loop loop;
  EchoServer server;
  bool check = true;
  std::unique_ptr<Model> made;
};
const LoglikelihoodGroup kGroup{"red blue red", {{"", " blue"}, {"", " stone grey"}}};

TEST_F(EchoTest, AServerThatKnowsItsTextIsBelievedAfterOneLook) {
  for (int i = 0; i < 3; ++i) {
    auto answer = score(kGroup);
    ASSERT_TRUE(answer) << to_string(answer.error());
    ASSERT_EQ(answer->loglikelihoods.size(), 2u);
    EXPECT_EQ(answer->loglikelihoods[0].sum, -0.25);
    EXPECT_EQ(answer->loglikelihoods[1].sum, -4 - 5 / 8.0 - 4 - 4 / 8.0);
    EXPECT_EQ(answer->loglikelihoods[1].tokens, 2);
  }
  EXPECT_EQ(server.checks, 1);
  EXPECT_EQ(server.requests, 4);
  EXPECT_TRUE(model().deviations().empty());
  EXPECT_EQ(model().facts().at("echo").at("special_tokens_before_a_text"), 0);
}

TEST_F(EchoTest, ABosIsNoticedWhereverTheOffsetsBegin) {
  for (bool counts : {false, true}) {
    server.bos = 1;
    server.bos_counts = counts;
    made.reset();
    auto answer = score(kGroup);
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_EQ(answer->loglikelihoods[0].sum, -0.25) << counts;
    EXPECT_EQ(answer->loglikelihoods[1].tokens, 2) << counts;
    ASSERT_EQ(model().deviations().size(), 1u);
    EXPECT_NE(model().deviations()[0].find("BOS"), std::string::npos);
    EXPECT_EQ(answer->deviations, model().deviations());
    // Without any context the BOS is the context.
    auto bare = score({"", {{"", "red"}}});
    ASSERT_TRUE(bare) << to_string(bare.error());
    EXPECT_EQ(bare->loglikelihoods[0].tokens, 1);
  }
  server.bos = 2;
  made.reset();
  auto doubled = score(kGroup);
  ASSERT_FALSE(doubled);
  EXPECT_EQ(doubled.error().kind, ErrorKind::unsupported);
  EXPECT_NE(doubled.error().message.find("doubled BOS"), std::string::npos);
}

TEST_F(EchoTest, ChanceIsRefusedUnlessTheCheckIsOff) {
  for (auto [kind, word] : {std::pair{EchoServer::Kind::constant, "every token"},
                            std::pair{EchoServer::Kind::deaf, "no likelier"}, std::pair{EchoServer::Kind::fickle, "second time"},
                            std::pair{EchoServer::Kind::positive, "above zero"}, std::pair{EchoServer::Kind::silent, "echo"},
                            std::pair{EchoServer::Kind::topless, "top_logprobs"}}) {
    SCOPED_TRACE(word);
    server.kind = kind;
    server.requests = 0;
    made.reset();
    auto refused = score(kGroup);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
    EXPECT_FALSE(score(kGroup));
    EXPECT_EQ(server.requests, 1) << "the verdict is kept";
  }
  check = false;
  server.checks = 0;
  server.kind = EchoServer::Kind::deaf;
  made.reset();
  EXPECT_TRUE(score(kGroup));
  EXPECT_EQ(server.checks, 0);
}

// Without the likeliest token beside each nobody knows whether a continuation is what the model would have written.
TEST_F(EchoTest, WithoutTheLikeliestTokensNothingIsGreedy) {
  check = false;
  server.kind = EchoServer::Kind::topless;
  auto refused = score(kGroup);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
  EXPECT_NE(refused.error().hint.find("gguf:"), std::string::npos);
  auto greedy = [](const char* tops) {
    auto body = parse_json(std::string(R"({"choices":[{"logprobs":{"tokens":["a","b","c","d"],"token_logprobs":[null,-1,-2,-1],)") +
                           R"("text_offset":[0,1,2,3],"top_logprobs":)" + tops + "}}]}");
    auto read = openai_echo_response(*body, {"ab", {{"", "c"}}});
    return !read ? std::string(name(read.error().kind)) : read->front().greedy ? "greedy" : "not greedy";
  };
  EXPECT_EQ(greedy(R"([null,{"b":-1},{"c":-2},{"d":-1}])"), "greedy");
  EXPECT_EQ(greedy(R"([null,{"b":-1},{"c":-2,"x":-0.5},{"d":-1}])"), "not greedy");
  EXPECT_EQ(greedy(R"([null,null,{"c":-2},null])"), "greedy") << "of the continuation's tokens alone it is needed";
  for (const char* tops : {"null", "[]", R"([null,{"b":-1}])", R"([null,{"b":-1},null,{"d":-1}])", R"([null,{"b":-1},{},{"d":-1}])", R"([null,{"b":-1},{"c":"x"},{"d":-1}])"})
    EXPECT_EQ(greedy(tops), "unsupported") << tops;
}

TEST_F(EchoTest, ATransportFailureIsNoVerdict) {
  server.refuse_first = 1;
  auto failed = score(kGroup);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::server);
  EXPECT_TRUE(score(kGroup));
}

TEST_F(EchoTest, BlanksThatEndAContextBelongToTheContinuation) {
  auto one = score({"red blue red ", {{"", "blue"}}}), other = score(kGroup);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->loglikelihoods[0].sum, other->loglikelihoods[0].sum);
}

TEST(EchoLogprobs, ShapesThatCannotBeTrustedAreErrors) {
  const std::vector<std::string> prompt{"ab"};
  auto kind = [&](const char* logprobs) {
    auto body = parse_json(std::string(R"({"choices":[{"index":0,"logprobs":)") + logprobs + "}]}");
    auto read = read_echoes(*body, prompt);
    return read ? std::string("read") : std::string(name(read.error().kind));
  };
  EXPECT_EQ(kind(R"({"tokens":["a","b"],"token_logprobs":[null,-1],"text_offset":[0,1]})"), "read");
  EXPECT_EQ(kind(R"({"tokens":["a","b"],"token_logprobs":[null,-1],"text_offset":[0]})"), name(ErrorKind::unsupported));
  EXPECT_EQ(kind(R"({"tokens":["a","b"],"token_logprobs":[null,-1],"text_offset":[0,"1"]})"), name(ErrorKind::unsupported));
  EXPECT_EQ(kind(R"({"tokens":["a","b"],"token_logprobs":[null,null],"text_offset":[0,1]})"), name(ErrorKind::bad_response));
  EXPECT_EQ(kind(R"({"tokens":["a","b"],"token_logprobs":[null,0.5],"text_offset":[0,1]})"), name(ErrorKind::bad_response));
  EXPECT_EQ(kind(R"({"tokens":["a","b"],"token_logprobs":[null,"x"],"text_offset":[0,1]})"), name(ErrorKind::bad_response));
  EXPECT_EQ(kind(R"({"tokens":["a","b","c"],"token_logprobs":[null,-1,-1],"text_offset":[0,5,1]})"),
            name(ErrorKind::bad_response));
  EXPECT_EQ(kind("{}"), name(ErrorKind::unsupported));
}

}  // namespace
}  // namespace assay::test
