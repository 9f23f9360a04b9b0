// Python's `re` on PCRE2: \w \d \s \b and their negations become explicit Unicode classes, '.' excludes '\n' alone, '$' may stand
// before a final '\n'. Steps from one starting point and the length of a text are limited, so every search ends; a pattern with
// repeats inside each other may still take minutes on a run of tens of thousands of letters, as Python does. Compiled once, used
// from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

struct Match {
  struct Group {
    std::size_t begin = 0, end = 0;  // byte offsets
    bool matched = false;
  };
  std::vector<Group> groups;  // [0] is the whole match
  std::string_view text(std::string_view subject, std::size_t group) const {
    const Group& g = groups[group];
    return g.matched ? subject.substr(g.begin, g.end - g.begin) : std::string_view{};
  }
};

class PythonRegex {
 public:
  struct Flags {
    bool dotall = false, ignore_case = false, multiline = false;
  };
  /// `usage` error with the offset when the pattern is malformed.
  static Result<PythonRegex> compile(std::string_view pattern, Flags flags);
  static Result<PythonRegex> compile(std::string_view pattern) { return compile(pattern, Flags{}); }

  /// re.search from byte offset `from`; `data` error when the step limit is hit.
  Result<std::optional<Match>> search(std::string_view subject, std::size_t from = 0) const;
  /// re.finditer: leftmost, non-overlapping, empty matches as Python 3.7+.
  Result<std::vector<Match>> find_all(std::string_view subject) const;

 private:
  struct Code;
  std::shared_ptr<const Code> code_;
};

}  // namespace assay
