#include "base/words.h"

#include "base/text.h"

namespace assay {
namespace {

/// The next word, taken off `rest`; empty when there is none.
std::string_view next_word(std::string_view& rest) {
  rest = lstrip(rest);
  const char* begin = rest.data();
  while (!rest.empty()) {
    const char* here = rest.data();
    if (is_space(next_code_point(rest))) return {begin, here};
  }
  return {begin, rest.data()};
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
