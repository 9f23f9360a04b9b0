// The rule parser of free-form answers: key phrases and the numbers in them, compared with the acceptable answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmark/mixeval/rule_numbers.h"

namespace assay::mixeval {

/// What the response may be taken to say, each thing once: numbers in ascending order (nan last), then texts in order of their code
/// points. The original keeps them in a set, without order. `response` as cut for base models, valid UTF-8.
std::vector<Normal> parse_answer(std::string_view response);

/// Whether some text holds an acceptable text, or some number equals an acceptable number.
bool answer_matches(const std::vector<Normal>& parsed, const std::vector<std::string>& targets);

}  // namespace assay::mixeval
