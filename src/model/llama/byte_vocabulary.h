// A byte-level BPE vocabulary for the models that this program makes: every byte is a token, so every text can be read; further
// tokens are added by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/llama/gguf_writer.h"

namespace assay {

/// `text` as byte-level BPE vocabularies spell it: each byte a printable character (a blank is U+0120, a line end U+010A).
std::string byte_level_spelling(std::string_view text);

/// ChatML as a Jinja template, as it is written into the files.
std::string_view chatml_jinja();

class ByteVocabulary {
 public:
  /// The 256 bytes in order (ids 0 to 255), then <|endoftext|>, <|im_start|>, <|im_end|>.
  ByteVocabulary();

  static int end_of_text() { return 256; }
  static int im_start() { return 257; }
  static int im_end() { return 258; }
  int size() const { return static_cast<int>(tokens_.size()); }

  /// A token that the model can write but that no text is split into.
  int add_written(std::string_view text);
  /// A token that stands wherever its exact text occurs in a prompt; of several the longest.
  int add_read(std::string_view text);
  /// A token of ordinary text: `left` and `right` are the texts of existing tokens and merge into one. Earlier merges go first.
  int add_merge(std::string_view left, std::string_view right);

  /// Writes tokenizer.ggml.* and the ChatML template. `eos`: the token named as the end.
  void write(GgufWriter& out, int eos) const;

 private:
  int add(std::string spelled, std::int32_t type);
  std::vector<std::string> tokens_, merges_;
  std::vector<std::int32_t> types_;
};

}  // namespace assay
