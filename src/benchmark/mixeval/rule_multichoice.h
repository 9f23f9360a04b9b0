// The rule parser of multiple-choice answers: letters in certain surroundings, else the words of an option, else a guess.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/python_random.h"

namespace assay::mixeval {

/// Index of the option that the response names, or null when it names none. `response` as cut for base models, valid UTF-8;
/// at most kMostOptions options.
std::optional<std::size_t> find_option(std::string_view response, const std::vector<std::string>& options);

struct RuleChoice {
  char letter = 'A';
  bool guessed = false;  // drawn, as nothing was found
};
/// As the original: a guess where nothing is found. `options` is not empty.
RuleChoice parse_choice(std::string_view response, const std::vector<std::string>& options, PythonRandom& random);

}  // namespace assay::mixeval
