// Embeddings over OpenAI's dialect: what is sent, and which answers are taken.
#include <gtest/gtest.h>

#include "model/embedding.h"
#include "model/http/curl_transport.h"
#include "model/http/openai.h"
#include "model/http/openai_embeddings.h"
#include "support/loop.h"
#include "support/simulator.h"

namespace assay {
namespace {

TEST(OpenAiEmbeddings, VectorsComeInTheOrderOfTheTexts) {
  auto read = [](std::string_view body, std::size_t count) { return openai_embeddings_response(*parse_json(body), count); };
  auto out = read(R"({"data":[{"index":1,"embedding":[1,2.5]},{"index":0,"embedding":"AACAPwAAAD8="}],"usage":{"prompt_tokens":7,"total_tokens":7}})", 2);
  ASSERT_TRUE(out) << to_string(out.error());
  auto vectors = vectors_of(out->text, 2);
  ASSERT_TRUE(vectors);
  EXPECT_EQ((*vectors)[0], (Vector{1, 0.5}));
  EXPECT_EQ((*vectors)[1], (Vector{1, 2.5}));
  EXPECT_EQ(out->usage.input_tokens, 7);
  EXPECT_EQ(out->usage.output_tokens, 0);
  EXPECT_TRUE(read(R"({"data":[{"embedding":[[1,2]]}]})", 1));
  for (const char* body : {R"({})", R"({"data":[]})", R"({"data":[{"embedding":[]}]})", R"({"data":[{"embedding":[1,"x"]}]})", R"({"data":[{"embedding":[1e999]}]})", R"({"data":[{"index":1,"embedding":[1]}]})",
                           R"({"data":[{"index":-1,"embedding":[1]}]})", R"({"data":[{"embedding":[[1],[2]]}]})", R"({"data":[{}]})", R"({"data":[{"embedding":"AAA"}]})", R"({"data":7})"}) {
    auto parsed = parse_json(body);
    if (!parsed) continue;  // numbers beyond doubles
    auto bad = openai_embeddings_response(*parsed, 1);
    ASSERT_FALSE(bad) << body;
    EXPECT_EQ(bad.error().kind, ErrorKind::bad_response) << body;
  }
  EXPECT_FALSE(read(R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})", 2));
  EXPECT_FALSE(read(R"({"data":[{"embedding":[1]},{"embedding":[1,2]}]})", 2));
}

TEST(OpenAiEmbeddings, AreAskedAtTheirOwnPath) {
  test::Loop loop;
  test::Simulator simulator;
  simulator.otherwise(test::SimulatedReply::says("8"));
  auto transport = make_curl_transport(loop.executor());
  OpenAiOptions options;
  options.base = simulator.url();
  options.model = "sim";
  options.extra = {{"dimensions", 8}};
  auto model = make_openai_model(options, *transport, system_clock());
  Query query;
  query.request = embedding_request({"red stone", "stone red", "blue sky"});
  auto answer = loop.run(model->answer(query));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(answer->raw.empty());
  auto vectors = vectors_of(answer->text, 3);
  ASSERT_TRUE(vectors);
  EXPECT_EQ((*vectors)[0], (*vectors)[1]);
  EXPECT_NE((*vectors)[0], (*vectors)[2]);
  EXPECT_EQ((*vectors)[0].size(), 8u);
  const auto recorded = simulator.recorded();
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(recorded[0].target, "/v1/embeddings");
  EXPECT_EQ(write_json(recorded[0].json()), R"({"model":"sim","input":["red stone","stone red","blue sky"],"encoding_format":"float","dimensions":8})");
}

}  // namespace
}  // namespace assay
