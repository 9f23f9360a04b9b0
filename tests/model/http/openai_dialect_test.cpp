// Bodies and answers of OpenAI's dialect as pure functions, and the requests of the original program.
#include "model/http/openai_dialect.h"

#include <gtest/gtest.h>

#include "model/http/anthropic_dialect.h"
#include "support/shared_data.h"

namespace assay {
namespace {

json::value parse(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(nullptr);
}

Generate ask(std::string text, Sampling sampling = {}) {
  Generate out;
  out.messages.push_back({"user", std::move(text)});
  out.sampling = std::move(sampling);
  return out;
}

Response chat(std::string_view body) {
  auto out = openai_chat_response(parse(body));
  EXPECT_TRUE(out) << (out ? "" : to_string(out.error()));
  return out.value_or(Response{});
}

TEST(OpenAiBody, WhatIsNotSetIsNotSent) {
  EXPECT_EQ(write_json(openai_chat_body(ask("hi"), "m", {}).json),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(write_json(openai_chat_body(ask("hi"), "", {}).json), R"({"messages":[{"role":"user","content":"hi"}]})");
}

TEST(OpenAiBody, EverythingThatIsSetIsSent) {
  Generate request = ask("hi", {.temperature = 0.5,
                                .top_p = 0.9,
                                .min_p = 0.1,
                                .top_k = 40,
                                .max_tokens = 60,
                                .seed = 7,
                                .stop = {"a", "b"},
                                .top_logprobs = 5});
  request.tools = parse(R"([{"type":"function","function":{"name":"f"}}])");
  request.tool_choice = "auto";
  request.response_format = parse(R"({"type":"json_object"})");
  EXPECT_EQ(
      write_json(openai_chat_body(request, "m", {}).json),
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5,"max_tokens":60,"top_p":0.9,"min_p":0.1,"top_k":40,"seed":7,)"
      R"("stop":["a","b"],"logprobs":true,"top_logprobs":5,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"auto",)"
      R"("response_format":{"type":"json_object"}})");
  Generate raw;
  raw.prompt = "once";
  raw.sampling.top_logprobs = 3;
  EXPECT_EQ(write_json(openai_completion_body(raw, "m", {}).json), R"({"model":"m","prompt":"once","logprobs":3})");
}

TEST(OpenAiBody, ChatTextIsTheChatBodyWrittenOut) {
  Generate several;
  several.messages = {{"system", "line\nline \"quoted\" \x01"}, {"user", std::string(3000, 'x') + "\u00e4"}, {"assistant", ""}};
  Generate tools = ask("hi");
  tools.tools = json::array{{{"type", "function"}, {"function", {{"name", "f"}, {"parameters", json::object()}}}}};
  tools.tool_choice = "auto";
  tools.response_format = json::object{{"type", "json_object"}};
  Sampling all{.temperature = 0.1 + 0.2, .top_p = 1.0, .min_p = 1e-7, .top_k = 40, .max_tokens = 60, .seed = -7, .stop = {"a\n", "b"}};
  all.top_logprobs = 5;
  Sampling ones{.temperature = 1.0, .top_p = 0.5};
  ones.top_logprobs = 0;
  ParameterQuirks picky;
  picky.refused = {"temperature", "stop", "logprobs"};
  picky.max_completion_tokens = true;
  for (Generate request : {ask("hi"), several, tools, Generate()})
    for (const Sampling& sampling : {Sampling(), all, ones})
      for (const ParameterQuirks& quirks : {ParameterQuirks(), quirks_by_name("o1"), picky})
        for (std::string_view model : {"", "org/\"m\""}) {
          request.sampling = sampling;
          OpenAiBody body = openai_chat_body(request, model, quirks);
          OpenAiText text = openai_chat_text(request, model, quirks);
          EXPECT_EQ(text.json, write_json(body.json));
          EXPECT_EQ(text.sent, body.sent);
          EXPECT_EQ(text.left_out, body.left_out);
        }
}

TEST(OpenAiBody, ThinkingModelsAreKnownByName) {
  for (const char* model : {"o1", "o1-preview", "o3-mini", "o4-mini-2025", "gpt-5", "gpt-5-mini", "gpt-5.1", "openai/o3"})
    EXPECT_TRUE(quirks_by_name(model).refused.contains("temperature") && quirks_by_name(model).max_completion_tokens) << model;
  for (const char* model : {"gpt-4o", "gpt-5-chat-latest", "o1x", "olmo-1", "phi-3", "gpt-50"})
    EXPECT_FALSE(quirks_by_name(model).refused.contains("temperature") || quirks_by_name(model).max_completion_tokens) << model;
  OpenAiBody body = openai_chat_body(ask("hi", {.temperature = 0.01, .max_tokens = 60}), "o1", quirks_by_name("o1"));
  EXPECT_EQ(write_json(body.json), R"({"model":"o1","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":60})");
  EXPECT_EQ(body.left_out, std::vector<std::string>{"temperature"});
  EXPECT_TRUE(openai_chat_body(ask("hi", {.temperature = 1.0}), "o1", quirks_by_name("o1")).left_out.empty());
}

TEST(OpenAiBody, LearnsFromTheWordsOfARefusal) {
  const std::set<std::string> sent{"temperature", "max_tokens", "top_p", "min_p"};
  auto learn = [&](ErrorBody body) {
    ParameterQuirks quirks;
    std::string out = quirks.learn(body, sent) ? "" : "no";
    for (const std::string& name : quirks.refused) out += name;
    return out + (quirks.max_completion_tokens ? "renamed" : "");
  };
  EXPECT_EQ(
      learn({"Unsupported value: 'temperature' does not support 0.01 with this model. Only the default (1) value is supported.",
             "invalid_request_error", "unsupported_value", "temperature"}),
      "temperature");
  EXPECT_EQ(learn({"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                   "invalid_request_error", "unsupported_parameter", "max_tokens"}),
            "renamed");
  EXPECT_EQ(learn({R"([{"loc":["body","min_p"],"msg":"extra fields not permitted"}])", "", "", ""}), "min_p");
  EXPECT_EQ(learn({"`temperature` and `top_p` cannot both be specified for this model.", "invalid_request_error", "", ""}),
            "temperature");
  // A value out of range, or a prompt too long, is no refusal of the parameter.
  EXPECT_EQ(learn({"max_tokens is too large: 5000. This model supports at most 4096 completion tokens", "invalid_request_error",
                   "", "max_tokens"}),
            "no");
  EXPECT_EQ(learn({"This model's maximum context length is 4097 tokens", "invalid_request_error", "context_length_exceeded",
                   "messages"}),
            "no");
  EXPECT_EQ(learn({"unknown parameter: 'frobnicate'", "", "", "frobnicate"}), "no");
  // What was not sent cannot be left out.
  EXPECT_EQ(learn({"'seed' is not supported", "", "", "seed"}), "no");
  ParameterQuirks twice;
  ErrorBody again{"'temperature' is not supported", "", "", "temperature"};
  EXPECT_TRUE(twice.learn(again, sent));
  EXPECT_TRUE(twice.learn(again, sent)) << "another request was on its way when the first one was refused";
  EXPECT_FALSE(twice.learn(again, {"max_tokens", "top_p", "min_p"})) << "what was left out already cannot be left out again";
}

TEST(OpenAiBody, RequestsInFlightLearnTheSameNameOfMaxTokens) {
  const ErrorBody use_new{"'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "", "", "max_tokens"};
  const ErrorBody no_new{"Unrecognized request argument: max_completion_tokens", "", "", "max_completion_tokens"};
  ParameterQuirks quirks;
  EXPECT_TRUE(quirks.learn(use_new, {"max_tokens"}));
  EXPECT_TRUE(quirks.learn(use_new, {"max_tokens"}));
  EXPECT_TRUE(quirks.max_completion_tokens);

  quirks = quirks_by_name("o1");
  EXPECT_TRUE(quirks.learn(no_new, {"max_completion_tokens"}));
  EXPECT_TRUE(quirks.learn(no_new, {"max_completion_tokens"}));
  EXPECT_FALSE(quirks.max_completion_tokens) << "the old name is tried";

  // Neither name is taken: both are left out, also when a request that was sent long ago is refused only now.
  EXPECT_TRUE(quirks.learn(use_new, {"max_tokens"}));
  EXPECT_TRUE(quirks.learn(no_new, {"max_completion_tokens"}));
  OpenAiBody body = openai_chat_body(ask("hi", {.max_tokens = 60}), "m", quirks);
  EXPECT_TRUE(body.sent.empty());
  EXPECT_EQ(body.left_out, std::vector<std::string>{"max_completion_tokens"});
}

TEST(OpenAiAnswer, TextUsageFinishAndName) {
  Response r = chat(
      R"({"model":"gpt-x","system_fingerprint":"fp_1","choices":[{"index":0,"message":{"role":"assistant","content":" hi "},"finish_reason":"length"}],
    "usage":{"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}})");
  EXPECT_EQ(r.text, " hi ");
  EXPECT_EQ(r.finish, Finish::length);
  EXPECT_EQ(r.finish_raw, "length");
  EXPECT_EQ(r.model_reported, "gpt-x fp_1");
  EXPECT_EQ(r.usage.input_tokens, 12);
  EXPECT_EQ(r.usage.output_tokens, 3);
  EXPECT_EQ(r.usage.cached_tokens, 4);
  EXPECT_EQ(r.usage.reasoning_tokens, 2);
}

TEST(OpenAiAnswer, ReasoningIsKeptApart) {
  Response r = chat(R"({"choices":[{"message":{"content":"42","reasoning_content":"thinking hard"},"finish_reason":"stop"}]})");
  EXPECT_EQ(r.text + "|" + r.reasoning, "42|thinking hard");
  r = chat(R"({"choices":[{"message":{"content":"42","reasoning":"router's way"},"finish_reason":"stop"}]})");
  EXPECT_EQ(r.text + "|" + r.reasoning, "42|router's way");
  r = chat(R"({"choices":[{"message":{"content":"<think>\nhm\n</think>\n\nSad: 3"},"finish_reason":"stop"}]})");
  EXPECT_EQ(r.text + "|" + r.reasoning, "Sad: 3|hm");
  r = chat(R"({"choices":[{"message":{"content":"<think>never ends"},"finish_reason":"length"}]})");
  EXPECT_EQ(r.text + "|" + r.reasoning, "|never ends");
  EXPECT_EQ(r.finish, Finish::length);
  r = chat(
      R"({"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]},{"type":"text","text":"b"},{"type":"text","text":"c"}]}}]})");
  EXPECT_EQ(r.text + "|" + r.reasoning, "bc|a");
}

TEST(OpenAiAnswer, RefusalsFiltersAndTools) {
  Response r = chat(R"({"choices":[{"message":{"content":null,"refusal":"I cannot do that"},"finish_reason":"stop"}]})");
  EXPECT_EQ(r.text, "I cannot do that");
  EXPECT_EQ(r.finish, Finish::content_filter);
  EXPECT_EQ(r.finish_raw, "refusal");
  r = chat(R"({"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]})");
  EXPECT_EQ(r.finish, Finish::content_filter);
  r = chat(
      R"({"choices":[{"message":{"content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})");
  EXPECT_EQ(r.text, "");
  EXPECT_EQ(r.finish, Finish::tool_calls);
  EXPECT_EQ(write_json(r.tool_calls), R"([{"id":"1","function":{"name":"f","arguments":"{}"}}])");
}

TEST(OpenAiAnswer, LogprobsOfBothEndpoints) {
  Response r = chat(R"({"choices":[{"message":{"content":"a"},"logprobs":{"content":[
    {"token":"a","logprob":-0.5,"top_logprobs":[{"token":"b","logprob":-2},{"token":"a","logprob":-0.5}]}]}}]})");
  ASSERT_EQ(r.logprobs.size(), 1u);
  EXPECT_EQ(r.logprobs[0].logprob, -0.5);
  EXPECT_EQ(r.logprobs[0].top[0].first, "a");
  auto completion =
      openai_completion_response(parse(R"({"choices":[{"text":"xy","finish_reason":"stop","logprobs":{"tokens":["x","y"],
    "token_logprobs":[-1,null],"top_logprobs":[{"x":-1,"z":-3},null]}}]})"));
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->text, "xy");
  ASSERT_EQ(completion->logprobs.size(), 2u);
  EXPECT_EQ(completion->logprobs[0].top.size(), 2u);
  EXPECT_EQ(completion->logprobs[1].logprob, -9999);
}

TEST(OpenAiAnswer, WhatTheProtocolDoesNotPromiseIsAnError) {
  for (const char* wrong : {R"({})", R"({"choices":[]})", R"({"choices":null})", R"({"choices":[1]})", R"({"choices":[{}]})",
                            R"({"choices":[{"message":"x"}]})", R"([])", R"("x")", "null"}) {
    auto out = openai_chat_response(parse(wrong));
    ASSERT_FALSE(out) << wrong;
    EXPECT_EQ(out.error().kind, ErrorKind::bad_response) << wrong;
  }
  auto failed = openai_chat_response(
      parse(R"({"choices":[{"error":{"code":502,"message":"upstream died"},"message":{"content":"hal"}}]})"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::server);
  EXPECT_EQ(openai_chat_response(parse(R"({"choices":[{"message":{"content":"x"},"finish_reason":"error"}]})")).error().kind,
            ErrorKind::server);
}

TEST(OpenAiEcho, SumsTheContinuationAlone) {
  LoglikelihoodGroup group{"Ä b", {{" c", " d e"}, {" c", "x"}}};
  // Offsets count code points: "Ä b c" is 5 of them.
  auto out = openai_echo_response(parse(R"({"choices":[
    {"index":1,"logprobs":{"tokens":["Ä"," b"," c","x","!"],"token_logprobs":[null,-1,-1,-4,-9],"text_offset":[0,1,3,5,6],
      "top_logprobs":[null,{},{},{"y":-0.1},{}]}},
    {"index":0,"logprobs":{"tokens":["Ä"," b"," c"," d"," e","!"],"token_logprobs":[null,-1,-1,-0.25,-0.5,-9],"text_offset":[0,1,3,5,7,9],
      "top_logprobs":[null,{},{},{" d":-0.25},{" e":-0.5},{}]}}]})"),
                                  group);
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ((*out)[0].sum, -0.75);
  EXPECT_TRUE((*out)[0].greedy);
  EXPECT_EQ((*out)[0].tokens, 2);
  EXPECT_EQ((*out)[1].sum, -4);
  EXPECT_FALSE((*out)[1].greedy);
}

TEST(OpenAiEcho, ATokenOverTheBoundaryCountsAndNoEchoIsUnsupported) {
  LoglikelihoodGroup group{"", {{"ab", "cd"}}};
  auto out = openai_echo_response(
      parse(
          R"({"choices":[{"index":0,"logprobs":{"tokens":["a","bc","d","!"],"token_logprobs":[null,-2,-1,-7],"text_offset":[0,1,3,4],
              "top_logprobs":[null,{"bc":-2},{"d":-1},{}]}}]})"),
      group);
  ASSERT_TRUE(out);
  EXPECT_EQ((*out)[0].sum, -3);
  auto no_echo = openai_echo_response(
      parse(R"({"choices":[{"index":0,"logprobs":{"tokens":["!"],"token_logprobs":[-7],"text_offset":[0]}}]})"), group);
  ASSERT_FALSE(no_echo);
  EXPECT_EQ(no_echo.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(openai_echo_response(parse(R"({"choices":[{"index":0,"text":"x"}]})"), group).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(openai_echo_response(parse(R"({"choices":[]})"), group).error().kind, ErrorKind::bad_response);
}

TEST(Anthropic, BodyKeepsTheSystemApart) {
  Generate request =
      ask("hi", {.temperature = 0.5, .top_p = 0.9, .min_p = 0.1, .top_k = 3, .max_tokens = 9, .seed = 1, .stop = {"X", "\n\n"}});
  request.messages.insert(request.messages.begin(), {"system", "be kind"});
  request.messages.push_back({"assistant", "well"});
  request.tools = parse(R"([{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}])");
  request.tool_choice = "required";
  auto body = anthropic_body(request, "claude", {"top_p"});
  ASSERT_TRUE(body);
  EXPECT_EQ(
      write_json(body->json),
      R"({"model":"claude","max_tokens":9,"temperature":0.5,"top_k":3,"system":"be kind","messages":[{"role":"user","content":"hi"},)"
      R"({"role":"assistant","content":"well"}],"stream":false,"stop_sequences":["X"],"tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],)"
      R"("tool_choice":{"type":"any"}})");
  EXPECT_EQ(body->left_out, (std::vector<std::string>{"top_p", "seed", "min_p", "stop (white space)"}));
  request.sampling.top_logprobs = 1;
  EXPECT_EQ(anthropic_body(request, "claude", {}).error().kind, ErrorKind::unsupported);
}

TEST(Anthropic, AnswerBlocks) {
  auto out = anthropic_response(parse(
      R"({"model":"claude-x","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"x"},
    {"type":"text","text":"Sad: "},{"type":"text","text":"3"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}],"stop_reason":"max_tokens",
    "usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":1,"output_tokens":7}})"));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->text, "Sad: 3");
  EXPECT_EQ(out->reasoning, "hm");
  EXPECT_EQ(out->finish, Finish::length);
  EXPECT_EQ(out->usage.input_tokens, 16);
  EXPECT_EQ(out->usage.cached_tokens, 5);
  EXPECT_EQ(out->usage.output_tokens, 7);
  EXPECT_EQ(write_json(out->tool_calls), R"([{"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}])");
  for (auto [word, finish] : std::map<std::string, Finish>{{"end_turn", Finish::stop},
                                                           {"stop_sequence", Finish::stop},
                                                           {"tool_use", Finish::tool_calls},
                                                           {"refusal", Finish::content_filter},
                                                           {"pause_turn", Finish::unknown}}) {
    auto r = anthropic_response(json::object{{"content", json::array()}, {"stop_reason", word}});
    ASSERT_TRUE(r);
    EXPECT_EQ(r->finish, finish) << word;
  }
  EXPECT_EQ(anthropic_response(parse(R"({"id":"x"})")).error().kind, ErrorKind::bad_response);
}

/// The requests that the original program's engines send, as captured from it.
TEST(Golden, EngineRequests) {
  ASSAY_NEED_SHARED("golden/eq-bench/engine_requests.json");
  json::value golden = test::load_json(test::shared("golden/eq-bench/engine_requests.json"));
  Sampling sampling{.temperature = 0.01, .max_tokens = 60};
  std::set<std::string> seen;
  for (const json::value& row : golden.at("cases").as_array()) {
    std::string engine(row.at("engine").as_string());
    json::object expected = row.at("captured").as_array()[0].as_object();
    json::object ours;
    if (engine.starts_with("openai")) {
      std::string model(expected.at("model").as_string());
      bool official = engine.find("custom url") == std::string::npos;
      bool completion = official && is_completion_model(model);
      EXPECT_EQ(expected.at("method").as_string() == "completions", completion) << engine;
      expected.erase("method");
      ours = completion ? openai_completion_body(ask("PROMPT", sampling), model, quirks_by_name(model)).json
                        : openai_chat_body(ask("PROMPT", sampling), model, quirks_by_name(model)).json;
    } else if (engine == "anthropic") {
      expected.erase("method");
      auto body = anthropic_body(ask("PROMPT", sampling), expected.at("model").as_string(), {});
      ASSERT_TRUE(body);
      ours = body->json;
    } else if (engine == "mistralai" || engine.starts_with("ooba")) {
      // OpenAI's dialect with members of their own, which HttpModelOptions::extra adds.
      expected = json::object(expected.at("json").as_object());
      Sampling with = sampling;
      if (engine.starts_with("ooba")) with.min_p = 0.1;
      ours = openai_chat_body(ask("PROMPT", with), get_string(expected, "model").value_or(""), {}).json;
      for (const char* extra : {"stream", "mode", "instruction_template", "user_bio"})
        if (const json::value* value = expected.if_contains(extra)) ours[extra] = *value;
    } else {
      continue;
    }
    EXPECT_EQ(write_json(ours, JsonStyle::canonical), write_json(expected, JsonStyle::canonical)) << engine;
    seen.insert(engine);
  }
  EXPECT_EQ(seen.size(), 7u);
}

}  // namespace
}  // namespace assay
