#include "benchmark/mixeval/rule_numbers.h"

#include <array>
#include <cmath>

#include "base/number.h"
#include "base/python_regex.h"
#include "base/text.h"

namespace assay::mixeval {
namespace {

const std::array<PythonRegex, 3>& patterns() {
  // Shared and never changed; the patterns are ours, so they compile.
  static const std::array<PythonRegex, 3> all{PythonRegex::compile(R"(-?\b\d{1,3}(?:,\d{3})+\b)").value(), PythonRegex::compile(R"(-?\d+(?:\.\d+)?[eE][+-]?\d+)").value(),
                                              PythonRegex::compile(R"(-?(?:\d+\.\d+|\.\d+|\d+\b)(?![eE][+-]?\d+)(?![,\d]))").value()};
  return all;
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
  for (std::size_t i = 0; i < 3; ++i) {
    // The first two need what most answers lack.
    if (i == 0 && !contains(text, ",")) continue;
    if (i == 1 && text.find_first_of("eE") == std::string_view::npos) continue;
    auto found = patterns()[i].find_all(text);
    if (!found) continue;
    for (const Match& match : *found) out.emplace_back(match.text(text, 0));
  }
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
