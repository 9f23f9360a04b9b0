#include "benchmark/mixeval/rule_numbers.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/number.h"
#include "base/python_regex.h"
#include "base/text.h"

namespace assay::mixeval {
namespace {

const std::array<PythonRegex, 2>& patterns() {
  // Shared and never changed; the patterns are ours, so they compile.
  static const std::array<PythonRegex, 2> all{PythonRegex::compile(R"(-?\b\d{1,3}(?:,\d{3})+\b)").value(), PythonRegex::compile(R"(-?\d+(?:\.\d+)?[eE][+-]?\d+)").value()};
  return all;
}

/// Where the digits at `at` end; `at` itself when there are none.
std::size_t after_digits(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    std::string_view rest = text.substr(at);
    if (!is_digit(next_code_point(rest))) break;
    at = text.size() - rest.size();
  }
  return at;
}

bool is_at(std::string_view text, std::size_t at, std::string_view characters) {
  return at < text.size() && contains(characters, text.substr(at, 1));
}

/// Neither an exponent nor a comma.
bool may_end(std::string_view text, std::size_t at) {
  if (is_at(text, at, ",")) return false;
  if (!is_at(text, at, "eE")) return true;
  const std::size_t digits = is_at(text, at + 1, "+-") ? at + 2 : at + 1;
  return after_digits(text, digits) == digits;
}

/// All of (?:\d+\.\d+|\.\d+|\d+\b)(?![eE][+-]?\d+)(?![,\d]) that is at `at`: its end, or nothing. `digits` are those that begin at `at` end.
/// A match ends with a run of digits, for within one neither \b nor (?!\d) holds.
std::optional<std::size_t> plain_number(std::string_view text, std::size_t at, std::size_t digits) {
  if (is_at(text, digits, ".")) {
    const std::size_t end = after_digits(text, digits + 1);
    if (end > digits + 1 && may_end(text, end)) return end;
  }
  if (digits == at || !may_end(text, digits)) return std::nullopt;
  std::string_view rest = text.substr(digits);
  if (!rest.empty() && is_word(next_code_point(rest))) return std::nullopt;
  return digits;
}

/// re.findall of that with -? in front. By hand, because the pattern looks at a run of n digits n times when it cannot match: what a model
/// that repeats one digit says would take hours. From within a run of digits it matches nothing that it did not match from its first.
void find_plain_numbers(std::string_view text, std::vector<std::string>& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text[at] == '-' ? at + 1 : at;
    const std::size_t digits = after_digits(text, begin);
    if (auto end = plain_number(text, begin, digits)) {
      out.emplace_back(text.substr(at, *end - at));
      at = *end;
    } else {
      at = std::max(digits, at + 1);
    }
  }
}

bool has_digit(std::string_view text) {
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      if (text.front() >= '0' && text.front() <= '9') return true;
      text.remove_prefix(1);
    } else if (is_digit(next_code_point(text))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> extract_numbers(std::string_view text) {
  std::vector<std::string> out;
  if (!has_digit(text)) return out;
  for (std::size_t i = 0; i < 2; ++i) {
    // They need what most answers lack.
    if (i == 0 && !contains(text, ",")) continue;
    if (i == 1 && text.find_first_of("eE") == std::string_view::npos) continue;
    auto found = patterns()[i].find_all(text);
    if (!found) continue;
    for (const Match& match : *found) out.emplace_back(match.text(text, 0));
  }
  find_plain_numbers(text, out);
  return out;
}

std::vector<Normal> normalize(std::string_view text) {
  text = strip(text);
  std::vector<Normal> out;
  const std::string without = replace_all(text, ",", "");
  if (auto number = python_float(without)) {
    out.emplace_back(std::isfinite(*number) ? python_round(*number, 2) : *number);
    return out;
  }
  std::string low = lower(text);
  if (count_code_points(low) == 1) {
    out.emplace_back(" " + low);
    out.emplace_back(low + " ");
  } else {
    out.emplace_back(std::move(low));
  }
  return out;
}

}  // namespace assay::mixeval
