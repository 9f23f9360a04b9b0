// What a judge's words say: a score between 0 and 1 in double (else single) brackets, or the letter of an option.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace assay::mixeval {

/// Where in the words it stands, brackets included.
struct VerdictSpan {
  std::size_t begin = 0, end = 0;
};

struct ScoreVerdict {
  double value = 0;
  VerdictSpan span;
  bool accepted() const { return value >= 0 && value <= 1; }
};
/// The first `[[number]]`, else the first `[number]`: digits, perhaps a dot, perhaps digits. Null where there is none, and where the
/// original would abort on it: digits outside ASCII, integers with leading zeros that are not zero. `words` is valid UTF-8.
std::optional<ScoreVerdict> parse_score(std::string_view words);

struct OptionVerdict {
  char letter = 0;
  VerdictSpan span;
};
/// The first `[[X]]`, else the first `[X]`, X an ASCII capital - also one that the question does not have.
std::optional<OptionVerdict> parse_option(std::string_view words);

}  // namespace assay::mixeval
