#include "base/python_yaml_scalar.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/python_integer.h"
#include "base/text.h"

namespace assay {
namespace {

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kDigits = "0123456789", kDigitsAndMarks = "0123456789_";

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
}

std::string without_marks(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != '_') out += c;
  return out;
}

/// Hours, minutes, seconds as PyYAML has them: the first part without, the others of at most two digits below 60.
bool is_sexagesimal(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !all_of(text.substr(0, colon), kDigitsAndMarks) || text[0] == '_') return false;
  while (colon != std::string_view::npos) {
    text.remove_prefix(colon + 1);
    colon = text.find(':');
    std::string_view part = text.substr(0, colon);
    if (part.empty() || part.size() > 2 || !all_of(part, kDigits) || (part.size() == 2 && part[0] > '5')) return false;
  }
  return true;
}

std::optional<PythonValue> integer_of(std::string_view digits, unsigned base, bool negative) {
  const std::string text = without_marks(digits);
  if (text.empty() || text.size() > kMostPythonDigits) return std::nullopt;
  return PythonInteger::read(text, base, negative);
}

std::optional<PythonValue> as_integer(std::string_view text) {
  std::string_view body = without_sign(text);
  const bool negative = text.starts_with("-");
  if (body.empty()) return std::nullopt;
  if (body.starts_with("0b") && body.size() > 2 && all_of(body.substr(2), "01_")) return integer_of(body.substr(2), 2, negative);
  if (body.starts_with("0x") && body.size() > 2 && all_of(body.substr(2), "0123456789abcdefABCDEF_")) return integer_of(body.substr(2), 16, negative);
  if (body == "0") return PythonValue::of(std::int64_t{0});
  if (body[0] == '0') return all_of(body, "01234567_") ? integer_of(body, 8, negative) : std::nullopt;
  if (body[0] != '_' && all_of(body, kDigitsAndMarks)) return integer_of(body, 10, negative);
  if (body[0] != '0' && is_sexagesimal(body) && body.size() <= kMostPythonDigits) {
    PythonInteger value;
    unsigned base = 10;
    for (const std::string& part : split(without_marks(body), ':')) {
      if (base == 60) {
        value.push(static_cast<unsigned>(std::stoi(part)), base);
      } else {
        for (char digit : part) value.push(static_cast<unsigned>(digit - '0'), base);
      }
      base = 60;
    }
    return value.value(negative);
  }
  return std::nullopt;
}

std::optional<PythonValue> as_float(std::string_view text) {
  std::string_view body = without_sign(text);
  const double sign = text.starts_with("-") ? -1 : 1;
  if (body == ".inf" || body == ".Inf" || body == ".INF") return PythonValue::of(sign * std::numeric_limits<double>::infinity());
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return PythonValue::of(std::numeric_limits<double>::quiet_NaN());
  std::size_t dot = body.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string_view whole = body.substr(0, dot), rest = body.substr(dot + 1);
  if (is_sexagesimal(whole) && all_of(rest, kDigitsAndMarks)) {
    double value = 0, base = 1;
    const std::vector<std::string> parts = split(without_marks(body), ':');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part, base *= 60) value += python_float(*part).value_or(0) * base;
    return PythonValue::of(sign * value);
  }
  if (!all_of(whole, kDigitsAndMarks) || (!whole.empty() && whole[0] == '_')) return std::nullopt;
  if (whole.empty() && body.size() != text.size()) return std::nullopt;  // PyYAML: no sign before ".5"
  std::size_t e = rest.find_first_of("eE");
  std::string_view decimals = rest.substr(0, e);
  if (!all_of(decimals, kDigitsAndMarks)) return std::nullopt;
  if (whole.empty() && (decimals.empty() || decimals[0] == '_')) return std::nullopt;
  if (e != std::string_view::npos) {
    std::string_view exponent = rest.substr(e + 1);
    if (exponent.size() < 2 || (exponent[0] != '-' && exponent[0] != '+') || !all_of(exponent.substr(1), kDigits)) return std::nullopt;
  }
  auto value = python_float(without_marks(body));
  if (!value) return std::nullopt;
  return PythonValue::of(sign * *value);
}

}  // namespace

PythonValue plain_yaml_scalar(std::string_view text) {
  auto one_of = [&](std::initializer_list<std::string_view> words) { return std::find(words.begin(), words.end(), text) != words.end(); };
  if (one_of({"", "~", "null", "Null", "NULL"})) return {};
  if (one_of({"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) return PythonValue::of(true);
  if (one_of({"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) return PythonValue::of(false);
  if (auto value = as_integer(text)) return *value;
  if (auto value = as_float(text)) return *value;
  return PythonValue::of(valid_utf8(text));
}

}  // namespace assay
