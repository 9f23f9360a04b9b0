// Tasks made ready for one run: which, with which settings, on which data, and which of their documents.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/harness/task_plan.h"

namespace assay::harness {

/// The commit of the original program whose rules these are.
inline constexpr std::string_view kHarnessCommit = "b281b0921b636bc36ad05c0b0b0763bd6dd43463";

struct PreparedTask {
  TaskPlan plan;
  json::object facts;  // for the manifest: version, examples, documents, sum of the data
};

struct Prepared {
  struct Place {
    std::uint32_t task = 0, document = 0;
  };
  std::string benchmark;  // "open-llm-leaderboard@1", "harness-v1:arc_challenge"
  bool suite = false;     // the leaderboard's columns and their average
  std::vector<PreparedTask> tasks;
  std::vector<Place> places;  // the units, in the order asked
  bool all_selected = true;   // no --samples
  std::string edition;
  json::object settings;  // as the harness's result files name them: num_fewshot, limit, description_dict; write_out where wished
  std::vector<std::string> deviates;

  const TaskPlan& plan(std::size_t unit) const { return tasks[places[unit].task].plan; }
  const Document& document(std::size_t unit) const { return plan(unit).document(places[unit].document); }
  /// "arc_challenge/17": the task and the row of its file, from 0.
  std::string sample(std::size_t unit) const;
  json::object manifest() const;
};

/// `suite`: the four tasks of the leaderboard with its numbers of examples. Else the task that is the variant, or the option `tasks`.
/// Errors: usage (options, tasks, samples), data.
Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data, bool suite);

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared);
/// What such an evaluation was made of; null for any other. Lives as long as the evaluation.
const Prepared* pinned_prepared_of(const Evaluation& evaluation);

}  // namespace assay::harness
