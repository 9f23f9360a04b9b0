// Thinking that a model writes into its answer, taken apart: it is kept, and never scored.
#pragma once

#include <string>

#include "model/request.h"

namespace assay {

struct ReasoningSplit {
  std::string answer;
  std::string reasoning;
};

/// `<think>...</think>` blocks at the start of the text (also without the opening tag, which some chat templates put into the
/// prompt) go to `reasoning`; white space after them is dropped. A block that never closes takes the whole rest: the answer was
/// cut in mid-thought. Text without such tags comes back as it is.
ReasoningSplit split_reasoning(std::string text);

/// The same of an answer: the thinking in its text goes behind what `reasoning` holds already, with a blank line between.
/// `opened`: the prompt ended with the opening tag, so that an answer without a closing one is all thought.
void take_thinking_apart(Response& response, bool opened = false);
/// The prompt's last word is the opening tag.
bool opens_thinking(std::string_view prompt);

}  // namespace assay
