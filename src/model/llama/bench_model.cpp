#include "model/llama/bench_model.h"

#include <string_view>

#include "model/llama/byte_vocabulary.h"

namespace assay {
namespace {

constexpr std::string_view kConsonants = "bcdfghjklmnpqrstvwxz", kVowels = "aeiou";
constexpr std::size_t kSyllables = kConsonants.size() * kVowels.size(), kVocabulary = 16384;
static_assert(kBenchWords <= kSyllables * kSyllables);

std::string syllable(std::size_t i) {
  return {kConsonants[i / kVowels.size()], kVowels[i % kVowels.size()]};
}

}  // namespace

std::string bench_word(std::size_t index) {
  index %= kBenchWords;
  return " " + syllable(index / kSyllables) + syllable(index % kSyllables);
}

std::string make_bench_model(GgufType type, const BenchShape& s) {
  ByteVocabulary vocabulary;
  for (std::size_t i = 0; i < kSyllables; ++i) {
    std::string text = syllable(i);
    vocabulary.add_merge(text.substr(0, 1), text.substr(1));
  }
  for (std::size_t i = 0; i < kBenchWords; ++i) {
    std::string word = bench_word(i);
    vocabulary.add_merge(word.substr(1, 2), word.substr(3));
  }
  for (std::size_t i = 0; i < kBenchWords; ++i) vocabulary.add_merge(" ", bench_word(i).substr(1));
  while (vocabulary.size() < static_cast<int>(kVocabulary)) vocabulary.add_written("unused " + std::to_string(vocabulary.size()));

  GgufWriter out;
  auto u32 = [](std::size_t value) { return static_cast<std::uint32_t>(value); };
  out.set_string("general.architecture", "llama");
  out.set_string("general.name", "assay bench");
  out.set_u32("general.file_type", type == GgufType::f32 ? 0 : type == GgufType::f16 ? 1 : 7);
  out.set_u32("llama.context_length", 4096);
  out.set_u32("llama.embedding_length", u32(s.width));
  out.set_u32("llama.block_count", u32(s.layers));
  out.set_u32("llama.feed_forward_length", u32(s.feed_forward));
  out.set_u32("llama.attention.head_count", u32(s.heads));
  out.set_u32("llama.attention.head_count_kv", u32(s.kv_heads));
  out.set_u32("llama.rope.dimension_count", u32(s.width / s.heads));
  out.set_f32("llama.rope.freq_base", 10000.0f);
  out.set_f32("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  out.set_u32("llama.vocab_size", u32(kVocabulary));
  vocabulary.write(out, ByteVocabulary::end_of_text());
  constexpr std::uint64_t kSeed = 3;
  auto matrix = [&](const std::string& name, std::size_t inputs, std::size_t outputs, float amplitude) {
    out.add_tensor(name, {inputs, outputs}, type, random_weights(kSeed, name, inputs * outputs, amplitude));
  };
  auto norm = [&](const std::string& name) { out.add_tensor(name, {s.width}, GgufType::f32, std::vector<float>(s.width, 1.0f)); };
  const std::size_t kv = s.width / s.heads * s.kv_heads;
  matrix("token_embd.weight", s.width, kVocabulary, 1.0f);
  norm("output_norm.weight");
  matrix("output.weight", s.width, kVocabulary, 0.1f);
  for (std::size_t layer = 0; layer < s.layers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    norm(block + "attn_norm.weight");
    matrix(block + "attn_q.weight", s.width, s.width, 0.08f);
    matrix(block + "attn_k.weight", s.width, kv, 0.08f);
    matrix(block + "attn_v.weight", s.width, kv, 0.08f);
    matrix(block + "attn_output.weight", s.width, s.width, 0.08f);
    norm(block + "ffn_norm.weight");
    matrix(block + "ffn_gate.weight", s.width, s.feed_forward, 0.08f);
    matrix(block + "ffn_up.weight", s.width, s.feed_forward, 0.08f);
    matrix(block + "ffn_down.weight", s.feed_forward, s.width, 0.05f);
  }
  return out.bytes();
}

}  // namespace assay
