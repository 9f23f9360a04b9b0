// Numbers in answers and answers as numbers, for the rule parser of free-form answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace assay::mixeval {

/// The numbers in the text: those with thousands separators, those in scientific notation, plain ones - three finds one after another,
/// so a number may come twice or in parts. `text` is valid UTF-8. Text on which the bounded search gives up holds no numbers.
std::vector<std::string> extract_numbers(std::string_view text);

/// A number, rounded to 2 decimals, or a text.
using Normal = std::variant<double, std::string>;
/// A number when Python's float() takes the text without its commas; else the text in lower case, and that twice, with a blank in front
/// of it or behind it, when it is one character.
std::vector<Normal> normalize(std::string_view text);

}  // namespace assay::mixeval
