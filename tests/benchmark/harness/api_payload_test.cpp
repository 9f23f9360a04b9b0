// What the harness sends to APIs and reads from them, against its own vectors.
#include "benchmark/harness/api_payload.h"

#include "base/text.h"
#include "benchmark/harness/golden.h"

namespace assay::harness::test {
namespace {

ApiClass class_of(const json::value& vector) {
  const std::string name = *get_string(vector, "class");
  return name == "LocalCompletionsAPI"    ? ApiClass::completions
         : name == "LocalChatCompletion"  ? ApiClass::local_chat
         : name == "OpenAIChatCompletion" ? ApiClass::openai_chat
                                          : ApiClass::anthropic;
}

std::vector<std::int64_t> whole_numbers(const json::value& list) {
  std::vector<std::int64_t> out;
  for (const json::value& one : list.as_array()) out.push_back(one.as_int64());
  return out;
}

TEST(ApiPayload, IsTheHarnesss) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_api.json");
  const json::array& vectors = golden("head_api.json").at("payloads").as_array();
  EXPECT_EQ(vectors.size(), 10u);
  for (const json::value& one : vectors) {
    const json::value& input = one.at("input");
    SCOPED_TRACE(write_json(one.at("payload")));
    const std::string model = get_string(one, "model").value_or("m");
    const std::int64_t seed = get_integer(input, "seed").value_or(1);
    const json::value& asked = input.at("messages");
    if (!get_bool(input, "generate").value_or(true)) {
      EXPECT_EQ(json::value(echo_payload(model, asked, seed)), one.at("payload"));
      continue;
    }
    std::vector<Message> messages;
    if (asked.is_array())
      for (const json::value& message : asked.as_array())
        messages.push_back({*get_string(message, "role"), *get_string(message, "content")});
    const std::optional<std::string> eos = find(input, "eos") ? get_string(input, "eos") : default_eos(class_of(one));
    json::object made = generation_payload(class_of(one), model, asked.is_string() ? std::string(asked.as_string()) : "",
                                           messages, input.at("gen_kwargs").as_object(), seed, eos);
    EXPECT_EQ(write_json(made), write_json(one.at("payload")));
  }
}

TEST(ApiPayload, Corners) {
  auto made = [](ApiClass api, const char* kwargs, std::optional<std::string> eos, const std::string& model = "m") {
    const std::vector<Message> messages{{"user", "q"}, {"system", "s"}};
    return write_json(generation_payload(api, model, "p", messages, parse_json(kwargs)->as_object(), 1, eos));
  };
  // No end is said: the task's stops alone; of a task that has none the class's own.
  EXPECT_TRUE(contains(made(ApiClass::openai_chat, R"({"until":["a"]})", std::nullopt), R"("stop":["a"])"));
  EXPECT_TRUE(contains(made(ApiClass::openai_chat, "{}", "</s>"), R"("stop":["<|endoftext|>","</s>"])"));
  EXPECT_TRUE(contains(made(ApiClass::openai_chat, R"({"until":null})", std::nullopt), R"("stop":[])"));
  EXPECT_FALSE(contains(made(ApiClass::openai_chat, R"({"until":["a"],"stop":["b"]})", "</s>", "o1"), "stop"));
  EXPECT_TRUE(contains(made(ApiClass::anthropic, R"({"until":["\n"]})", std::nullopt), R"("stop_sequences":["\n\nHuman:"])"));
  EXPECT_TRUE(contains(made(ApiClass::anthropic, R"({"until":["a"]})", std::nullopt), R"("stop_sequences":["a"])"));
  // A system message that does not lead stays where it is; what is not taken travels on.
  EXPECT_TRUE(contains(made(ApiClass::anthropic, "{}", std::nullopt), R"({"role":"system")"));
  EXPECT_EQ(made(ApiClass::completions, R"({"max_tokens":3,"max_gen_toks":4})", std::nullopt),
            R"({"prompt":"p","model":"m","max_tokens":3,"temperature":0,"stop":[],"seed":1,"max_gen_toks":4})");
  auto texts = [](const char* response, std::optional<std::string> think_end = std::nullopt, ApiClass api = ApiClass::local_chat) {
    return write_json(read_generations(api, *parse_json(response), think_end));
  };
  EXPECT_EQ(texts(R"({"choices":[{"index":1,"message":{"content":"b"}},{"index":0,"message":{}}]})"), R"([""])");
  EXPECT_EQ(texts(R"({"choices":[{"index":1,"message":{"content":"b"}},{"index":1,"message":{"content":"c"}}]})"), R"([null,"c"])");
  EXPECT_EQ(texts(R"({"choices":[{"index":2,"message":{"content":"b"}}]})"), R"([""])");
  EXPECT_EQ(texts(R"({"choices":[]})"), "[]");
  EXPECT_EQ(texts(R"({"choices":[{"index":0,"text":"\n b "}]})", "</think>", ApiClass::completions), R"(["b "])");
  // Greedy is what equals the best of the tokens shown.
  auto echoed = read_echo(*parse_json(R"({"choices":[{"index":0,"logprobs":{"token_logprobs":[null,-1,-9],"top_logprobs":[null,{"x":-2},{}]}}]})"), {1});
  ASSERT_TRUE(echoed);
  EXPECT_FALSE((*echoed)[0].second);
}

TEST(ApiPayload, EchoedAnswersAreReadAsTheHarnessDoes) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_api.json");
  for (const json::value& one : golden("head_api.json").at("parse_logprobs").as_array()) {
    auto read = read_echo(one.at("response"), whole_numbers(one.at("ctxlens")));
    ASSERT_TRUE(read) << to_string(read.error());
    const json::array& expected = one.at("result").as_array();
    ASSERT_EQ(read->size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ((*read)[i].first, expected[i].at(0).to_number<double>());
      EXPECT_EQ((*read)[i].second, expected[i].at(1).as_bool());
    }
  }
  const json::value& first = golden("head_api.json").at("parse_logprobs").at(0).at("response");
  EXPECT_FALSE(read_echo(first, {1}));
  EXPECT_FALSE(read_echo(first, {0, 1}));
  EXPECT_FALSE(
      read_echo(*parse_json(R"({"choices":[{"logprobs":{"token_logprobs":[null,null,-1],"top_logprobs":[null,{},{}]}}]})"), {1}));
  EXPECT_FALSE(read_echo(*parse_json("[]"), {1}));
}

TEST(ApiPayload, RequestsAreCutAsTheHarnessDoes) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_api.json");
  const json::array& vectors = golden("head_api.json").at("truncation").as_array();
  EXPECT_EQ(vectors.size(), 4u);
  for (const json::value& one : vectors) {
    const CutRequest cut = cut_request(whole_numbers(one.at("context_tokens")), whole_numbers(one.at("continuation_tokens")),
                                       one.at("max_length_arg").as_int64());
    EXPECT_EQ(cut.input, whole_numbers(one.at("input")));
    EXPECT_EQ(cut.context_length, one.at("ctxlen").as_int64());
  }
}

TEST(ApiPayload, GenerationsAreReadAsTheHarnessDoes) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/head_api.json");
  const json::array& vectors = golden("head_api.json").at("parse_generations").as_array();
  EXPECT_EQ(vectors.size(), 7u);
  for (const json::value& one : vectors)
    EXPECT_EQ(json::value(read_generations(class_of(one), one.at("response"), get_string(one, "think_end_token"))),
              one.at("result"))
        << write_json(one);
}

TEST(ApiPayload, ClassesByName) {
  EXPECT_EQ(api_class("openai-completions"), ApiClass::completions);
  EXPECT_EQ(api_class("anthropic-chat"), ApiClass::anthropic);
  EXPECT_EQ(api_class("hf"), std::nullopt);
}

}  // namespace
}  // namespace assay::harness::test
