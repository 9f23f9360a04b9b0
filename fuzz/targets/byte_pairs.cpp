// Tokenizer files and texts: the input up to a NUL is the file, the rest the text. Tokens are those of the file; single bytes always have some.
#include "base/text.h"
#include "fuzz.h"
#include "model/byte_pairs.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  const std::size_t nul = std::min(input.find('\0'), input.size());
  const std::string_view text = nul < input.size() ? input.substr(nul + 1) : input;
  for (std::string_view encoding : {"cl100k_base", "o200k_base", "r50k_base"}) {
    auto encoder = BytePairEncoder::read(input.substr(0, nul), encoding, "f");
    if (!encoder) {
      REQUIRE(encoder.error().kind == ErrorKind::data);
      continue;
    }
    if (auto tokens = encoder->encode(text)) {
      REQUIRE(tokens->size() <= valid_utf8(text).size());
      for (std::int64_t token : *tokens) REQUIRE(token >= 0);
    }
  }
  openai_encoding(input);
}

}  // namespace assay::fuzz
