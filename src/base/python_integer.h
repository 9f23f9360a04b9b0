// A whole number of any size, as Python has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/python_value.h"

namespace assay {

/// So many digits Python takes for a decimal number from a text (sys.set_int_max_str_digits); we hold every base to it.
inline constexpr std::size_t kMostPythonDigits = 4'300;

/// Built digit by digit. The work grows with the square of the digits: the caller holds them to kMostPythonDigits.
class PythonInteger {
 public:
  /// Digits of a base up to 16, the greatest first; nothing else may stand there.
  static PythonValue read(std::string_view digits, unsigned base, bool negative = false);

  /// What there is, times `base`, plus `digit`.
  void push(unsigned digit, unsigned base);
  /// Within 64 bits `integer`, beyond them the decimal digits in `text`.
  PythonValue value(bool negative = false) const;

 private:
  std::vector<std::uint32_t> parts_{0};  // in units of 10^9, least first
};

}  // namespace assay
