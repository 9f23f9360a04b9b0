// The question file of EQ-Bench: a JSON object, id -> {prompt, reference_answer, reference_answer_fullscale}, in file order.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::eq_bench {

/// Four emotions and the intensities they should get.
struct Reference {
  std::array<std::string, 4> names;
  std::array<std::string, 4> lowered;  // lower(names[i]), computed once
  std::array<double, 4> scores{};
};

struct Question {
  std::string id;
  std::string prompt;                  // as stored, with its outer newlines
  Reference reference;                 // normalised to a sum of 10: the v1 formula and the acceptance rule use it
  std::optional<Reference> fullscale;  // 0 to 10 each: the v2 formula uses it
};

/// Reads and validates; `where` names the file. A `data` error says which key is wrong and, where it can, the line and column.
Result<std::vector<Question>> read_questions(std::string_view text, std::string_view where);

/// What the original program makes of a file: exactly 60 questions are version "1", any other number is version "2".
std::string version_by_count(std::size_t questions);

}  // namespace assay::eq_bench
