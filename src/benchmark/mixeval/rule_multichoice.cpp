#include "benchmark/mixeval/rule_multichoice.h"

#include "base/text.h"
#include "base/words.h"
#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {
namespace {

/// Where a pattern around the letter at `at` begins, or npos. The patterns: between blanks or line ends, the same with a dot behind it,
/// in parentheses, and with two stars on one side and a blank (or dot and blank) on the other.
std::size_t pattern_at(std::string_view text, std::size_t at) {
  constexpr std::size_t none = std::string_view::npos;
  auto byte = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  auto white = [](char c) { return c == ' ' || c == '\n'; };
  const char before = at ? text[at - 1] : '\0', after = byte(at + 1), second = byte(at + 2);
  std::size_t first = none;
  auto found = [&](std::size_t begin) { first = std::min(first, begin); };
  if (before == '*' && at >= 2 && text[at - 2] == '*' && (after == ' ' || (after == '.' && second == ' '))) found(at - 2);
  if (white(before) && (white(after) || (after == '.' && white(second)))) found(at - 1);
  if (before == '(' && after == ')') found(at - 1);
  if (before == ' ' && ((after == '*' && second == '*') || (after == '.' && second == '*' && byte(at + 3) == '*'))) found(at - 1);
  return first;
}

}  // namespace

std::optional<std::size_t> find_option(std::string_view response, const std::vector<std::string>& options) {
  for (char c : {',', '.', '!', '?', ';', ':', '\''}) {
    while (!response.empty() && response.front() == c) response.remove_prefix(1);
    while (!response.empty() && response.back() == c) response.remove_suffix(1);
  }
  std::string text;
  text.reserve(response.size() + 2);
  text += ' ';
  text += response;
  text += ' ';

  // The leftmost candidate counts. Two letters never begin at the same place, so the order of discovery does not matter here.
  const auto letters = static_cast<unsigned char>(options.size());
  std::size_t best = std::string_view::npos;
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > best && i - best > 2) break;  // a pattern begins at most two bytes in front of its letter
    const auto option = static_cast<unsigned char>(static_cast<unsigned char>(text[i]) - 'A');
    if (option >= letters) continue;
    const std::size_t begin = pattern_at(text, i);
    if (begin < best) {
      best = begin;
      chosen = option;
    }
  }
  if (chosen) return chosen;

  if (count_words(text) <= 5) return std::nullopt;
  const std::string low = lower(text);
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::size_t at = low.find(lower(options[i]));
    if (at < best) {
      best = at;
      chosen = i;
    }
  }
  return chosen;
}

RuleChoice parse_choice(std::string_view response, const std::vector<std::string>& options, PythonRandom& random) {
  if (auto found = find_option(response, options)) return {option_letter(*found), false};
  return {option_letter(random.choice(options.size())), true};
}

}  // namespace assay::mixeval
