// Vectors as text, and the decorator that gathers texts into batches.
#include "model/embedding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/async/timer.h"
#include "model/embedding_batches.h"
#include "model/journaled.h"
#include "support/fake_model.h"
#include "support/loop.h"
#include "support/memory_journal.h"

namespace assay {
namespace {

using test::Loop;

TEST(Embedding, VectorsKeepEveryBit) {
  for (const Vector& vector : {Vector{0.5, -1.25, 3}, Vector{0.1, 1e-300, -0.0}, Vector{1}, Vector{1, 2}, Vector{static_cast<double>(0.1f)}}) {
    const std::string text = vector_text(vector);
    auto back = vector_of(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, vector);
    EXPECT_EQ(std::signbit(back->back()), std::signbit(vector.back()));
  }
  EXPECT_EQ(vector_text(Vector{1, 0.5}), "f32:AACAPwAAAD8=");
  EXPECT_TRUE(vector_text(Vector{0.1}).starts_with("f64:"));
  EXPECT_TRUE(vector_text(Vector{1e300}).starts_with("f64:"));
  EXPECT_EQ(*vector_of_base64_floats("AACAPwAAAD8="), (Vector{1, 0.5}));
}

TEST(Embedding, WhatIsNoVectorIsRefused) {
  for (const char* text : {"", "f32:", "f32:AACAPw", "f32:AACAP!==", "f32:AACAPwAA", "f64:AACAPwAAAD8", "f16:AAAA", "1,2", "f32:AADAfw==", "f32:AACAfw=="})
    EXPECT_FALSE(vector_of(text)) << text;
  EXPECT_FALSE(vectors_of("f32:AACAPw==\nf32:AACAPwAAAD8=", 2));  // dimensions 1 and 2
  EXPECT_FALSE(vectors_of("f32:AACAPw==", 2));
  EXPECT_FALSE(vectors_of("", 1));
  auto two = vectors_of("f32:AACAPw==\nf32:AAAAPw==", 2);
  ASSERT_TRUE(two);
  EXPECT_EQ((*two)[1], Vector{0.5});
}

Query embed(std::string text) {
  Query out;
  out.request = embedding_request({std::move(text)});
  out.origin.role = "embedding";
  return out;
}

std::vector<std::string> texts_of(const Query& query) {
  std::vector<std::string> out;
  for (const Message& message : std::get<Generate>(query.request).messages) out.push_back(message.content);
  return out;
}

struct EmbeddingBatchesTest : testing::Test {
  EmbeddingBatchesTest() {
    inner.delay = std::chrono::milliseconds(5);
    inner.reply = [this](const Query& query, std::size_t) -> Result<Response> {
      const auto texts = texts_of(query);
      asked.push_back(texts);
      std::vector<Vector> vectors;
      for (const std::string& text : texts) {
        if (text == bad) return fail(ErrorKind::bad_request, "too long");
        vectors.push_back(Vector(dimension, static_cast<double>(text.size())));
      }
      Response out;
      out.text = vectors_text(vectors);
      out.usage.input_tokens = 10;
      return out;
    };
  }
  std::vector<std::optional<Result<Response>>> ask(const std::vector<std::string>& texts, Model& model) {
    std::vector<std::optional<Result<Response>>> out(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) loop.start(test::answer_into(model, embed(texts[i]), out[i]));
    loop.finish();
    return out;
  }
  Loop loop;
  VirtualTimer timer;
  test::FakeModel inner{timer};
  std::size_t dimension = 3;
  std::string bad = "bad";
  std::vector<std::vector<std::string>> asked;
};

TEST_F(EmbeddingBatchesTest, TextsTravelTogetherAndUsageIsShared) {
  auto model = make_embedding_batches(inner, {.texts = 3});
  auto answers = ask({"a", "bb", "ccc", "dddd"}, *model);
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0], (std::vector<std::string>{"a", "bb", "ccc"}));
  EXPECT_EQ(asked[1], (std::vector<std::string>{"dddd"}));
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(answers[i] && *answers[i]) << i;
    EXPECT_EQ(*vector_of((*answers[i])->text), Vector(3, static_cast<double>(i + 1)));
    tokens += *(*answers[i])->usage.input_tokens;
  }
  EXPECT_EQ(tokens, 20);
  EXPECT_EQ(*get_integer(model->facts().at("embedding_batches"), "texts"), 4);
}

TEST_F(EmbeddingBatchesTest, BytesBoundABatch) {
  auto model = make_embedding_batches(inner, {.texts = 100, .bytes = 5});
  ask({"aaaa", "bb", "cc", "dddddddd", "e"}, *model);
  ASSERT_EQ(asked.size(), 4u);
  EXPECT_EQ(asked[1], (std::vector<std::string>{"bb", "cc"}));
}

TEST_F(EmbeddingBatchesTest, OneBadTextCostsOnlyItself) {
  auto model = make_embedding_batches(inner);
  auto answers = ask({"a", "bb", "bad", "dddd", "eeeee"}, *model);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(answers[i]->has_value(), i != 2) << i;
  EXPECT_EQ(answers[2]->error().kind, ErrorKind::bad_request);
}

TEST_F(EmbeddingBatchesTest, AnotherDimensionIsRefusedBeforeTheJournalSeesIt) {
  test::MemoryJournal journal;
  auto batches = make_embedding_batches(inner);
  auto model = make_journaled(*batches, journal, timer.clock());
  ASSERT_TRUE(loop.run(model->identify()));
  ask({"a", "bb"}, *model);
  dimension = 4;  // the server was exchanged
  auto other = ask({"a", "ccc"}, *model);
  ASSERT_TRUE(*other[0]);
  EXPECT_TRUE((*other[0])->from_journal);
  ASSERT_FALSE(*other[1]);
  EXPECT_EQ(other[1]->error().kind, ErrorKind::identity);
  EXPECT_NE(other[1]->error().message.find("4"), std::string::npos);
  dimension = 3;  // ... and back again: the rest is asked, nothing twice
  asked.clear();
  auto again = ask({"a", "bb", "ccc"}, *model);
  for (const auto& one : again) EXPECT_TRUE(*one);
  EXPECT_EQ(asked, (std::vector<std::vector<std::string>>{{"ccc"}}));
}

TEST_F(EmbeddingBatchesTest, OtherRequestsPass) {
  auto model = make_embedding_batches(inner);
  inner.reply = [](const Query& query, std::size_t) -> Result<Response> {
    Response out;
    out.text = std::get<Generate>(query.request).messages.front().role;
    return out;
  };
  EXPECT_EQ(loop.run(model->answer(test::question("hello")))->text, "user");
}

}  // namespace
}  // namespace assay
