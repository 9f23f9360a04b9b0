// YAML tasks made ready for one run: which, with which settings, on which data.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/harness/yaml_plan.h"
#include "benchmark/harness/yaml_scoring.h"

namespace assay::harness {

/// The commit of the original program whose rules these are.
inline constexpr std::string_view kTodayCommit = "4e7e0d47f33bc71070c1d38394bafbb52b117163";

struct YamlTaskRun {
  YamlPlan plan;
  TaskScorer scorer;
  json::object facts;  // for the manifest
};

struct YamlPrepared {
  struct Place {
    std::uint32_t task = 0, document = 0;
  };
  std::string benchmark;    // "harness:arc_easy"
  TaskSelection selection;  // of its tasks, those of `tasks` in the same order
  std::vector<YamlTaskRun> tasks;
  std::vector<Place> places;  // the units, in the order asked
  json::object settings;      // the options as given
  std::vector<std::string> deviates;
  std::size_t bootstrap = 100'000;
  bool predict_only = false;
  std::string system_instruction;
  bool chat = false;
  bool rendered = false;  // a template of the run's makes text of dialogues

  const YamlPlan& plan(std::size_t unit) const { return tasks[places[unit].task].plan; }
  /// Log-likelihoods of dialogues need the text that these become: an error where nobody makes it.
  Result<void> askable(const TaskConfig& task) const;
  /// "arc_easy/17": the task and the row of the evaluated split, from 0.
  std::string sample(std::size_t unit) const;
  json::object manifest() const;
};

/// What `harness` takes as --option; for its info().
std::vector<BenchmarkOption> yaml_options();

/// `index_cache`: see TaskIndex; may be empty. `data` serves what a pack has of a task's data set when no local file does.
/// Errors: usage (options, names, samples), unsupported (a task that needs Python), data.
Result<YamlPrepared> prepare_yaml(const PrepareSettings& settings, DataSource& data, const std::filesystem::path& index_cache);

std::shared_ptr<Evaluation> make_yaml_evaluation(YamlPrepared prepared);
/// What such an Evaluation was made of; null for another one. Lives as long as it.
const YamlPrepared* prepared_of(const Evaluation& evaluation);
/// The answers of a stored result: texts for generate_until, numbers for the others.
std::vector<std::string> texts_of(const SampleResult& sample);
std::vector<Loglikelihood> numbers_of(const SampleResult& sample);

}  // namespace assay::harness
