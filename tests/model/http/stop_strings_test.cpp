// An answer ends before the first of the texts that were to end it, also where the provider hands that text over with it.
#include <gtest/gtest.h>

#include "base/text.h"
#include "model/http/bedrock.h"
#include "model/http/cohere_dialect.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/replicate.h"
#include "support/loop.h"
#include "support/scripted_transport.h"

namespace assay {
namespace {

struct StopStringsTest : testing::Test {
  HttpModelOptions options() {
    HttpModelOptions out;
    out.model = "m-1";
    out.key = Secret("key-4711");
    return out;
  }
  Result<Response> ask(std::unique_ptr<Model> model, std::vector<std::string> stop, std::string body) {
    transport.says(200, std::move(body));
    Query query;
    Generate request;
    request.prompt = "Q: 1 + 1?\nA:";
    request.sampling.stop = std::move(stop);
    query.request = std::move(request);
    return loop.run(model->answer(std::move(query)));
  }
  Result<Response> hugging_face(std::vector<std::string> stop, std::string text, std::string reason) {
    return ask(make_hosted_model(hugging_face_dialect(), options(), transport, system_clock()), std::move(stop),
               write_json(json::array{json::object{{"generated_text", text}, {"details", json::object{{"finish_reason", reason}}}}}));
  }
  test::Loop loop;
  test::ScriptedTransport transport;
};

TEST_F(StopStringsTest, HuggingFaceSendsTheStopTextToo) {
  auto answer = hugging_face({"Q:", "\n\n"}, " 2\n\nQ:", "stop_sequence");
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, " 2") << "at the one that comes first";
  EXPECT_EQ(answer->finish, Finish::stop);
  EXPECT_EQ(hugging_face({"Q:"}, " 2\n", "eos_token")->text, " 2\n");
  EXPECT_EQ(hugging_face({""}, " 2\n", "eos_token")->text, " 2\n");
  EXPECT_EQ(hugging_face({}, " 2\n\n", "eos_token")->text, " 2\n\n");
  auto deaf = hugging_face({"\n"}, " 2\nQ: 2 + 2?\nA:", "length");
  EXPECT_EQ(deaf->text, " 2");
  EXPECT_EQ(deaf->finish, Finish::stop) << "what is left was not cut";
  EXPECT_EQ(hugging_face({"\n"}, " 2", "length")->finish, Finish::length);
}

TEST_F(StopStringsTest, CohereLeavesEndSequencesOutOfRawTexts) {
  auto answer = ask(make_hosted_model(cohere_dialect(), options(), transport, system_clock()), {"\n"}, R"({"generations":[{"text":" 2\n","finish_reason":"COMPLETE"}]})");
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(contains(transport.requests.back().body, R"("end_sequences":["\n"])")) << transport.requests.back().body;
  EXPECT_FALSE(contains(transport.requests.back().body, "stop_sequences"));
  EXPECT_EQ(answer->text, " 2");
}

TEST_F(StopStringsTest, ReplicatesModelsDifferInIt) {
  ReplicateOptions own;
  static_cast<HttpModelOptions&>(own) = options();
  own.model = "owner/name";
  VirtualTimer timer;
  auto answer = ask(make_replicate_model(own, transport, timer), {"\n"}, R"({"id":"a","status":"succeeded","output":["2","\nQ",": 2"]})");
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, "2");
}

TEST_F(StopStringsTest, WhatWasNotSentIsNotCut) {
  BedrockOptions own;
  static_cast<HttpModelOptions&>(own) = options();
  own.model = "meta.llama3-70b-instruct-v1:0";
  own.credentials = {"AKID", Secret("secret"), Secret()};
  auto answer = ask(make_bedrock_model(own, transport, system_clock()), {"\n"}, R"({"generation":"2\nQ","stop_reason":"stop"})");
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, "2\nQ") << "the answer names the stop as left out";
  ASSERT_EQ(answer->deviations.size(), 1u);
}

}  // namespace
}  // namespace assay
