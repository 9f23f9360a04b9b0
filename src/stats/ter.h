// Translation edit rate as sacrebleu's corpus_ter has it by default: words between white space, lower-cased, nothing else normalised;
// insertions, deletions, substitutions and shifts of whole phrases cost one each. Shifts are looked for greedily within tercom's limits
// (10 words, 50 places, 1,000 candidates a pair, a band of 25 cells around the diagonal), so the work on any text is bounded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct TerCounts {
  double edits = 0, length = 0;  // length: words of the references, their mean where there are several
  TerCounts& operator+=(const TerCounts& other) {
    edits += other.edits;
    length += other.length;
    return *this;
  }
};

/// Edits that turn `hypothesis` into `reference`, shifts included. Time and memory grow with the sum of their lengths, times the limits.
std::uint64_t translation_edits(const std::vector<std::string>& hypothesis, const std::vector<std::string>& reference);
/// At least one reference: the fewest edits count. Texts are valid UTF-8.
TerCounts ter_counts(std::string_view hypothesis, std::span<const std::string> references);
/// 0 and up, 100 where every word is wrong.
double ter_score(const TerCounts& counts);

}  // namespace assay
