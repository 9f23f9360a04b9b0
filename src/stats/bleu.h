// BLEU as sacrebleu's corpus_bleu has it by default: 1- to 4-grams of mteval-v13a's tokens, exponential smoothing, case kept. Scores of
// a corpus come from counts that add up, so a corpus is drawn again (bootstrap) without reading a text twice.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// mteval-v13a's tokens: XML escapes undone, punctuation apart except within numbers and after apostrophes. `text` is valid UTF-8.
std::vector<std::string> tokens_13a(std::string_view text);

/// mteval-v14's international tokens: punctuation apart unless a digit stands on its other side, symbols always. `text` is valid UTF-8.
std::vector<std::string> tokens_international(std::string_view text);

using BleuTokens = std::vector<std::string> (*)(std::string_view);

struct BleuCounts {
  std::uint64_t length = 0, reference_length = 0;  // tokens; of several references the nearest in length, the shorter of two alike
  std::array<std::uint64_t, 4> matches{}, total{};  // n-grams: in a reference too (as often as there), and at all
  BleuCounts& operator+=(const BleuCounts& other);
};

/// At least one reference. Time and memory grow with the texts' lengths.
BleuCounts bleu_counts(std::string_view hypothesis, std::span<const std::string> references);
BleuCounts bleu_counts(std::string_view hypothesis, std::span<const std::string> references, BleuTokens tokens_of);
/// 0 to 100.
double bleu_score(const BleuCounts& counts);

}  // namespace assay
