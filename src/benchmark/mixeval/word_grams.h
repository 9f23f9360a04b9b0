// Texts that share long runs of words: near copies, and benchmark entries that stand in a corpus.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace assay::mixeval {

inline constexpr std::size_t kGramWords = 13;

/// The runs of 13 words of the texts that were added, as 64-bit hashes; a word is a run of letters and digits, in lower case.
class WordGrams {
 public:
  void add(std::string_view text);
  /// Whether some run of `text` is among them. Texts of fewer words never are.
  bool shares_with(std::string_view text) const;
  bool empty() const { return known_.empty(); }

 private:
  std::unordered_set<std::uint64_t> known_;
};

}  // namespace assay::mixeval
