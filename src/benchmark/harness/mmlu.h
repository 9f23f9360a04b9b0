// MMLU (the harness's hendrycksTest): four-way questions in 57 subjects.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/error.h"
#include "benchmark/harness/document.h"

namespace assay::harness {

/// In the order in which the leaderboard lists them.
extern const std::array<std::string_view, 57> kMmluSubjects;

/// What stands before everything, zero-shot prompts included; ends with an empty line.
std::string mmlu_description(std::string_view subject);

/// The authors' CSV (no header: question, four choices, letter), a CSV with the header question,choice0,...,choice3,answer (a number
/// from 0) or JSON lines with question, choices, answer. Nothing is stripped but the question; "None" and numbers are text. `data`
/// errors name the line.
Result<Documents> read_mmlu(std::string_view text, std::string_view where);

}  // namespace assay::harness
