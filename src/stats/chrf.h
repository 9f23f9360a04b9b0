// chrF2 as sacrebleu's corpus_chrf has it by default: character 1- to 6-grams without white space, no words, beta 2, case kept.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace assay {

struct ChrfCounts {
  struct Order {
    std::uint64_t hypothesis = 0, reference = 0, matches = 0;  // n-grams; `hypothesis` is 0 where the reference has none
  };
  std::array<Order, 6> orders{};
  ChrfCounts& operator+=(const ChrfCounts& other);
};

/// At least one reference; of several the one that scores best, the first of equals. Texts are valid UTF-8.
ChrfCounts chrf_counts(std::string_view hypothesis, std::span<const std::string> references);
/// 0 to 100. Orders that one side lacks do not count.
double chrf_score(const ChrfCounts& counts);

}  // namespace assay
