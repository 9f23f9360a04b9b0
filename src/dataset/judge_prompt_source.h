// EQ-Bench keeps the prompt for its judges inside a program file, put together from pieces. This takes it out of there: the result
// is what the pack describes by its sum, so a program that is written otherwise gives a wrong sum and not a wrong prompt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// The text assigned to `judging_prompt` in a Python program, with the pieces put in that other string assignments hold (the last one
/// that is not empty counts), and five holes left: {writing_prompt} {reference_output} {test_model_response} {prefix_text} {criteria}.
/// Null when there is no such text. Nothing is executed; the size is bounded.
std::optional<std::string> judge_prompt_from_program(std::string_view program);

}  // namespace assay
