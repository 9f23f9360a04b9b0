// A text's words as Python's str.split() without an argument has them: what stands between runs of white space.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

std::vector<std::string> split_words(std::string_view text);
std::size_t count_words(std::string_view text);

}  // namespace assay
