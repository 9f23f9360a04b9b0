// A judge's words (benchmark/story_judgement): scores and their places, in both releases, and the dialogue that goes on with them.
#include <cmath>

#include "base/text.h"
#include "benchmark/story_evidence.h"
#include "benchmark/story_rounds.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  using namespace story;
  const bool marks = take_byte(input) & 1;
  const std::string text = valid_utf8(input);
  const Judgement read = read_judgement(text, marks);
  REQUIRE(read.spans.size() == read.scores.size());
  std::size_t last = 0;
  for (const auto& [begin, end] : read.spans) {
    REQUIRE(begin < end && end <= text.size() && begin >= last);
    last = end;
  }
  for (std::size_t i = 0; i < read.scores.size(); ++i) REQUIRE(std::isfinite(read.scores[i].second));
  REQUIRE(is_valid_utf8(read.text));
  // What is stored is read the same again.
  if (marks) REQUIRE(read_judgement(read.text, true).scores == read.scores);

  const Protocol protocol;
  Rounds rounds(protocol, std::string(400, 's'));
  std::vector<AskRecord> asks;
  while (!rounds.done()) {
    rounds.give(text);
    asks.emplace_back();
  }
  REQUIRE(asks.size() <= 12);
  const std::vector<std::string> criteria{"Trite", "Coherent: as a whole"};
  SampleResult sample = sample_result("1", criteria, protocol, rounds, asks);
  REQUIRE((sample.outcome == Outcome::scored) == rounds.judged());
  if (rounds.judged()) REQUIRE(row_of(sample, 0).scores == rounds.judgement()->scores);
}

}  // namespace assay::fuzz
