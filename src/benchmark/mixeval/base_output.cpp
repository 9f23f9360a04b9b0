#include "benchmark/mixeval/base_output.h"

#include "base/text.h"

namespace assay::mixeval {

bool is_meaningful(std::string_view text) {
  struct Range {
    char32_t first, last;
  };
  // The original's pattern. Latin Extended Additional, kana and others are not in it.
  static constexpr Range kRanges[] = {{0x30, 0x39},     {0x41, 0x5A},     {0x61, 0x7A},     {0xC0, 0x24F},    {0x370, 0x3FF}, {0x400, 0x52F},
                                      {0x2C00, 0x2C5F}, {0x4E00, 0x9FFF}, {0xA640, 0xA69F}, {0xAC00, 0xD7AF}};
  while (!text.empty()) {
    const char32_t c = next_code_point(text);
    for (const Range& range : kRanges)
      if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

std::string_view cut_base_output(Split split, std::string_view response) {
  const std::string_view mark = split == Split::free_form ? "\n\n\nQuestion" : "\n\n";
  const std::string_view part = response.substr(0, response.find(mark));
  return is_meaningful(part) ? part : response;
}

}  // namespace assay::mixeval
