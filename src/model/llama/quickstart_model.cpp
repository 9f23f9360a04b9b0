#include "model/llama/quickstart_model.h"

#include <cmath>
#include <set>

#include "base/text.h"
#include "model/llama/byte_vocabulary.h"
#include "model/llama/gguf_writer.h"

namespace assay {
namespace {

constexpr std::size_t kMaxNames = 400;

struct Slot {
  std::vector<std::string> mentions;
  std::string answer;
};

std::size_t round_up(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

void write_llama_keys(GgufWriter& out, const char* model_name, std::size_t embedding, std::size_t feed_forward, std::size_t vocabulary, std::size_t heads,
                      std::size_t layers, std::size_t context, std::size_t rotated) {
  auto u32 = [](std::size_t value) { return static_cast<std::uint32_t>(value); };
  out.set_string("general.architecture", "llama");
  out.set_string("general.name", model_name);
  out.set_u32("general.file_type", 1);
  out.set_u32("llama.context_length", u32(context));
  out.set_u32("llama.embedding_length", u32(embedding));
  out.set_u32("llama.block_count", u32(layers));
  out.set_u32("llama.feed_forward_length", u32(feed_forward));
  out.set_u32("llama.attention.head_count", u32(heads));
  out.set_u32("llama.attention.head_count_kv", u32(heads));
  out.set_u32("llama.rope.dimension_count", u32(rotated));
  out.set_f32("llama.rope.freq_base", 10000.0f);
  out.set_f32("llama.attention.layer_norm_rms_epsilon", 1e-6f);
  out.set_u32("llama.vocab_size", u32(vocabulary));
}

// A matrix as GGUF lays it out: one row of `inputs` weights an output.
class Matrix {
 public:
  Matrix(std::size_t inputs, std::size_t outputs) : inputs_(inputs), outputs_(outputs), values_(inputs * outputs) {}
  float& at(std::size_t output, std::size_t input) { return values_[output * inputs_ + input]; }
  void write(GgufWriter& out, const std::string& name) const { out.add_tensor(name, {inputs_, outputs_}, GgufType::f16, values_); }

 private:
  std::size_t inputs_, outputs_;
  std::vector<float> values_;
};

std::vector<Slot> check_list(std::span<const std::string> names) {
  std::vector<Slot> slots;
  // Slot 0 is answered when the prompt mentions nothing.
  slots.push_back({{}, "This model answers questions in EQ-Bench's format alone.\n"});
  // The headings stand in the prompt only when both passes are wanted.
  slots.push_back({{"First pass scores:\n"}, "First pass scores:\n"});
  slots.push_back({{"Erste Bewertung:\n"}, "Erste Bewertung:\n"});
  for (const std::string& name : names) slots.push_back({{name + ": <"}, name + ": " + std::to_string(quickstart_intensity(name)) + "\n"});
  // No two tokens may be equal, so the lines of the second pass begin with the line end instead of ending with it.
  slots.push_back({{"Revised scores:\n"}, "\nRevised scores:"});
  // Built from parts: the letter is two bytes, whatever this file's reader thinks.
  const std::string revised_de = "\xC3\x9C" "berarbeitete Bewertung:\n";
  slots.push_back({{revised_de}, "\n" + revised_de.substr(0, revised_de.size() - 1)});
  // Two blanks: a vocabulary must not hold the same text twice.
  for (const std::string& name : names)
    slots.push_back({{name + ": <revised", name + ": <verbesserte", name + ": <\xC3\xBC" "berarbeitete"},
                     name + ":  " + std::to_string(quickstart_intensity(name)) + "\n"});
  return slots;
}

std::string build(const std::vector<Slot>& slots) {
  ByteVocabulary vocabulary;
  std::vector<std::pair<int, std::size_t>> mentions, answers;  // token, slot
  for (std::size_t s = 0; s < slots.size(); ++s) {
    for (const std::string& text : slots[s].mentions) mentions.emplace_back(vocabulary.add_read(text), s);
    answers.emplace_back(vocabulary.add_written(slots[s].answer), s);
  }
  // Directions of the residual stream: which slot a token belongs to, what is still to be answered, and what kind a token is.
  const std::size_t n = slots.size(), slot_at = 0, todo_at = n, one = 2 * n, mention = one + 1, answer = one + 2, sink = one + 3, filler = one + 4;
  const std::size_t width = round_up(one + 5, 32), key_width = 32, value_width = round_up(n, 32), feed_forward = 32;
  const auto words = static_cast<std::size_t>(vocabulary.size());

  // Every token's embedding has the same length (the filler sees to it), so that the norm before the attention changes nothing.
  Matrix embedding(width, words);
  for (std::size_t t = 0; t < words; ++t) embedding.at(t, one) = 1;
  for (auto [token, slot] : mentions) embedding.at(static_cast<std::size_t>(token), slot_at + slot) = embedding.at(static_cast<std::size_t>(token), mention) = 1;
  for (auto [token, slot] : answers) embedding.at(static_cast<std::size_t>(token), slot_at + slot) = embedding.at(static_cast<std::size_t>(token), answer) = 1;
  embedding.at(static_cast<std::size_t>(vocabulary.im_start()), sink) = 1;
  for (std::size_t t = 0; t < words; ++t) {
    float squares = 0;
    for (std::size_t i = 0; i < width; ++i) squares += embedding.at(t, i) * embedding.at(t, i);
    embedding.at(t, filler) = std::sqrt(static_cast<float>(width) - squares);
  }
  std::vector<float> norm(width, 1.0f), no_rotation(key_width / 2, 1e30f);
  norm[filler] = 0;

  // Head 0 looks at mentions, head 1 at answers; where there are none, both look at the beginning of a message. Rotation by
  // position is divided away (rope_freqs), so only what a token is decides. Scores are divided by sqrt(key_width).
  Matrix query(width, 2 * key_width), key(width, 2 * key_width), value(width, 2 * value_width), output(2 * value_width, width);
  const float strong = 40 * std::sqrt(static_cast<float>(key_width)), weak = strong / 2;
  query.at(0, one) = query.at(key_width, one) = 1;
  key.at(0, mention) = key.at(key_width, answer) = strong;
  key.at(0, sink) = key.at(key_width, sink) = weak;
  for (std::size_t s = 0; s < n; ++s) {
    value.at(s, slot_at + s) = value.at(value_width + s, slot_at + s) = 1;
    output.at(todo_at + s, s) = 1;
    output.at(todo_at + s, value_width + s) = -8;  // outweighs any mention, however many lines are written
  }
  value.at(0, sink) = 1;  // nothing mentioned: slot 0

  // A mentioned, unanswered slot has 1/mentions > 0, every other one 0 or less. The end stands between the two; among the open
  // slots the earlier one leads by `step`.
  const float gain = 60000, step = 4, end = step * static_cast<float>(n) + 30;
  Matrix head(width, words);
  for (auto [token, slot] : answers) {
    head.at(static_cast<std::size_t>(token), todo_at + slot) = gain;
    head.at(static_cast<std::size_t>(token), one) = step * static_cast<float>(n - slot);
  }
  head.at(static_cast<std::size_t>(vocabulary.im_end()), one) = end;

  GgufWriter out;
  write_llama_keys(out, "quickstart (hand-set weights, knows the format only)", width, feed_forward, words, 2, 1, 8192, key_width);
  out.set_u32("llama.attention.key_length", static_cast<std::uint32_t>(key_width));
  out.set_u32("llama.attention.value_length", static_cast<std::uint32_t>(value_width));
  vocabulary.write(out, vocabulary.im_end());
  embedding.write(out, "token_embd.weight");
  out.add_tensor("output_norm.weight", {width}, GgufType::f32, norm);
  head.write(out, "output.weight");
  out.add_tensor("rope_freqs.weight", {key_width / 2}, GgufType::f32, no_rotation);
  out.add_tensor("blk.0.attn_norm.weight", {width}, GgufType::f32, norm);
  query.write(out, "blk.0.attn_q.weight");
  key.write(out, "blk.0.attn_k.weight");
  value.write(out, "blk.0.attn_v.weight");
  output.write(out, "blk.0.attn_output.weight");
  out.add_tensor("blk.0.ffn_norm.weight", {width}, GgufType::f32, norm);
  Matrix(width, feed_forward).write(out, "blk.0.ffn_gate.weight");
  Matrix(width, feed_forward).write(out, "blk.0.ffn_up.weight");
  Matrix(feed_forward, width).write(out, "blk.0.ffn_down.weight");
  return out.bytes();
}

}  // namespace

int quickstart_intensity(std::string_view name) { return static_cast<int>((fnv1a(name) >> 32) % 10); }

Result<std::string> make_quickstart_model(std::span<const std::string> emotion_names) {
  std::set<std::string> seen;
  std::vector<std::string> names;
  for (const std::string& name : emotion_names) {
    bool bad = name.empty() || name.size() > 64 || !is_valid_utf8(name);
    for (unsigned char c : name) bad = bad || c < 0x20 || c == 0x7F;
    if (bad) return fail(ErrorKind::usage, "'" + shorten(valid_utf8(name), 40) + "' cannot be an emotion's name");
    if (seen.insert(name).second) names.push_back(name);
  }
  if (names.empty() || names.size() > kMaxNames) return fail(ErrorKind::usage, std::to_string(names.size()) + " emotion names were given; 1 to 400 are possible");
  return build(check_list(names));
}

std::string make_random_model(std::uint64_t seed) {
  const std::size_t width = 64, feed_forward = 128, heads = 2, layers = 2;
  ByteVocabulary vocabulary;
  const auto words = static_cast<std::size_t>(vocabulary.size());
  GgufWriter out;
  write_llama_keys(out, "random (untrained)", width, feed_forward, words, heads, layers, 8192, width / heads);
  vocabulary.write(out, vocabulary.im_end());
  auto matrix = [&](const std::string& name, std::size_t inputs, std::size_t outputs, float amplitude) {
    out.add_tensor(name, {inputs, outputs}, GgufType::f16, random_weights(seed, name, inputs * outputs, amplitude));
  };
  const std::vector<float> norm(width, 1.0f);
  matrix("token_embd.weight", width, words, 1.0f);
  out.add_tensor("output_norm.weight", {width}, GgufType::f32, norm);
  matrix("output.weight", width, words, 0.5f);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    out.add_tensor(block + "attn_norm.weight", {width}, GgufType::f32, norm);
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) matrix(block + name + ".weight", width, width, 0.2f);
    out.add_tensor(block + "ffn_norm.weight", {width}, GgufType::f32, norm);
    matrix(block + "ffn_gate.weight", width, feed_forward, 0.2f);
    matrix(block + "ffn_up.weight", width, feed_forward, 0.2f);
    matrix(block + "ffn_down.weight", feed_forward, width, 0.2f);
  }
  return out.bytes();
}

}  // namespace assay
