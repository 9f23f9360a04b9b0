// Base models go on after their answer, with questions of their own: this cuts their output where the answer ends.
#pragma once

#include <string_view>

#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

/// Whether the text holds a character of those scripts that the original counts as meaningful (kana, Arabic, Hebrew, Thai do not).
bool is_meaningful(std::string_view text);

/// The part in front of "\n\n\nQuestion" (free-form) or "\n\n" (multiple-choice); the whole when that part says nothing.
std::string_view cut_base_output(Split split, std::string_view response);

}  // namespace assay::mixeval
