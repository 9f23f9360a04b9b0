#include "benchmark/mixeval/word_grams.h"

#include <string>

#include "base/text.h"
#include "benchmark/mixeval/lexical_embedding.h"

namespace assay::mixeval {
namespace {

std::vector<std::uint64_t> grams_of(std::string_view text) {
  const std::string low = lower(text);
  const std::vector<std::string_view> words = words_of(low);
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i + kGramWords <= words.size(); ++i) {
    std::uint64_t hash = 0xCBF29CE484222325ull;
    for (std::size_t k = i; k < i + kGramWords; ++k) {
      for (char c : words[k]) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
      hash = (hash ^ 0x20) * 0x100000001B3ull;
    }
    out.push_back(hash);
  }
  return out;
}

}  // namespace

void WordGrams::add(std::string_view text) {
  for (std::uint64_t gram : grams_of(text)) known_.insert(gram);
}

bool WordGrams::shares_with(std::string_view text) const {
  for (std::uint64_t gram : grams_of(text))
    if (known_.contains(gram)) return true;
  return false;
}

}  // namespace assay::mixeval
