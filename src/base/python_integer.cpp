#include "base/python_integer.h"

#include <charconv>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/python_quoted.h"

namespace assay {

PythonValue PythonInteger::read(std::string_view digits, unsigned base, bool negative) {
  std::int64_t small = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), small, static_cast<int>(base)).ec == std::errc()) return PythonValue::of(negative ? -small : small);
  PythonInteger out;
  for (char c : digits) out.push(static_cast<unsigned>(python_hex_digit(c)), base);
  return out.value(negative);
}

void PythonInteger::push(unsigned digit, unsigned base) {
  std::uint64_t carry = digit;
  for (std::uint32_t& part : parts_) {
    carry += std::uint64_t{part} * base;
    part = static_cast<std::uint32_t>(carry % 1'000'000'000);
    carry /= 1'000'000'000;
  }
  if (carry != 0) parts_.push_back(static_cast<std::uint32_t>(carry));
}

PythonValue PythonInteger::value(bool negative) const {
  std::string text = (negative ? "-" : "") + std::to_string(parts_.back());
  for (std::size_t i = parts_.size() - 1; i-- > 0;) {
    const std::string part = std::to_string(parts_[i]);
    text.append(9 - part.size(), '0').append(part);
  }
  std::int64_t small = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), small).ec == std::errc()) return PythonValue::of(small);
  PythonValue out;
  out.kind = PythonValue::Kind::integer;
  out.real = std::strtod(text.c_str(), nullptr);
  out.text = std::move(text);
  return out;
}

}  // namespace assay
