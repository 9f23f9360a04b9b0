// From a model's text to the emotion scores in it, as the original's regular expressions find them. Linear in the text:
// hand-written scanners that tests hold against the expressions themselves.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/eq_bench/protocol.h"

namespace assay::eq_bench {

/// Bytes of the original text.
struct Span {
  std::size_t begin = 0, end = 0;
  bool operator==(const Span&) const = default;
};

/// One emotion and what stood behind its colon. `digits` is the captured text: digits of any script, in German perhaps "2,5".
struct Answer {
  std::string name;
  std::string digits;
  Span span{};  // the whole match in the original text; of the occurrence whose value counts
};
/// A Python dict: unique names, a repeated one keeps its first place and takes the last value.
using Answers = std::vector<Answer>;

struct ParsedAnswer {
  Answers first_pass;
  Answers revised;
};

/// `text` is UTF-8 from anywhere; ill-formed bytes are like any other sign that belongs to no word.
ParsedAnswer parse_answer(std::string_view text, const Protocol& protocol);

/// The pair rules, on a text whose marks are already gone.
Answers find_pairs(std::string_view text, Language language);

}  // namespace assay::eq_bench
