#include "benchmark/mixeval/verdict.h"

#include <cmath>

#include "base/number.h"
#include "base/text.h"

namespace assay::mixeval {
namespace {

bool ascii_digit(char c) { return c >= '0' && c <= '9'; }

/// The byte behind the digits (of any script) that begin at `at`.
std::size_t behind_digits(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    std::string_view rest = text.substr(at);
    if (!is_digit(next_code_point(rest))) break;
    at = text.size() - rest.size();
  }
  return at;
}

struct Found {
  std::string_view number;
  VerdictSpan span;
};

std::optional<Found> find_number(std::string_view text, std::string_view open, std::string_view close) {
  for (std::size_t at = text.find(open); at != std::string_view::npos; at = text.find(open, at + 1)) {
    const std::size_t begin = at + open.size();
    std::size_t end = behind_digits(text, begin);
    if (end == begin) continue;
    if (end < text.size() && text[end] == '.') end = behind_digits(text, end + 1);
    if (!text.substr(end).starts_with(close)) continue;
    return Found{text.substr(begin, end - begin), {at, end + close.size()}};
  }
  return std::nullopt;
}

/// As a Python literal.
std::optional<double> literal(std::string_view number) {
  bool dot = false, other_than_zero = false;
  for (char c : number) {
    if (!ascii_digit(c) && c != '.') return std::nullopt;
    dot = dot || c == '.';
    other_than_zero = other_than_zero || (c != '0' && c != '.');
  }
  if (!dot && number.size() > 1 && number.front() == '0' && other_than_zero) return std::nullopt;
  while (number.size() > 1 && number[0] == '0' && number[1] != '.') number.remove_prefix(1);
  if (number.size() > 400) {
    // Longer than any double that is read exactly: beyond 1 without a dot near, and no different from its first digits with one.
    if (!dot) return std::nullopt;
    number = number.substr(0, 400);
  }
  auto value = python_float(number);
  if (!value || (!dot && !std::isfinite(*value))) return std::nullopt;
  return value;
}

std::optional<OptionVerdict> find_letter(std::string_view text, std::string_view open, std::string_view close) {
  for (std::size_t at = text.find(open); at != std::string_view::npos; at = text.find(open, at + 1)) {
    const std::size_t letter = at + open.size();
    if (letter >= text.size() || text[letter] < 'A' || text[letter] > 'Z' || !text.substr(letter + 1).starts_with(close)) continue;
    return OptionVerdict{text[letter], {at, letter + 1 + close.size()}};
  }
  return std::nullopt;
}

}  // namespace

std::optional<ScoreVerdict> parse_score(std::string_view words) {
  auto found = find_number(words, "[[", "]]");
  if (!found) found = find_number(words, "[", "]");
  if (!found) return std::nullopt;
  auto value = literal(found->number);
  if (!value) return std::nullopt;
  return ScoreVerdict{*value, found->span};
}

std::optional<OptionVerdict> parse_option(std::string_view words) {
  auto found = find_letter(words, "[[", "]]");
  if (!found) found = find_letter(words, "[", "]");
  return found;
}

}  // namespace assay::mixeval
