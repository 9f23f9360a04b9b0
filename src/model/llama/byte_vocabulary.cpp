#include "model/llama/byte_vocabulary.h"

#include <array>

#include "base/text.h"

namespace assay {
namespace {

constexpr std::int32_t kNormal = 1, kControl = 3, kUserDefined = 4;

// Printable bytes stand for themselves, the others take the characters from U+0100 on, in order.
std::array<char32_t, 256> spelling_table() {
  std::array<char32_t, 256> table{};
  char32_t next = 0x100;
  for (int b = 0; b < 256; ++b) {
    bool printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    table[static_cast<std::size_t>(b)] = printable ? static_cast<char32_t>(b) : next++;
  }
  return table;
}

}  // namespace

std::string byte_level_spelling(std::string_view text) {
  static const std::array<char32_t, 256> table = spelling_table();
  std::string out;
  for (unsigned char b : text) append_utf8(out, table[b]);
  return out;
}

std::string_view chatml_jinja() {
  return "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor "
         "%}"
         "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
}

ByteVocabulary::ByteVocabulary() {
  for (int b = 0; b < 256; ++b) add(byte_level_spelling(std::string(1, static_cast<char>(b))), kNormal);
  for (const char* control : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) add(control, kControl);
}

int ByteVocabulary::add(std::string spelled, std::int32_t type) {
  tokens_.push_back(std::move(spelled));
  types_.push_back(type);
  return static_cast<int>(tokens_.size()) - 1;
}

int ByteVocabulary::add_written(std::string_view text) {
  return add(byte_level_spelling(text), kNormal);
}
int ByteVocabulary::add_read(std::string_view text) {
  return add(std::string(text), kUserDefined);
}
int ByteVocabulary::add_merge(std::string_view left, std::string_view right) {
  std::string a = byte_level_spelling(left), b = byte_level_spelling(right);
  merges_.push_back(a + " " + b);
  return add(a + b, kNormal);
}

void ByteVocabulary::write(GgufWriter& out, int eos) const {
  out.set_string("tokenizer.ggml.model", "gpt2");
  out.set_string("tokenizer.ggml.pre", "gpt-2");
  out.set_strings("tokenizer.ggml.tokens", tokens_);
  out.set_i32s("tokenizer.ggml.token_type", types_);
  // The key must hold something; two control characters in a row are no loss.
  std::vector<std::string> merges = merges_;
  if (merges.empty()) merges.push_back(byte_level_spelling("\x01") + " " + byte_level_spelling("\x02"));
  out.set_strings("tokenizer.ggml.merges", merges);
  out.set_u32("tokenizer.ggml.bos_token_id", static_cast<std::uint32_t>(end_of_text()));
  out.set_u32("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(eos));
  out.set_bool("tokenizer.ggml.add_bos_token", false);
  out.set_string("tokenizer.chat_template", chatml_jinja());
}

}  // namespace assay
