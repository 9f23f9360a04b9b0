// What a person needs to check a story's score by hand, as JSON: the story, the judge's words with the places of its numbers, the
// sum; and the way back, for sums over items and for the original tool's files. docs/formats/creative-writing.md describes it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "benchmark/story_formats.h"
#include "benchmark/story_rounds.h"
#include "model/request.h"
#include "run/evaluation.h"

namespace assay::story {

/// How one ask went, beside what Rounds keeps of it.
struct AskRecord {
  Finish finish = Finish::unknown;
  std::string reasoning;
  std::string error;  // set when no answer came
};

/// Outcome, values and evidence of one item whose dialogue is over; `asks` as long as rounds.all(). `criteria`: those asked for.
SampleResult sample_result(std::string sample, const std::vector<std::string>& criteria, const Protocol& protocol, const Rounds& rounds,
                           std::span<const AskRecord> asks);
/// The same for an item from a file. With `reparse` the scores are read from the judge's words again.
SampleResult recorded_result(std::string sample, const StoredItem& item, const std::vector<std::string>& criteria, const Protocol& protocol,
                             bool reparse);

/// The numbers of a result that sums over items need.
struct Row {
  std::size_t item = 0;  // in the order of the set: the cluster of its standard error
  Outcome outcome = Outcome::missing;
  bool cut = false;
  bool silent = false;  // failed although every request was answered: no text came. Asking again would change nothing
  Scores scores;
  std::size_t short_stories = 0, unread_judgements = 0, silent_judgements = 0;  // asks that had to be repeated
  std::size_t length = 0;  // of the story, code points
};
Row row_of(const SampleResult& sample, std::size_t item);
/// What the original would have stored; nullopt where it stores nothing.
std::optional<StoredItem> stored_of(const SampleResult& sample, std::string id);

/// Which criterion a metric's name means: its whole text or what stands before its colon, in any case.
class CriterionNames {
 public:
  explicit CriterionNames(const std::vector<std::string>& criteria);
  std::optional<std::size_t> find(std::string_view metric) const;

 private:
  std::unordered_map<std::string, std::size_t> whole_, before_colon_;
};

}  // namespace assay::story
