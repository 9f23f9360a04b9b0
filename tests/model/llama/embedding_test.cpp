// Vectors of a GGUF model whose every token has a vector of its own: the mean over a text is its bag of tokens.
#include "model/embedding.h"

#include <cmath>

#include "model/llama/engine_fixture.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class EmbeddingOfText : public EngineTest {};

TEST_F(EmbeddingOfText, IsTheMeanOfItsTokens) {
  BigramModel bigram;
  auto model = open(bigram.bytes());
  ASSERT_TRUE(model);
  auto answer = ask(*model, embedding_request({"abca", "z", "aabc"}));
  ASSERT_TRUE(answer) << to_string(answer.error());
  auto vectors = vectors_of(answer->text, 3);
  ASSERT_TRUE(vectors);
  ASSERT_EQ((*vectors)[0].size(), static_cast<std::size_t>(BigramModel::kVocabulary));
  for (std::size_t i = 0; i < (*vectors)[0].size(); ++i) {
    const double expected = i == 'a' ? 0.5 : i == 'b' || i == 'c' ? 0.25 : 0;
    EXPECT_NEAR((*vectors)[0][i], expected, 1e-4) << i;
    EXPECT_NEAR((*vectors)[1][i], i == 'z' ? 1 : 0, 1e-4) << i;
    EXPECT_NEAR((*vectors)[2][i], expected, 1e-4) << i;
  }
  EXPECT_EQ(answer->usage.input_tokens, 9);
  EXPECT_EQ(answer->finish, Finish::stop);
  // A text's vector does not depend on what is computed beside it or before it.
  auto alone = ask(*model, embedding_request({"aabc"}));
  ASSERT_TRUE(alone);
  EXPECT_EQ(*vector_of(alone->text), (*vectors)[2]);
}

TEST_F(EmbeddingOfText, IsTheSameByOurProductsAndTheLibrarys) {
  std::vector<std::string> vectors;
  for (bool own : {true, false}) {
    LlamaSettings wish;
    wish.own_kernels = own;
    auto model = open(tiny_bpe_model(GgufType::q8_0), wish);
    ASSERT_TRUE(model);
    // Twice: the first products of a context are the library's.
    ASSERT_TRUE(ask(*model, embedding_request({"the first of them"})));
    auto answer = ask(*model, embedding_request({"the question and the answer", "x"}));
    ASSERT_TRUE(answer) << to_string(answer.error());
    vectors.push_back(answer->text);
  }
  EXPECT_EQ(vectors[0], vectors[1]);
}

/// An encoder of BERT's kind with a vocabulary of words. Attention adds nothing and places have no vectors, so a token's vector is its own.
std::string tiny_bert_model(std::uint32_t pooling) {
  const std::vector<std::string> words = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "\u2581red", "\u2581green", "\u2581blue", "\u2581stone", "\u2581sky"};
  constexpr std::size_t kWidth = 32, kContext = 16, kFeedForward = 32;
  GgufWriter out;
  out.set_string("general.architecture", "bert");
  out.set_string("general.name", "tiny-bert");
  out.set_u32("bert.context_length", kContext);
  out.set_u32("bert.embedding_length", kWidth);
  out.set_u32("bert.feed_forward_length", kFeedForward);
  out.set_u32("bert.block_count", 1);
  out.set_u32("bert.attention.head_count", 2);
  out.set_f32("bert.attention.layer_norm_epsilon", 1e-12f);
  out.set_bool("bert.attention.causal", false);
  out.set_u32("bert.pooling_type", pooling);
  out.set_string("tokenizer.ggml.model", "bert");
  out.set_string("tokenizer.ggml.pre", "jina-v2-en");
  out.set_u32("tokenizer.ggml.token_type_count", 2);
  out.set_strings("tokenizer.ggml.tokens", words);
  std::vector<std::int32_t> types(words.size(), 1);
  for (std::size_t i = 0; i < 5; ++i) types[i] = 3;
  out.set_i32s("tokenizer.ggml.token_type", types);
  out.set_u32("tokenizer.ggml.padding_token_id", 0);
  out.set_u32("tokenizer.ggml.unknown_token_id", 1);
  out.set_u32("tokenizer.ggml.cls_token_id", 2);
  out.set_u32("tokenizer.ggml.bos_token_id", 2);
  out.set_u32("tokenizer.ggml.seperator_token_id", 3);
  out.set_u32("tokenizer.ggml.eos_token_id", 3);
  out.set_u32("tokenizer.ggml.mask_token_id", 4);
  auto full = [&](const std::string& name, std::vector<std::uint64_t> dims, float value) {
    std::size_t count = 1;
    for (std::uint64_t d : dims) count *= static_cast<std::size_t>(d);
    out.add_tensor(name, std::move(dims), GgufType::f32, std::vector<float>(count, value));
  };
  out.add_tensor("token_embd.weight", {kWidth, words.size()}, GgufType::f32, random_weights(5, "token_embd", kWidth * words.size(), 1.0f));
  full("token_types.weight", {kWidth, 2}, 0);
  full("position_embd.weight", {kWidth, kContext}, 0);
  auto norm = [&](const std::string& name) {
    full(name + ".weight", {kWidth}, 1);
    full(name + ".bias", {kWidth}, 0);
  };
  norm("token_embd_norm");
  for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
    full(std::string("blk.0.") + name + ".weight", {kWidth, kWidth}, 0);
    full(std::string("blk.0.") + name + ".bias", {kWidth}, 0);
  }
  norm("blk.0.attn_output_norm");
  full("blk.0.ffn_up.weight", {kWidth, kFeedForward}, 0);
  full("blk.0.ffn_up.bias", {kFeedForward}, 0);
  full("blk.0.ffn_down.weight", {kFeedForward, kWidth}, 0);
  full("blk.0.ffn_down.bias", {kWidth}, 0);
  norm("blk.0.layer_output_norm");
  return out.bytes();
}

TEST_F(EmbeddingOfText, ComesFromAnEncoderToo) {
  LlamaSettings wish;
  wish.n_ctx = 16;
  auto model = open(tiny_bert_model(1), wish);
  ASSERT_TRUE(model);
  auto answer = ask(*model, embedding_request({"red stone", "stone red", "blue sky"}));
  ASSERT_TRUE(answer) << to_string(answer.error());
  auto vectors = vectors_of(answer->text, 3);
  ASSERT_TRUE(vectors);
  ASSERT_EQ((*vectors)[0].size(), 32u);
  double same = 0, other = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    same = std::max(same, std::abs((*vectors)[0][i] - (*vectors)[1][i]));
    other = std::max(other, std::abs((*vectors)[0][i] - (*vectors)[2][i]));
  }
  EXPECT_LT(same, 1e-5);
  EXPECT_GT(other, 0.1);
  // A long text is cut to the context, and that is said.
  std::string text = "red";
  for (int i = 0; i < 40; ++i) text += " stone";
  auto cut = ask(*model, embedding_request({text}));
  ASSERT_TRUE(cut) << to_string(cut.error());
  EXPECT_EQ(cut->finish, Finish::length);
  EXPECT_EQ(cut->usage.input_tokens, 16);
}

TEST_F(EmbeddingOfText, PoolsAsItIsTold) {
  LlamaSettings wish;
  wish.n_ctx = 16;
  wish.pooling = "cls";
  auto model = open(tiny_bert_model(1), wish);
  ASSERT_TRUE(model);
  auto answer = ask(*model, embedding_request({"red stone", "blue sky"}));
  ASSERT_TRUE(answer) << to_string(answer.error());
  auto vectors = vectors_of(answer->text, 2);
  ASSERT_TRUE(vectors);
  for (std::size_t i = 0; i < 32; ++i) EXPECT_NEAR((*vectors)[0][i], (*vectors)[1][i], 1e-5);  // the first token stands before every text
}

}  // namespace
}  // namespace assay::test
