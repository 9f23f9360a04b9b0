// Asking about one story: Rounds says whom and how warm, this asks through the unit's context. Creative Writing asks a writer and a
// judge; Judgemark has the story and asks the judge alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "benchmark/story_evidence.h"
#include "benchmark/story_prompts.h"
#include "benchmark/story_rounds.h"
#include "run/evaluation.h"

namespace assay::story {

/// Everything about one item. The pointers outlive it.
struct Dialogue {
  std::string sample;
  std::string writer_role, judge_role;  // names of the run's roles
  std::string writing_prompt;
  std::vector<std::string> criteria;
  std::optional<std::string> given;     // the story, where there is one already
  const StoryPrompt* prompt = nullptr;
  const JudgeTemplate* judge = nullptr;
  const Protocol* protocol = nullptr;
};

Request writer_request(const Dialogue& dialogue, double temperature);
Request judge_request(const Dialogue& dialogue, std::string_view story, double temperature);
/// The first request of the dialogue, which is known beforehand, and its role; `pending` gets a line for each kind of further ones.
KnownRequest first_request(const Dialogue& dialogue, std::vector<std::string>& pending);

/// Errors: those that end the unit. A failed request is an answer without text.
Async<SampleResult> talk(Dialogue dialogue, UnitContext& context);

}  // namespace assay::story
