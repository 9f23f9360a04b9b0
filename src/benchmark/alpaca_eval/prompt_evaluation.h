// A list of prompts as something to run: every prompt is a unit, its result the completion. How judges are asked, and how outputs are generated, for
// the commands that work on tables.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/alpaca_eval/decoder.h"
#include "benchmark/alpaca_eval/judge_completion.h"
#include "run/evaluation.h"

namespace assay::alpaca_eval {

struct AskedPrompt {
  std::string sample;
  std::size_t decoder = 0;
  std::string_view text;  // of whoever has it asked: it outlives the evaluation
};

struct PromptBatch {
  std::string benchmark;  // "alpaca-eval@2"
  std::vector<AskedPrompt> prompts;
  std::vector<Decoder> decoders;
  std::vector<std::string> roles;     // of the run, one a decoder
  std::vector<bool> whole_choices;    // whether a decoder's completion is the server's choice instead of its text
  json::object judging{};             // of the manifest: role -> how it judges
  int iteration = 1;                  // equal prompts of another iteration are asked anew: seeds are judges of their own
};

/// `data` error when no prompt can be sent; a single one that cannot has a failure as its completion.
Result<std::shared_ptr<Evaluation>> make_prompt_evaluation(PromptBatch batch);

/// In the order of the prompts; those that never ran have a failure. `date`: of all.
Result<std::vector<JudgeCompletion>> completions_of(const UnitResults& results, const std::string& date);

/// A request's response as a completion.
JudgeCompletion completion_of(const Decoder& decoder, std::string_view prompt, const Response& response, bool whole_choice);

}  // namespace assay::alpaca_eval
