// Creative Writing made ready for one run: a unit is one prompt of one iteration, iterations one after another, prompts in file
// order. Story and judgement of a unit depend on each other; different units do not, so any number of them runs at once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/creative_writing/formats.h"
#include "benchmark/story_prompts.h"
#include "benchmark/story_rounds.h"

namespace assay::creative_writing {

/// The settings that options decide, apart from data. `usage` error for what does not fit.
struct Settings {
  int version = 2;  // of the prompts
  std::string engine = "openai";
  story::Protocol protocol;
};
Result<Settings> make_settings(std::string_view version, const std::map<std::string, std::string>& options);

/// Items that a result file of the original tool holds, by iteration and prompt: those with scores are not asked again, and a
/// story of more than 400 characters without scores is judged instead of written.
using Held = std::map<std::pair<int, std::string>, StoredItem>;

/// Prompts, selection and settings of a run or of a rescoring.
struct Prepared {
  Settings settings;
  std::shared_ptr<const std::vector<story::StoryPrompt>> all;       // the whole file
  std::shared_ptr<const std::vector<story::StoryPrompt>> selected;  // --limit, --samples
  std::vector<std::vector<std::string>> criteria;                   // of the selected ones, as the judge is asked for them
  story::JudgeTemplate judge;
  int iterations = 1;
  std::string benchmark;  // "creative-writing@2"
  std::string file, sha256, judge_file, judge_sha256, edition;
  std::shared_ptr<const Held> held;
  json::object manifest() const;
};
/// Reads and checks the data, applies the selection. Errors: usage (options, unknown samples), data.
Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data);

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared);

}  // namespace assay::creative_writing
