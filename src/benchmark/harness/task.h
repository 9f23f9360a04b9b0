// The tasks of harness-v1: the evaluation harness at the commit that the Open LLM Leaderboard pins (15 June 2023).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/document.h"

namespace assay::harness {

struct TaskInfo {
  enum class Family { arc, hellaswag, mmlu, truthfulqa, text };  // text: perplexity of a file of the user's
  std::string name;  // the harness's: "arc_challenge", "hendrycksTest-anatomy"
  Family family = Family::arc;
  std::string subject;               // of MMLU; of text, the member that holds it
  int version = 0;                   // the harness's own number of the task
  std::size_t shots = 0;             // the leaderboard's
  std::vector<std::string> metrics;  // in the harness's order
  std::string leaderboard_metric;    // the one of them that the leaderboard shows
  std::string evaluated, pool;       // roles in the pack: documents asked, documents that examples are drawn from ("" = none); of text, the file
};

/// Every task: arc_challenge, hellaswag, MMLU's 57 subjects, truthfulqa_mc (the suite, in its order), then arc_easy.
const std::vector<TaskInfo>& all_tasks();
/// By the harness's name, or as the leaderboard's pages and result files write it ("arc-challenge", "truthfulqa:mc", also
/// "harness|arc:challenge|25"), or "json=SPLIT:KEY:FILE" (benchmark/harness/text_task.h). Null when there is none. Any thread; what
/// is returned lives as long as the program.
const TaskInfo* find_task(std::string_view name);
/// The names that shell-like patterns match (base/name_pattern; comma separated), sorted, each once. A name "json=..." stands for
/// itself. Names that a pattern without a match stands for are what `unmatched` gets.
std::vector<std::string> match_tasks(std::string_view patterns, const std::vector<std::string>& names, std::vector<std::string>* unmatched = nullptr);

/// A file of the task's kind.
Result<Documents> read_documents(const TaskInfo& task, std::string_view text, std::string_view where);

}  // namespace assay::harness
