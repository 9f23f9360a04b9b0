// From a judge's text to the scores in it, as the original's expression finds them:
//   (.*?):\s*(?:Score\s+)?(-?\d+(?:\.\d+)?)   found again and again, on the text without '*', '[' and ']'.
// Linear in the text: a hand-written scanner that a test holds against the expression itself.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmark/story_score.h"

namespace assay::story {

struct Judgement {
  std::string text;  // without the marks: what the original parses and stores
  Scores scores;     // a repeated name keeps its first place and takes the last value
  std::vector<std::pair<std::size_t, std::size_t>> spans;  // bytes of the given text, one for each score, ascending
};

/// `text` is UTF-8 from anywhere. `remove_marks`: since release 2.4.
Judgement read_judgement(std::string_view text, bool remove_marks = true);

}  // namespace assay::story
