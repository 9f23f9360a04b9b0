#include "base/words.h"

#include "base/text.h"

namespace assay {
namespace {

/// The next word, taken off `rest`; empty when there is none.
std::string_view next_word(std::string_view& rest) {
  const std::string_view text = rest = lstrip(rest);
  while (!rest.empty()) {
    const std::size_t here = text.size() - rest.size();
    if (is_space(next_code_point(rest))) return text.substr(0, here);
  }
  return text;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) out.emplace_back(word);
  return out;
}

std::size_t count_words(std::string_view text) {
  std::size_t out = 0;
  while (!next_word(text).empty()) ++out;
  return out;
}

}  // namespace assay
