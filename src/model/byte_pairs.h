// The tokenizers of OpenAI's models: bytes that are merged by rank, within pieces that a pattern cuts. For token numbers that a request has to
// name (logit_bias); nothing else here counts tokens. Source of the method and the file format: the tiktoken package (MIT).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

/// "cl100k_base", "o200k_base", "p50k_base" or "r50k_base"; "" for models of others.
std::string_view openai_encoding(std::string_view model);

/// The tokens of the words that AlpacaEval's configurations favour and avoid: few, and so no file is needed for them.
std::optional<std::vector<std::int64_t>> known_tokens(std::string_view encoding, std::string_view text);

class BytePairEncoder {
 public:
  /// `ranks`: a .tiktoken file, lines of a token in base64, a blank and its number. `usage` error for an unknown encoding, `data` with the line for what is
  /// no such file.
  static Result<BytePairEncoder> read(std::string_view ranks, std::string_view encoding, std::string_view where);

  /// Special tokens are text like any other. Errors: data (the text has more than 64 KiB or a piece of more than 1 KiB, or a byte has no
  /// token).
  Result<std::vector<std::int64_t>> encode(std::string_view text) const;

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

}  // namespace assay
