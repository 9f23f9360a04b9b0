// Numbers as Python writes and rounds them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// Python 3's repr(float): shortest form that reads back the same, "6.0", "1e-07", "1e+16", "nan", "inf".
std::string python_repr(double value);
void append_python_repr(std::string& out, double value);

/// Python's round(x, digits): correctly rounded decimal (ties to even on the binary value), i.e. printf("%.*f") read back.
double python_round(double value, int digits);
inline double round2(double value) { return python_round(value, 2); }

/// "64.78" with exactly `digits` decimals.
std::string fixed(double value, int digits);

/// Python's float(text) for text made of digits of any script with an optional '.' part and sign; surrounding white space is
/// allowed (but for U+001C to U+001F, which only strip() knows); anything else (a comma, letters, empty) gives nullopt. Exponents,
/// "nan" and "inf" are accepted as Python does.
std::optional<double> python_float(std::string_view text);

}  // namespace assay
