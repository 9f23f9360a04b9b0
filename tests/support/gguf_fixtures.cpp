#include "support/gguf_fixtures.h"

#include <cmath>

#include "model/llama/byte_vocabulary.h"
#include "model/llama/gguf_writer.h"

namespace assay::test {
namespace {

struct Shape {
  std::size_t width, words, layers, heads, kv_heads, feed_forward;
};

void write_keys(GgufWriter& out, const char* name, const Shape& s, std::size_t context) {
  auto u32 = [](std::size_t value) { return static_cast<std::uint32_t>(value); };
  out.set_string("general.architecture", "llama");
  out.set_string("general.name", name);
  out.set_u32("general.file_type", 0);
  out.set_u32("llama.context_length", u32(context));
  out.set_u32("llama.embedding_length", u32(s.width));
  out.set_u32("llama.block_count", u32(s.layers));
  out.set_u32("llama.feed_forward_length", u32(s.feed_forward));
  out.set_u32("llama.attention.head_count", u32(s.heads));
  out.set_u32("llama.attention.head_count_kv", u32(s.kv_heads));
  out.set_u32("llama.rope.dimension_count", u32(s.width / s.heads));
  out.set_f32("llama.rope.freq_base", 10000.0f);
  out.set_f32("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  out.set_u32("llama.vocab_size", u32(s.words));
}

void write_random_weights(GgufWriter& out, const Shape& s, GgufType type) {
  constexpr std::uint64_t kSeed = 7;
  auto matrix = [&](const std::string& name, std::size_t inputs, std::size_t outputs, float amplitude) {
    out.add_tensor(name, {inputs, outputs}, type, random_weights(kSeed, name, inputs * outputs, amplitude));
  };
  auto norm = [&](const std::string& name) { out.add_tensor(name, {s.width}, GgufType::f32, std::vector<float>(s.width, 1.0f)); };
  std::size_t kv = s.width / s.heads * s.kv_heads;
  matrix("token_embd.weight", s.width, s.words, 1.0f);
  norm("output_norm.weight");
  matrix("output.weight", s.width, s.words, 0.2f);
  for (std::size_t layer = 0; layer < s.layers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    norm(block + "attn_norm.weight");
    matrix(block + "attn_q.weight", s.width, s.width, 0.15f);
    matrix(block + "attn_k.weight", s.width, kv, 0.15f);
    matrix(block + "attn_v.weight", s.width, kv, 0.15f);
    matrix(block + "attn_output.weight", s.width, s.width, 0.15f);
    norm(block + "ffn_norm.weight");
    matrix(block + "ffn_gate.weight", s.width, s.feed_forward, 0.15f);
    matrix(block + "ffn_up.weight", s.width, s.feed_forward, 0.15f);
    matrix(block + "ffn_down.weight", s.feed_forward, s.width, 0.15f);
  }
}

}  // namespace

std::string tiny_bpe_model(GgufType type) {
  ByteVocabulary vocabulary;
  // Some merges, so that a text's tokens depend on what stands behind them.
  for (auto [left, right] : {std::pair{"t", "h"},
                             {"th", "e"},
                             {" ", "the"},
                             {"i", "n"},
                             {"a", "n"},
                             {"an", "d"},
                             {" ", "and"},
                             {"e", "r"},
                             {"o", "u"},
                             {" ", "A"},
                             {" ", "B"}})
    vocabulary.add_merge(left, right);
  Shape shape{256, static_cast<std::size_t>(vocabulary.size()), 2, 4, 2, 704};
  GgufWriter out;
  write_keys(out, "tiny-bpe", shape, 4096);
  vocabulary.write(out, ByteVocabulary::end_of_text());
  write_random_weights(out, shape, type);
  return out.bytes();
}

std::string tiny_spm_model(bool add_eos) {
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
  std::vector<std::int32_t> types = {2, 3, 3};
  std::vector<float> scores = {0, 0, 0};
  for (int b = 0; b < 256; ++b) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", b);
    tokens.push_back(name);
    types.push_back(6);
    scores.push_back(0);
  }
  auto add = [&](std::string text, float score) {
    tokens.push_back(std::move(text));
    types.push_back(1);
    scores.push_back(score);
  };
  const std::string blank = "\xE2\x96\x81";  // how SentencePiece writes a space
  add(blank, -100);
  for (char c = '!'; c <= '~'; ++c) add(std::string(1, c), -100);
  for (const char* word : {"the", "and", "answer"}) add(word, -20);
  for (const char* word : {"the", "and", "answer", "is", "A", "B", "C"}) add(blank + word, -10);
  for (char a = 'a'; a <= 'z'; ++a)
    for (char b = 'a'; b <= 'z'; ++b) add({a, b}, -50.0f - static_cast<float>((a * 26 + b) % 40));
  Shape shape{256, tokens.size(), 2, 4, 2, 704};
  GgufWriter out;
  write_keys(out, "tiny-spm", shape, 1024);
  out.set_string("tokenizer.ggml.model", "llama");
  out.set_strings("tokenizer.ggml.tokens", tokens);
  out.set_f32s("tokenizer.ggml.scores", scores);
  out.set_i32s("tokenizer.ggml.token_type", types);
  out.set_u32("tokenizer.ggml.bos_token_id", 1);
  out.set_u32("tokenizer.ggml.eos_token_id", 2);
  out.set_u32("tokenizer.ggml.unknown_token_id", 0);
  out.set_bool("tokenizer.ggml.add_bos_token", true);
  out.set_bool("tokenizer.ggml.add_eos_token", add_eos);
  out.set_bool("tokenizer.ggml.add_space_prefix", true);
  write_random_weights(out, shape, GgufType::f32);
  return out.bytes();
}

BigramModel::BigramModel(std::string_view script, int eos) {
  constexpr std::size_t n = kVocabulary;
  ByteVocabulary vocabulary;
  int scripted = script.empty() ? -1 : vocabulary.add_written(script);
  while (vocabulary.size() < kVocabulary) vocabulary.add_written("unused " + std::to_string(vocabulary.size()));
  table_ = random_weights(11, "output", n * n, 4.0f);
  auto lead = [&](int current, int next) {
    table_[static_cast<std::size_t>(next) * n + static_cast<std::size_t>(current)] += 20;
  };
  if (scripted >= 0) {
    lead('\n', scripted);  // the heading "<|im_start|>assistant\n" ends so
    lead(scripted, ByteVocabulary::im_end());
  }
  Shape shape{n, n, 1, 4, 4, 32};
  GgufWriter out;
  write_keys(out, "bigram", shape, 2048);
  vocabulary.write(out, eos >= 0 ? eos : ByteVocabulary::end_of_text());
  auto zero = [&](const std::string& name, std::size_t inputs, std::size_t outputs) {
    out.add_tensor(name, {inputs, outputs}, GgufType::f32, std::vector<float>(inputs * outputs));
  };
  // Each token is a direction of its own, long enough that the norm's epsilon does not matter; attention and feed-forward add
  // nothing.
  std::vector<float> embedding(n * n), ones(n, 1.0f);
  for (std::size_t i = 0; i < n; ++i) embedding[i * n + i] = std::sqrt(static_cast<float>(n));
  out.add_tensor("token_embd.weight", {n, n}, GgufType::f32, embedding);
  out.add_tensor("output_norm.weight", {n}, GgufType::f32, std::vector<float>(n, 1.0f / std::sqrt(static_cast<float>(n))));
  out.add_tensor("output.weight", {n, n}, GgufType::f32, table_);
  out.add_tensor("blk.0.attn_norm.weight", {n}, GgufType::f32, ones);
  for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) zero(std::string("blk.0.") + name + ".weight", n, n);
  out.add_tensor("blk.0.ffn_norm.weight", {n}, GgufType::f32, ones);
  zero("blk.0.ffn_gate.weight", n, 32);
  zero("blk.0.ffn_up.weight", n, 32);
  zero("blk.0.ffn_down.weight", 32, n);
  bytes_ = out.bytes();
}

double BigramModel::logprob(int current, int next) const {
  constexpr std::size_t n = kVocabulary;
  auto at = [&](std::size_t token) { return static_cast<double>(table_[token * n + static_cast<std::size_t>(current)]); };
  double sum = 0;
  for (std::size_t token = 0; token < n; ++token) sum += std::exp(at(token));
  return at(static_cast<std::size_t>(next)) - std::log(sum);
}

int BigramModel::likeliest(int current) const {
  constexpr std::size_t n = kVocabulary;
  int best = 0;
  for (std::size_t token = 1; token < n; ++token)
    if (table_[token * n + static_cast<std::size_t>(current)] >
        table_[static_cast<std::size_t>(best) * n + static_cast<std::size_t>(current)])
      best = static_cast<int>(token);
  return best;
}

}  // namespace assay::test
