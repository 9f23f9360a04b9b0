// What the original tool stores of one judged story, and its JSON: three maps with the prompt's id as key. Creative Writing keeps
// such maps in an iteration, Judgemark one set for each test model.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/story_score.h"

namespace assay::story {

struct StoredItem {
  std::string id;                       // of the prompt
  std::optional<Scores> scores;         // individual_scores: nothing is asked any more where there are some
  std::optional<std::string> response;  // test_model_response
  std::vector<std::string> judge;       // judge_model_response, as the parser took it (marks removed)
  bool finished() const { return scores && !scores->empty(); }
};

/// The members "individual_scores", "test_model_response", "judge_model_response"; each holds the items that have it.
json::object to_json(const std::vector<StoredItem>& items);

/// Items in the order in which their ids first appear. Absent members are empty ones. A data error names the member that does not
/// fit; `where` goes in front. Numbers that are not finite, and texts where numbers belong, do not fit.
Result<std::vector<StoredItem>> items_from_json(const json::value& value, std::string_view where);

/// `--include ["a", "b"] --exclude ["c"]`, each part only where there are patterns: the last part of a run index.
std::string filters_text(const std::vector<std::string>& include, const std::vector<std::string>& exclude);

/// A raw_results.json or an uploaded document: which of its members are runs of the benchmark `type`. A document's own object and
/// its "raw_results" go to `document`, each run and its index to `run`, in file order; runs of other benchmarks are passed over.
/// `data` error when the text is neither (`page` of the documentation says what is expected), and whatever the two return.
Result<void> read_result_file(std::string_view text, std::string_view where, std::string_view type, std::string_view page,
                              const std::function<Result<void>(const json::value& root, const json::value& results)>& document,
                              const std::function<Result<void>(std::string_view index, const json::value& run)>& run);

/// The members of "iterations" in file order; `data` error when it is no object, and whatever `each` returns.
Result<void> read_iterations(const json::value& value, std::string_view where,
                             const std::function<Result<void>(std::string_view name, const json::value& iteration)>& each);

/// Lists of texts in a run's metadata. What is no text in a list is passed over; what is no list is an empty one.
json::array array_of(const std::vector<std::string>& list);
std::vector<std::string> strings_of(const json::value& object, std::string_view key);

}  // namespace assay::story
