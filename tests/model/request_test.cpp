#include "model/request.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace assay {
namespace {

Generate full_generate() {
  Generate g;
  g.messages = {{"system", "Be \"brief\".\n"}, {"user", "Wie geht's, 世界? \x01"}};
  g.sampling = {.temperature = 0.01, .top_p = 1.0, .min_p = 0.1, .top_k = 40, .max_tokens = 60, .seed = -7, .stop = {"\n", "END"}, .top_logprobs = 5};
  g.tools = json::array{json::object{{"type", "function"}, {"function", {{"name", "f"}, {"b", 1}, {"a", 1.5}}}}};
  g.tool_choice = "auto";
  g.response_format = {{"type", "json_object"}};
  return g;
}

std::vector<Request> examples() {
  Generate chat, raw;
  chat.messages = {{"user", "hello"}};
  raw.prompt = "Once upon";
  raw.sampling.max_tokens = 1;
  LoglikelihoodGroup group;
  group.shared_prefix = "few\nshots ";
  group.items = {{"Q: 1+1 A:", " 2"}, {"", "ä"}};
  Generate bare = raw;
  bare.bos = false;
  bare.cut_left = true;
  return {chat, raw, full_generate(), group, LoglikelihoodGroup{}, Rolling{"a \"text\""}, Rolling{}, bare};
}

TEST(Request, CanonicalTextIsTheCanonicalJsonOfTheValue) {
  for (const Request& request : examples()) EXPECT_EQ(canonical_json(request), write_json(to_json(request), JsonStyle::canonical));
}

TEST(Request, CanonicalTextIsWrittenDown) {
  // A change here changes every key: all journals would forget their answers.
  auto all = examples();
  EXPECT_EQ(canonical_json(all[0]), R"({"kind":"generate","messages":[{"content":"hello","role":"user"}]})");
  EXPECT_EQ(canonical_json(all[1]), R"({"kind":"generate","prompt":"Once upon","sampling":{"max_tokens":1}})");
  EXPECT_EQ(canonical_json(all[2]),
            R"({"kind":"generate","messages":[{"content":"Be \"brief\".\n","role":"system"},{"content":"Wie geht's, 世界? \u0001","role":"user"}],)"
            R"("response_format":{"type":"json_object"},"sampling":{"max_tokens":60,"min_p":0.1,"seed":-7,"stop":["\n","END"],"temperature":0.01,)"
            R"("top_k":40,"top_logprobs":5,"top_p":1.0},"tool_choice":"auto","tools":[{"function":{"a":1.5,"b":1,"name":"f"},"type":"function"}]})");
  EXPECT_EQ(canonical_json(all[3]), R"({"items":[{"context":"Q: 1+1 A:","continuation":" 2"},{"context":"","continuation":"ä"}],"kind":"loglikelihood","shared_prefix":"few\nshots "})");
  EXPECT_EQ(canonical_json(all[5]), R"({"kind":"rolling","text":"a \"text\""})");
  EXPECT_EQ(canonical_json(all[7]), R"({"bos":false,"cut_left":true,"kind":"generate","prompt":"Once upon","sampling":{"max_tokens":1}})");
  EXPECT_EQ(canonical_json(Draw{2, 1, 3}), R"({"ask":1,"epoch":3,"iteration":2})");
}

TEST(Request, RoundTrip) {
  for (const Request& request : examples()) {
    std::string text = canonical_json(request);
    auto value = parse_json(text);
    ASSERT_TRUE(value);
    auto back = request_from_json(*value);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(canonical_json(*back), text);
  }
  auto draw = draw_from_json(*parse_json(canonical_json(Draw{2, 1, 3})));
  ASSERT_TRUE(draw);
  EXPECT_EQ(*draw, (Draw{2, 1, 3}));
}

TEST(Request, MalformedJsonIsRefusedByName) {
  auto error = [](const char* text) {
    auto request = request_from_json(*parse_json(text));
    return request ? std::string("no error") : request.error().message;
  };
  EXPECT_EQ(error("{}"), "the request has no \"kind\"");
  EXPECT_EQ(error("[]"), "the request has no \"kind\"");
  EXPECT_EQ(error(R"({"kind":"dance"})"), "unknown kind of request: dance");
  EXPECT_EQ(error(R"({"kind":"generate","messages":3})"), "\"messages\" of the request is not an array");
  EXPECT_EQ(error(R"({"kind":"generate","messages":["x"]})"), "a message is not an object");
  EXPECT_EQ(error(R"({"kind":"generate","prompt":1})"), "\"prompt\" of the request is not a string");
  EXPECT_EQ(error(R"({"kind":"generate","sampling":{"top_k":1.5}})"), "\"top_k\" of \"sampling\" is not an integer");
  EXPECT_EQ(error(R"({"kind":"generate","sampling":{"max_tokens":99999999999}})"), "\"max_tokens\" of \"sampling\" is not an integer");
  EXPECT_EQ(error(R"({"kind":"generate","sampling":{"stop":[1]}})"), "\"stop\" of \"sampling\" is not an array of strings");
  EXPECT_EQ(error(R"({"kind":"loglikelihood","items":[{"context":1}]})"), "\"context\" of an item is not a string");
  EXPECT_EQ(error(R"({"kind":"rolling","text":[]})"), "\"text\" of the request is not a string");
}

TEST(Request, KeysTellApartWhatMustBe) {
  Generate g;
  g.messages = {{"user", "hello"}};
  Key base = request_key("{}", g, Draw{});
  EXPECT_EQ(base, request_key("{}", g, Draw{}));
  EXPECT_EQ(base, key_of("{}\n" + canonical_json(Request(g)) + "\n{\"ask\":0,\"epoch\":0,\"iteration\":1}"));
  EXPECT_NE(base, request_key("{\"a\":1}", g, Draw{}));
  EXPECT_NE(base, request_key("{}", g, (Draw{2, 0, 0})));
  EXPECT_NE(base, request_key("{}", g, (Draw{1, 1, 0})));
  EXPECT_NE(base, request_key("{}", g, (Draw{1, 0, 1})));
  Generate warm = g;
  warm.sampling.temperature = 0.0;
  EXPECT_NE(base, request_key("{}", warm, Draw{}));
  // The same text as prompt and as message are two requests.
  Generate raw;
  raw.prompt = "hello";
  EXPECT_NE(base, request_key("{}", raw, Draw{}));
}

TEST(Response, RoundTrip) {
  Response r;
  r.text = "Sad: 5 😀";
  r.reasoning = "hm";
  r.finish = Finish::length;
  r.finish_raw = "max_tokens";
  r.truncated = true;
  r.tool_calls = json::array{json::object{{"id", "1"}}};
  r.logprobs = {{"Sad", -0.25, {{"Sad", -0.25}, {"Mad", -HUGE_VAL}}}, {":", -1, {}}};
  r.loglikelihoods = {{-12.5, true, 3, false}, {-HUGE_VAL, false, 1, true}};
  r.usage = {.input_tokens = 10, .output_tokens = 0, .cached_tokens = 4, .reasoning_tokens = 2};
  r.latency = 0.125;
  r.model_reported = "m-2024";
  r.deviations = {"seed not accepted by m", "messages \"joined\""};
  r.raw = "{\"choices\":[]}";
  r.from_journal = true;
  r.key = key_of("x");
  std::string text = write_json(to_json(r));
  auto value = parse_json(text);
  ASSERT_TRUE(value) << text;
  auto back = response_from_json(*value);
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(write_json(to_json(*back)), text);
  EXPECT_EQ(back->text, r.text);
  EXPECT_EQ(back->finish, Finish::length);
  EXPECT_EQ(back->logprobs[0].top[1].second, -HUGE_VAL);
  EXPECT_EQ(back->loglikelihoods[1].sum, -HUGE_VAL);
  EXPECT_TRUE(back->loglikelihoods[1].truncated);
  EXPECT_TRUE(back->truncated);
  EXPECT_EQ(back->usage.output_tokens, 0);
  EXPECT_EQ(back->deviations, r.deviations);
  EXPECT_FALSE(back->from_journal);
  EXPECT_EQ(back->key, Key{});
  EXPECT_EQ(text.find("from_journal"), std::string::npos);

  auto empty = response_from_json(*parse_json("{}"));
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->finish, Finish::unknown);
  EXPECT_FALSE(empty->usage.input_tokens);
}

TEST(Response, CountsThatNoAnswerCanHaveAreNone) {
  auto back = response_from_json(*parse_json(
      R"({"usage":{"input_tokens":-5,"output_tokens":9223372036854775807,"cached_tokens":1000000000000,"reasoning_tokens":1000000000001}})"));
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(back->usage.input_tokens, std::nullopt);
  EXPECT_EQ(back->usage.output_tokens, std::nullopt);
  EXPECT_EQ(back->usage.cached_tokens, 1'000'000'000'000);
  EXPECT_EQ(back->usage.reasoning_tokens, std::nullopt);
}

TEST(Response, CompactTextIsTheCompactJsonOfTheValue) {
  // Every member alone and all together, in both of the ways in which it is written: straight, and through a value for the rare lists.
  std::vector<Response> all(1);
  auto with = [&](auto change) {
    for (bool everything : {false, true}) {
      Response r;
      if (everything) r = all.back();
      change(r);
      all.push_back(r);
    }
  };
  with([](Response& r) { r.text = "Sad: 5 😀 \"quoted\" back\\slash / \b\f\n\r\t \x01\x1f\x7f " + std::string(1, '\0') + "é\u2028"; });
  with([](Response& r) { r.reasoning = "hm\n"; });
  for (Finish f : {Finish::stop, Finish::length, Finish::tool_calls, Finish::content_filter, Finish::error})
    with([&](Response& r) { r.finish = f; });
  with([](Response& r) { r.finish_raw = "end\tturn"; });
  with([](Response& r) { r.truncated = true; });
  with([](Response& r) { r.usage.input_tokens = 0; });
  with([](Response& r) { r.usage.output_tokens = -1; });
  with([](Response& r) { r.usage.cached_tokens = std::numeric_limits<std::int64_t>::max(); });
  with([](Response& r) { r.usage.reasoning_tokens = std::numeric_limits<std::int64_t>::min(); });
  for (double latency : {0.1, 1.0, 1e-7, 123456789.123, 1e22, -0.0, 5e-324})
    with([&](Response& r) { r.latency = latency; });
  with([](Response& r) { r.model_reported = "m \"2024\""; });
  with([](Response& r) { r.raw = R"({"choices":[{"text":"\u00e4\n"}]})"; });
  with([](Response& r) { r.from_journal = true, r.key = key_of("never written"); });
  with([](Response& r) { r.deviations = {"seed not accepted by \"m\"", "b"}; });
  with([](Response& r) { r.tool_calls = json::array{json::object{{"id", "1"}}}; });
  with([](Response& r) { r.logprobs = {{"a", -HUGE_VAL, {{"b", -1}}}}; });
  with([](Response& r) { r.loglikelihoods = {{-1.5, true, 2, true}}; });
  ASSERT_EQ(all.size(), 1u + 2 * 27);
  for (const Response& r : all) EXPECT_EQ(compact_json(r), write_json(to_json(r)));
  EXPECT_EQ(compact_json(Response{}), R"({"text":"","finish":"unknown","latency":0.0})");
}

TEST(Response, MalformedJsonIsRefused) {
  for (const char* text : {"[]", R"({"text":1})", R"({"logprobs":[{"token":"a","top":[["x"]]}]})", R"({"logprobs":[{"token":"a","top":[[1,2]]}]})",
                           R"({"loglikelihoods":[{"sum":"5"}]})", R"({"usage":{"input_tokens":"many"}})", R"({"latency":"quick"})", R"({"latency":"inf"})", R"({"latency":"1E999"})",
                           R"({"logprobs":[{"token":"a","logprob":"1E999"}]})", R"({"logprobs":[{"token":"a","logprob":" -Infinity"}]})"}) {
    auto response = response_from_json(*parse_json(text));
    ASSERT_FALSE(response) << text;
    EXPECT_EQ(response.error().kind, ErrorKind::data);
  }
}

TEST(Response, FinishNames) {
  for (Finish f : {Finish::stop, Finish::length, Finish::tool_calls, Finish::content_filter, Finish::error, Finish::unknown}) EXPECT_EQ(finish_from(name(f)), f);
  EXPECT_EQ(finish_from("something else"), Finish::unknown);
}

TEST(Origin, RoundTrip) {
  Origin o{"eq-bench@2", "t", "17", "judge", 3, 2};
  Origin back = origin_from_json(to_json(o));
  EXPECT_EQ(write_json(to_json(back)), write_json(to_json(o)));
  EXPECT_EQ(back.sample, "17");
  EXPECT_EQ(back.iteration, 3);
  EXPECT_EQ(back.ask, 2);
  EXPECT_EQ(origin_from_json(json::value("x")).iteration, 1);
}

TEST(Origin, CanonicalTextIsTheCanonicalJsonOfTheValue) {
  EXPECT_EQ(canonical_json(Origin{"eq-bench@2", "t", "17", "judge", 3, 2}),
            R"({"ask":2,"benchmark":"eq-bench@2","iteration":3,"role":"judge","sample":"17","task":"t"})");
  const std::string odd = "\"\\\n\x01 ä 😀 " + std::string(1, '\0');
  for (const Origin& o : {Origin{}, Origin{odd, "", "", ""}, Origin{"", odd, "", ""}, Origin{"", "", odd, ""}, Origin{"", "", "", odd},
                          Origin{odd, odd, odd, odd, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}})
    EXPECT_EQ(canonical_json(o), write_json(to_json(o), JsonStyle::canonical));
}

TEST(StoredError, RoundTrip) {
  Error e{ErrorKind::rate_limited, "too fast", "http://h/v1", "wait", std::nullopt, 429};
  Error back = error_from_json(*parse_json(write_json(to_json(e))));
  EXPECT_EQ(back.kind, e.kind);
  EXPECT_EQ(back.message, e.message);
  EXPECT_EQ(back.where, e.where);
  EXPECT_EQ(back.hint, e.hint);
  EXPECT_EQ(back.http_status, 429);
  EXPECT_EQ(error_from_json(json::value(1)).kind, ErrorKind::internal);
}

}  // namespace
}  // namespace assay
