// The judge's rounds over all entries, after the fact. The original asks in up to ten rounds those whose words held no verdict, appends
// accepted ones round by round, and gives the rest a random verdict; order and random draws depend on the whole list, so this is done
// when all rounds are known.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/python_random.h"
#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

inline constexpr int kJudgeRounds = 10;

/// How the judge's rounds ended for one entry.
struct JudgeOutcome {
  std::optional<std::string> words;  // the last reply; null = no text came
  int rounds = 0;                    // asked so often
  bool accepted = false;             // `words` hold a verdict: `score`, or `option`
  double score = 0;                  // free-form
  char option = 0;                   // multiple-choice
  bool blocked = false;              // the judge refused the request: the original's own verdict stands in its place
};

/// Another round is over. Null: no text came.
void take_reply(Split split, std::optional<std::string> words, JudgeOutcome& outcome);

/// A verdict as the judged file has it.
struct Verdict {
  std::size_t entry = 0;             // index of the entry
  std::optional<std::string> words;  // judge_response
  double score = 0;                  // free-form
  char option = 0;                   // multiple-choice
  bool random = false, blocked = false;
};

/// In the judged file's order: those accepted in round 1, in round 2, ..., then the random ones. `options`: how many each entry has
/// (multiple-choice). Draws from `random` as the original does with one request at a time.
std::vector<Verdict> settle(Split split, const std::vector<JudgeOutcome>& outcomes, const std::vector<std::size_t>& options, PythonRandom& random);

}  // namespace assay::mixeval
