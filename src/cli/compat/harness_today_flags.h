// The words of today's lm_eval command line, put so that our parser reads them, and its models as specs of ours. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/compat/harness_model.h"

namespace assay::compat {

/// `run` in front is dropped; --tasks, --include_path and --tasks' words that follow without a dash are joined by commas;
/// --apply_chat_template and
/// --fewshot_as_multiturn get the value "true" where none stands; --cache_requests likewise.
std::vector<std::string> translate_harness(const std::vector<std::string>& words);

/// Whether the command line is today's and not the pinned version's: a flag that only today's has, `ls` or `validate`, or a task
/// that is a path.
bool is_todays_harness(const cli::Arguments& arguments);

/// hf, local-completions, local-chat-completions, openai-completions, openai-chat-completions, anthropic-chat(-completions),
/// gguf, dummy and what harness_model() takes. `concurrency` gets num_concurrent.
Result<HarnessModel> todays_model(const std::string& model, std::string_view text, std::optional<std::size_t>& concurrency);

/// "--seed": one number for all four generators, or python,numpy,torch,few-shot with "None" for no seed; fewer get the defaults.
struct HarnessSeeds {
  std::optional<std::int64_t> python = 0, numpy = 1234, torch = 1234, fewshot = 1234;
};
Result<HarnessSeeds> read_seeds(std::string_view text);

}  // namespace assay::compat
