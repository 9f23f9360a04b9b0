#include "base/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace assay {

std::string python_repr(double value) {
  std::string out;
  append_python_repr(out, value);
  return out;
}

void append_python_repr(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  if (std::signbit(value)) out += '-';
  value = std::fabs(value);
  if (std::isinf(value)) {
    out += "inf";
    return;
  }
  if (value == 0) {
    out += "0.0";
    return;
  }
  if (value < 1e15 && value == std::floor(value)) {
    char whole[24];
    out.append(whole, std::to_chars(whole, whole + sizeof whole, static_cast<std::int64_t>(value)).ptr).append(".0");
    return;
  }
  // d[.ddd]e[+-]XX -> Python's choice: fixed notation for 1e-4 <= |x| < 1e16.
  char buffer[64];
  char* end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  char* e = end;
  while (*--e != 'e') {
  }
  int exponent = 0;
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);
  char digits[32];
  digits[0] = buffer[0];
  std::size_t count = 1;
  for (const char* p = buffer + 2; p < e; ++p) digits[count++] = *p;
  if (exponent < -4 || exponent >= 16) {
    out += digits[0];
    if (count > 1) out.append(1, '.').append(digits + 1, count - 1);
    char tail[16];
    std::snprintf(tail, sizeof tail, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
    out += tail;
    return;
  }
  if (exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits, count);
    return;
  }
  auto whole = static_cast<std::size_t>(exponent) + 1;
  if (count <= whole) {
    out.append(digits, count).append(whole - count, '0').append(".0");
  } else {
    out.append(digits, whole).append(1, '.').append(digits + whole, count - whole);
  }
}

std::string fixed(double value, int digits) {
  char buffer[400];
  // Both round exactly; this one is several times faster.
  if (std::isfinite(value))
    if (auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, digits); code == std::errc())
      return std::string(buffer, end);
  int n = std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return std::string(buffer, static_cast<std::size_t>(n));
}

double python_round(double value, int digits) {
  if (!std::isfinite(value)) return value;
  return std::strtod(fixed(value, digits).c_str(), nullptr);
}

std::optional<double> python_float(std::string_view text) {
  // Nearly always it is "7" or "2.5": then the long way below does the same.
  auto simple = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  if (!text.empty() && text.size() < 32 && text.front() != '.' && std::all_of(text.begin(), text.end(), simple)) {
    double value = 0;
    auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code == std::errc() && end == text.data() + text.size()) return value;
  }
  // float() leaves U+001C to U+001F alone, which are white space to strip().
  if (text.find_first_of("\x1c\x1d\x1e\x1f") != std::string_view::npos) return std::nullopt;
  std::string plain;
  for (std::string_view rest = strip(text); !rest.empty();) {
    char32_t c = next_code_point(rest);
    if (auto digit = digit_value(c)) {
      plain += static_cast<char>('0' + *digit);
    } else if (c < 128) {
      plain += static_cast<char>(c);
    } else {
      return std::nullopt;
    }
  }
  if (plain.empty()) return std::nullopt;
  // Python's grammar: [sign] (digits ['.' digits] | '.' digits) [exponent] | inf | infinity | nan; '_' only between digits.
  std::string cleaned;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    auto is_digit = [&](std::size_t k) { return k < plain.size() && plain[k] >= '0' && plain[k] <= '9'; };
    if (plain[i] == '_') {
      if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) return std::nullopt;
      continue;
    }
    cleaned += plain[i];
  }
  std::string lowered = cleaned;
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  std::size_t at = lowered[0] == '+' || lowered[0] == '-' ? 1 : 0;
  std::string_view body = std::string_view(lowered).substr(at);
  if (body == "nan") return std::nan("");
  if (body == "inf" || body == "infinity") return at && lowered[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  if (body.empty() || body.find_first_not_of("0123456789.e+-") != std::string_view::npos) return std::nullopt;
  char* end = nullptr;
  double value = std::strtod(lowered.c_str() , &end);
  if (end != lowered.c_str() + lowered.size() || (body[0] != '.' && !(body[0] >= '0' && body[0] <= '9'))) return std::nullopt;
  return value;
}

}  // namespace assay
