// The file of writing prompts that Creative Writing and Judgemark share: a JSON object, id -> {writing_prompt, seed_modifiers,
// judging_criteria: [{prefix_text, criteria}], reference_output}, in file order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::story {

struct StoryPrompt {
  std::string id;
  std::string writing_prompt;              // with <SEED> where the iteration's modifier goes
  std::vector<std::string> seeds;          // never empty
  std::vector<std::string> criteria;       // of all sets, one after the other
  std::string reference;                   // a story that the judge sees beside the one it judges
};

/// Reads and validates; `where` names the file. A `data` error says which prompt and which key is wrong.
Result<std::vector<StoryPrompt>> read_prompt_set(std::string_view text, std::string_view where);

}  // namespace assay::story
