#include "benchmark/harness/numpy_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace assay::harness {
namespace {

constexpr int kPrecision = 8;

/// A number taken apart: what stands before the point, behind it (without zeros at the end), and the exponent with its sign.
struct Digits {
  std::string whole, fraction, exponent;
};

Digits digits(double value, bool scientific) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, scientific ? "%.*e" : "%.*f", kPrecision, value);
  std::string text = buffer;
  Digits out;
  if (std::size_t e = text.find('e'); scientific && e != std::string::npos) {
    out.exponent = text.substr(e + 1);
    text.resize(e);
  }
  const std::size_t point = text.find('.');
  out.whole = text.substr(0, point);
  if (point != std::string::npos) out.fraction = text.substr(point + 1);
  out.fraction.resize(out.fraction.find_last_not_of('0') + 1);
  return out;
}

/// Exponents of one array are as long as the longest: e-007 beside e-100.
std::string widened(const std::string& exponent, std::size_t size) {
  return exponent.substr(0, 1) + std::string(size - exponent.size(), '0') + exponent.substr(1);
}

}  // namespace

std::string numpy_text(std::span<const double> values) {
  double most = 0, least = 0;
  for (double value : values) {
    if (!std::isfinite(value) || value == 0) continue;
    most = std::max(most, std::abs(value));
    least = least == 0 ? std::abs(value) : std::min(least, std::abs(value));
  }
  const bool scientific = most > 0 && (most >= 1e8 || least < 1e-4 || most / least > 1000);
  std::size_t whole = 0, fraction = 0, exponent = 0;
  for (double value : values) {
    if (!std::isfinite(value)) continue;
    const Digits parts = digits(value, scientific);
    whole = std::max(whole, parts.whole.size());
    fraction = std::max(fraction, parts.fraction.size());
    exponent = std::max(exponent, parts.exponent.size());
  }
  std::string out, line = " ";
  for (double value : values) {
    std::string word;
    if (std::isfinite(value)) {
      const Digits parts = digits(value, scientific);
      const std::size_t missing = fraction - parts.fraction.size();
      word = std::string(whole - parts.whole.size(), ' ') + parts.whole + "." + parts.fraction;
      word += scientific ? std::string(missing, '0') + "e" + widened(parts.exponent, exponent) : std::string(missing, ' ');
    } else {
      word = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
      const std::size_t width = whole + 1 + fraction + (scientific ? 1 + exponent : 0);
      if (word.size() < width) word.insert(0, width - word.size(), ' ');
    }
    if (line.size() > 1 && line.size() + word.size() > 74) {
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
      line = " ";
    }
    line += word + " ";
  }
  line.pop_back();
  out += line;
  return "[" + (out.empty() ? out : out.substr(1)) + "]";
}

}  // namespace assay::harness
