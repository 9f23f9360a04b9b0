// ARC, the AI2 Reasoning Challenge: science questions with three to five answers.
#pragma once

#include <string_view>

#include "base/error.h"
#include "benchmark/harness/document.h"

namespace assay::harness {

/// AI2's JSON lines ({"question": {"stem", "choices": [{"text", "label"}]}, "answerKey"}) or the data set's export ({"question",
/// "choices": {"text": [], "label": []}, "answerKey"}). The gold answer is the key's place in A..E, with "1".."5" for the letters;
/// labels are not looked at. `data` errors name the line.
Result<Documents> read_arc(std::string_view text, std::string_view where);

}  // namespace assay::harness
