#include "benchmark/harness/argument_string.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/python_integer.h"
#include "base/python_json.h"
#include "base/python_literal.h"
#include "base/text.h"

namespace assay::harness {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view word) {
  return lower(text) == word;
}

/// int(text): a sign, digits of any script with single underscores between them.
std::optional<PythonValue> whole(std::string_view text) {
  std::string digits;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  bool underscore = true;
  while (!text.empty()) {
    const char32_t c = next_code_point(text);
    if (c == U'_' && !underscore) {
      underscore = true;
      continue;
    }
    const auto digit = digit_value(c);
    if (!digit) return std::nullopt;
    underscore = false;
    digits += static_cast<char>('0' + *digit);
  }
  if (underscore) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (digits.size() > kMostPythonDigits) return std::nullopt;
  return PythonInteger::read(digits, 10, negative);
}

/// Without the white space that int() skips: U+001C to U+001F stay.
std::string_view without_space(std::string_view text) {
  const std::string_view bare = strip(text);
  auto separates = [](char c) { return c >= 0x1c && c <= 0x1f; };
  const auto begin = static_cast<std::size_t>(bare.data() - text.data()), end = begin + bare.size();
  const bool kept = std::any_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), separates) ||
                    std::any_of(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), separates);
  return kept ? text : bare;
}

/// At commas outside of brackets and quotes. A bracket or quote that never closes is an ordinary character.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> out;
  auto closing = [&](std::size_t at) {  // of the bracket or quote at `at`; npos when there is none
    std::string open;
    for (std::size_t i = at; i < text.size(); ++i) {
      const char c = text[i];
      if (!open.empty() && (open.back() == '"' || open.back() == '\'')) {
        if (c == '\\')
          ++i;
        else if (c == open.back())
          open.pop_back();
      } else if (c == '"' || c == '\'' || c == '[' || c == '{' || c == '(') {
        open += c;
      } else if (c == ']' || c == '}' || c == ')') {
        if (open.empty() || open.back() != (c == ']' ? '[' : c == '}' ? '{' : '(')) return std::string_view::npos;
        open.pop_back();
      }
      if (open.empty()) return i;
    }
    return std::string_view::npos;
  };
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Only where a value begins: "it's" and "f(x" are texts.
    if (i > begin && text[i - 1] == '=' &&
        (text[i] == '[' || text[i] == '{' || text[i] == '(' || text[i] == '"' || text[i] == '\''))
      if (std::size_t end = closing(i); end != std::string_view::npos) i = end;
    if (text[i] != ',') continue;
    out.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  out.push_back(text.substr(begin));
  return out;
}

}  // namespace

PythonValue read_argument_value(std::string_view text) {
  if (equals_ignoring_case(text, "true")) return PythonValue::of(true);
  if (equals_ignoring_case(text, "false")) return PythonValue::of(false);
  if (equals_ignoring_case(text, "none")) return {};
  if (auto number = whole(without_space(text))) return *number;
  if (auto number = python_float(text)) return PythonValue::of(*number);
  if (auto literal = read_python_literal(text); literal && literal->kind != PythonValue::Kind::complex && literal->kind != PythonValue::Kind::bytes)
    return *literal;
  return PythonValue::of(std::string(text));
}

Result<PythonValue> read_argument_string(std::string_view text) {
  PythonValue out;
  out.kind = PythonValue::Kind::dict;
  text = strip(text);
  if (text.starts_with('{')) {
    auto value = read_python_json(text);
    if (!value) return fail(ErrorKind::usage, "the arguments are no JSON: " + value.error().message, value.error().where);
    return *value;
  }
  for (std::string_view part : parts_of(text)) {
    if (part.empty()) continue;
    const std::size_t at = part.find('=');
    std::string key(part.substr(0, at));
    PythonValue value = at == std::string_view::npos ? PythonValue::of("") : read_argument_value(part.substr(at + 1));
    bool known = false;
    for (std::size_t i = 0; i + 1 < out.items.size(); i += 2)
      if (out.items[i].text == key) {
        out.items[i + 1] = value;
        known = true;
      }
    if (known) continue;
    out.items.push_back(PythonValue::of(std::move(key)));
    out.items.push_back(std::move(value));
  }
  return out;
}

}  // namespace assay::harness
