// Thinking that a model writes into its answer, taken apart: it is kept, and never scored.
#pragma once

#include <string>

namespace assay {

struct ReasoningSplit {
  std::string answer;
  std::string reasoning;
};

/// `<think>...</think>` blocks at the start of the text (also without the opening tag, which some chat templates put into the
/// prompt) go to `reasoning`; white space after them is dropped. A block that never closes takes the whole rest: the answer was
/// cut in mid-thought. Text without such tags comes back as it is.
ReasoningSplit split_reasoning(std::string text);

}  // namespace assay
