// Whether an answer was cut, where a provider says it only when it is asked, or not in words.
#include <gtest/gtest.h>

#include "base/text.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/replicate.h"
#include "support/loop.h"
#include "support/scripted_transport.h"

namespace assay {
namespace {

struct HostedFinishTest : testing::Test {
  HttpModelOptions options() {
    HttpModelOptions out;
    out.model = "m-1";
    out.key = Secret("key-4711");
    return out;
  }
  Result<Response> ask(Model& model, Sampling sampling) {
    Query query;
    Generate request;
    request.prompt = "Once";
    request.sampling = std::move(sampling);
    query.request = std::move(request);
    return loop.run(model.answer(std::move(query)));
  }
  test::Loop loop;
  test::ScriptedTransport transport;
};

TEST_F(HostedFinishTest, HuggingFaceIsAlwaysAskedForDetails) {
  auto model = make_hosted_model(hugging_face_dialect(), options(), transport, system_clock());
  constexpr const char* kCut = R"([{"generated_text":" upon","details":{"finish_reason":"length","generated_tokens":1,"prefill":[],"tokens":[{"text":" upon","logprob":-0.5}]}}])";
  transport.says(200, kCut);
  auto answer = ask(*model, {.max_tokens = 1});
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->finish, Finish::length);
  EXPECT_EQ(answer->usage.output_tokens, 1);
  EXPECT_TRUE(answer->logprobs.empty()) << "nobody asked for them";
  EXPECT_FALSE(contains(transport.requests.back().body, "decoder_input_details"));
  transport.says(200, kCut);
  EXPECT_EQ(ask(*model, {.max_tokens = 1, .top_logprobs = 0})->logprobs.size(), 1u);
  HttpModelOptions own = options();
  own.extra = {{"logprobs", true}};
  transport.says(200, R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop","logprobs":{"content":[{"token":"a","logprob":-1}]}}]})");
  auto chat = loop.run(make_hosted_model(hugging_face_dialect(), own, transport, system_clock())->answer(test::question("q")));
  ASSERT_TRUE(chat) << to_string(chat.error());
  EXPECT_EQ(chat->logprobs.size(), 1u) << "extra= asked for them";
}

TEST_F(HostedFinishTest, WhereDetailsAreRefusedTheyAreLeftOut) {
  for (const char* refusal : {R"J({"error":["The following `model_kwargs` are not used by the model: ['details'] (note: typos)"]})J", R"({"error":"unknown field `details`"})"}) {
    auto model = make_hosted_model(hugging_face_dialect(), options(), transport, system_clock());
    transport.says(400, refusal).says(200, R"([{"generated_text":" upon"}])");
    auto answer = ask(*model, {});
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_FALSE(contains(transport.requests.back().body, "details"));
    EXPECT_EQ(answer->finish, Finish::unknown);
    ASSERT_EQ(answer->deviations.size(), 1u) << "that nobody knows whether it was cut is said";
    EXPECT_TRUE(contains(answer->deviations[0], "cut")) << answer->deviations[0];
    // Log-probabilities are nowhere else.
    transport.says(400, refusal);
    EXPECT_EQ(ask(*model, {.top_logprobs = 0}).error().kind, ErrorKind::bad_request);
  }
}

TEST_F(HostedFinishTest, AReplicateAnswerAsLongAsItMayBeWasCut) {
  ReplicateOptions own;
  static_cast<HttpModelOptions&>(own) = options();
  own.model = "owner/name";
  own.extra = {{"max_new_tokens", 9}};
  VirtualTimer timer;
  auto limited = make_replicate_model(own, transport, timer);
  own.extra.clear();
  auto plain = make_replicate_model(own, transport, timer);
  constexpr const char* kNine = R"({"id":"a","status":"succeeded","output":"x","metrics":{"output_token_count":9}})";
  transport.says(201, kNine).says(201, kNine).says(201, kNine).says(201, kNine);
  EXPECT_EQ(ask(*plain, {.max_tokens = 9})->finish, Finish::length);
  EXPECT_EQ(ask(*plain, {.max_tokens = 10})->finish, Finish::stop);
  EXPECT_EQ(ask(*plain, {})->finish, Finish::stop);
  EXPECT_EQ(ask(*limited, {})->finish, Finish::length) << "by whatever name";
}

}  // namespace
}  // namespace assay
