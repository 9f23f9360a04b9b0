// Python's regular expressions (base/python_regex): a pattern on the first line, after a byte of flags; the rest is searched.
#include "base/python_regex.h"
#include "base/text.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  if (input.size() > 4096) return;  // long subjects under a quadratic pattern say nothing new
  std::uint8_t bits = take_byte(input);
  PythonRegex::Flags flags;
  flags.dotall = bits & 1;
  flags.ignore_case = bits & 2;
  flags.multiline = bits & 4;
  auto regex = PythonRegex::compile(take_line(input), flags);
  if (!regex) return;
  std::string valid = valid_utf8(input);
  for (std::string_view subject : {std::string_view(valid), input}) {
    auto found = regex->find_all(subject);
    if (!found) continue;
    std::size_t end = 0;
    for (const Match& match : *found) {
      const Match::Group& whole = match.groups.at(0);
      REQUIRE(whole.matched && whole.begin >= end && whole.end >= whole.begin && whole.end <= subject.size());
      end = whole.end;
      for (std::size_t group = 0; group < match.groups.size(); ++group) match.text(subject, group);
    }
    auto first = regex->search(subject);
    if (first) REQUIRE(first->has_value() == !found->empty());
  }
}

}  // namespace assay::fuzz
