// Texts as vectors without any model: words and pairs of words, hashed and weighted by how rare they are (TF-IDF). The fallback of
// `assay mix build`, the same on every machine.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace assay::mixeval {

inline constexpr std::uint32_t kLexicalDimension = 1u << 18;

/// Ascending indices below kLexicalDimension, with their weights.
struct SparseVector {
  std::vector<std::uint32_t> indices;
  std::vector<double> weights;
};

/// Words are runs of letters and digits in lower case; single words and neighbours joined by one blank, FNV-1a-64 modulo 2^18; weight
/// (1 + ln tf) * (ln((1 + N) / (1 + df)) + 1) with N and df over all `texts`; of length 1, unless it holds no word.
std::vector<SparseVector> lexical_embeddings(const std::vector<std::string_view>& texts);

/// Runs of letters and digits; `low` is in lower case and outlives them.
std::vector<std::string_view> words_of(std::string_view low);

}  // namespace assay::mixeval
