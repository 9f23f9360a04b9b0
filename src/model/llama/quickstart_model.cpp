#include "model/llama/quickstart_model.h"

#include <cmath>
#include <set>

#include "base/text.h"
#include "model/llama/byte_vocabulary.h"
#include "model/llama/gguf_writer.h"

namespace assay {
namespace {

constexpr std::size_t kMaxNames = 400;

// One line of the check-list, in both passes. A text is empty where that pass has no such line.
struct Entry {
  struct Pass {
    std::vector<std::string> mentions;
    std::string answer;
  };
  Pass first, second;
};

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

struct Shape {
  std::size_t width, words, layers, heads, kv_heads, head_width, feed_forward;
};

void write_llama_keys(GgufWriter& out, const char* model_name, const Shape& shape) {
  auto u32 = [](std::size_t value) { return static_cast<std::uint32_t>(value); };
  out.set_string("general.architecture", "llama");
  out.set_string("general.name", model_name);
  out.set_u32("general.file_type", 1);
  out.set_u32("llama.context_length", 8192);
  out.set_u32("llama.embedding_length", u32(shape.width));
  out.set_u32("llama.block_count", u32(shape.layers));
  out.set_u32("llama.feed_forward_length", u32(shape.feed_forward));
  out.set_u32("llama.attention.head_count", u32(shape.heads));
  out.set_u32("llama.attention.head_count_kv", u32(shape.kv_heads));
  out.set_u32("llama.attention.key_length", u32(shape.head_width));
  out.set_u32("llama.attention.value_length", u32(shape.head_width));
  out.set_u32("llama.rope.dimension_count", u32(shape.head_width));
  out.set_f32("llama.rope.freq_base", 10000.0f);
  out.set_f32("llama.attention.layer_norm_rms_epsilon", 1e-6f);
  out.set_u32("llama.vocab_size", u32(shape.words));
}

// A matrix as GGUF lays it out: one row of `inputs` weights an output.
class Matrix {
 public:
  Matrix(std::size_t inputs, std::size_t outputs) : inputs_(inputs), outputs_(outputs), values_(inputs * outputs) {}
  float& at(std::size_t output, std::size_t input) { return values_[output * inputs_ + input]; }
  void write(GgufWriter& out, const std::string& name) const {
    out.add_tensor(name, {inputs_, outputs_}, GgufType::f16, values_);
  }

 private:
  std::size_t inputs_, outputs_;
  std::vector<float> values_;
};

std::vector<Entry> check_list(std::span<const std::string> names) {
  std::vector<Entry> entries;
  // Answered when the prompt mentions nothing of the first pass.
  entries.push_back({{{}, "This model answers questions in EQ-Bench's format alone.\n"}, {}});
  // The headings stand in the prompt only when both passes are wanted. No two tokens may be equal, so a line of the second pass
  // begins with a line end, one of the first ends with it.
  const std::string revised_de =
      "\xC3\x9C"
      "berarbeitete Bewertung:";
  entries.push_back({{{"First pass scores:\n"}, "First pass scores:\n"}, {{"Revised scores:\n"}, "\nRevised scores:"}});
  entries.push_back({{{"Erste Bewertung:\n"}, "Erste Bewertung:\n"}, {{revised_de + "\n"}, "\n" + revised_de}});
  for (const std::string& name : names) {
    const std::string line = name + ": " + std::to_string(quickstart_intensity(name));
    entries.push_back({{{name + ": <"}, line + "\n"},
                       {{name + ": <revised", name + ": <verbesserte",
                         name + ": <\xC3\xBC"
                                "berarbeitete"},
                        "\n" + line}});
  }
  return entries;
}

std::string build(const std::vector<Entry>& entries) {
  struct Word {
    std::size_t token, entry, pass;
    bool answer;
  };
  ByteVocabulary vocabulary;
  std::vector<Word> listed;
  for (std::size_t e = 0; e < entries.size(); ++e)
    for (std::size_t pass = 0; pass < 2; ++pass) {
      const Entry::Pass& texts = pass == 0 ? entries[e].first : entries[e].second;
      for (const std::string& text : texts.mentions)
        listed.push_back({static_cast<std::size_t>(vocabulary.add_read(text)), e, pass, false});
      if (!texts.answer.empty())
        listed.push_back({static_cast<std::size_t>(vocabulary.add_written(texts.answer)), e, pass, true});
    }

  // Directions of the residual stream: which entry a token belongs to; for each pass, what is still to be answered; and what kind
  // a token is: a mention or an answer of a pass, the beginning of a message, or none of these.
  const std::size_t n = entries.size(), entry_at = 0, todo_at = n, one = 3 * n, mention_at = one + 1, answer_at = one + 3,
                    sink = one + 5, filler = one + 6;
  const std::size_t head_width = round_up(n + 1, 32);
  const Shape shape{.width = round_up(one + 7, 32),
                    .words = static_cast<std::size_t>(vocabulary.size()),
                    .layers = 1,
                    .heads = 4,
                    .kv_heads = 1,
                    .head_width = head_width,
                    .feed_forward = 32};
  const std::size_t width = shape.width, words = shape.words, heads_width = shape.heads * head_width;

  // Every token's embedding has the same length (the filler sees to it), so that the norm before the attention changes nothing.
  Matrix embedding(width, words);
  for (std::size_t t = 0; t < words; ++t) embedding.at(t, one) = 1;
  for (const Word& w : listed)
    embedding.at(w.token, entry_at + w.entry) = embedding.at(w.token, (w.answer ? answer_at : mention_at) + w.pass) = 1;
  embedding.at(static_cast<std::size_t>(ByteVocabulary::im_start()), sink) = 1;
  for (std::size_t t = 0; t < words; ++t) {
    float squares = 0;
    for (std::size_t i = 0; i < width; ++i) squares += embedding.at(t, i) * embedding.at(t, i);
    embedding.at(t, filler) = std::sqrt(static_cast<float>(width) - squares);
  }
  std::vector<float> norm(width, 1.0f), no_rotation(head_width / 2, 1e30f);
  norm[filler] = 0;

  // Four heads over the same keys and values: mentions and answers of the first pass, mentions and answers of the second. Each
  // has a number of the key to itself. Where a head finds nothing it looks at the beginning of a message. Rotation by position is
  // divided away (rope_freqs), so only what a token is decides. Scores are divided by sqrt(head_width).
  Matrix query(width, heads_width), key(width, head_width), value(width, head_width), output(heads_width, width);
  const float strong = 40 * std::sqrt(static_cast<float>(head_width));
  for (std::size_t pass = 0; pass < 2; ++pass)
    for (std::size_t answers = 0; answers < 2; ++answers) {
      const std::size_t head = 2 * pass + answers;
      query.at(head * head_width + head, one) = 1;
      key.at(head, (answers ? answer_at : mention_at) + pass) = strong;
      key.at(head, sink) = strong / 2;
      // An answer outweighs any mention, however many lines are written.
      for (std::size_t e = 0; e < n; ++e) output.at(todo_at + pass * n + e, head * head_width + e) = answers ? -8.0f : 1.0f;
    }
  for (std::size_t e = 0; e < n; ++e) value.at(e, entry_at + e) = 1;
  value.at(n, sink) = 1;
  output.at(todo_at, n) = 1;  // head 0 found no mention: entry 0

  // A mentioned line that is not yet written has 1/mentions > 0, every other one 0 or less. The end stands between the two; among
  // the open lines the earlier one leads by `step`.
  const float gain = 60000, step = 4, end = step * 2 * static_cast<float>(n) + 30;
  Matrix head(width, words);
  for (const Word& w : listed) {
    if (!w.answer) continue;
    head.at(w.token, todo_at + w.pass * n + w.entry) = gain;
    head.at(w.token, one) = step * static_cast<float>((2 - w.pass) * n - w.entry);
  }
  head.at(static_cast<std::size_t>(ByteVocabulary::im_end()), one) = end;

  GgufWriter out;
  write_llama_keys(out, "quickstart (hand-set weights, knows the format only)", shape);
  vocabulary.write(out, ByteVocabulary::im_end());
  embedding.write(out, "token_embd.weight");
  out.add_tensor("output_norm.weight", {width}, GgufType::f32, norm);
  head.write(out, "output.weight");
  out.add_tensor("rope_freqs.weight", {head_width / 2}, GgufType::f32, no_rotation);
  out.add_tensor("blk.0.attn_norm.weight", {width}, GgufType::f32, norm);
  query.write(out, "blk.0.attn_q.weight");
  key.write(out, "blk.0.attn_k.weight");
  value.write(out, "blk.0.attn_v.weight");
  output.write(out, "blk.0.attn_output.weight");
  out.add_tensor("blk.0.ffn_norm.weight", {width}, GgufType::f32, norm);
  Matrix(width, shape.feed_forward).write(out, "blk.0.ffn_gate.weight");
  Matrix(width, shape.feed_forward).write(out, "blk.0.ffn_up.weight");
  Matrix(shape.feed_forward, width).write(out, "blk.0.ffn_down.weight");
  return out.bytes();
}

}  // namespace

int quickstart_intensity(std::string_view name) {
  return static_cast<int>((fnv1a(name) >> 32) % 10);
}

Result<std::string> make_quickstart_model(std::span<const std::string> emotion_names) {
  std::set<std::string> seen;
  std::vector<std::string> names;
  for (const std::string& name : emotion_names) {
    bool bad = name.empty() || name.size() > 64 || !is_valid_utf8(name);
    for (unsigned char c : name) bad = bad || c < 0x20 || c == 0x7F;
    if (bad) return fail(ErrorKind::usage, "'" + shorten(valid_utf8(name), 40) + "' cannot be an emotion's name");
    if (seen.insert(name).second) names.push_back(name);
  }
  if (names.empty() || names.size() > kMaxNames)
    return fail(ErrorKind::usage, std::to_string(names.size()) + " emotion names were given; 1 to 400 are possible");
  return build(check_list(names));
}

std::string make_random_model(std::uint64_t seed) {
  ByteVocabulary vocabulary;
  const Shape shape{.width = 64,
                    .words = static_cast<std::size_t>(vocabulary.size()),
                    .layers = 2,
                    .heads = 2,
                    .kv_heads = 2,
                    .head_width = 32,
                    .feed_forward = 128};
  const std::size_t width = shape.width, feed_forward = shape.feed_forward;
  GgufWriter out;
  write_llama_keys(out, "random (untrained)", shape);
  vocabulary.write(out, ByteVocabulary::im_end());
  auto matrix = [&](const std::string& name, std::size_t inputs, std::size_t outputs, float amplitude) {
    out.add_tensor(name, {inputs, outputs}, GgufType::f16, random_weights(seed, name, inputs * outputs, amplitude));
  };
  const std::vector<float> norm(width, 1.0f);
  matrix("token_embd.weight", width, shape.words, 1.0f);
  out.add_tensor("output_norm.weight", {width}, GgufType::f32, norm);
  matrix("output.weight", width, shape.words, 0.5f);
  for (std::size_t layer = 0; layer < shape.layers; ++layer) {
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
