// Python's string rules on bytes of any kind (base/text, base/number).
#include "base/number.h"
#include "base/text.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  std::string text = valid_utf8(input);
  REQUIRE(is_valid_utf8(text));
  REQUIRE(is_valid_utf8(input) == (text == input));
  REQUIRE(valid_utf8(text) == text);

  // The functions expect valid text; foreign bytes must not hurt them all the same.
  for (std::string_view each : {std::string_view(text), input}) {
    std::string_view stripped = strip(each);
    REQUIRE(strip(stripped) == stripped);
    REQUIRE(lstrip(rstrip(each)) == stripped);
    std::size_t points = count_code_points(each), walked = 0;
    REQUIRE(points <= each.size());
    REQUIRE(offset_of_code_point(each, points) <= each.size());
    for (std::string_view rest = each; !rest.empty(); ++walked) {
      char32_t c = next_code_point(rest);
      REQUIRE(c <= 0x10FFFF);
      if (auto digit = digit_value(c)) REQUIRE(is_digit(c) && *digit >= 0 && *digit <= 9);
      if (is_digit(c)) REQUIRE(is_word(c));
      if (is_space(c)) REQUIRE(!is_word(c));
    }
    REQUIRE(walked == points || !is_valid_utf8(each));
    display_width(each);
    std::string html = escape_html(each);
    REQUIRE(html.find('<') == std::string::npos && html.find('"') == std::string::npos);
    REQUIRE(join(split(each, ','), ",") == each);
    python_float(each);
  }
  REQUIRE(is_valid_utf8(lower(text)));
  REQUIRE(is_valid_utf8(shorten(text, 7)) && count_code_points(shorten(text, 7)) <= 8);
  if (auto number = python_float(text)) {
    auto again = python_float(python_repr(*number));
    REQUIRE(again.has_value());
    REQUIRE(*again == *number || (*again != *again && *number != *number));
  }
  if (text.size() < 200) {
    std::string_view left = std::string_view(text).substr(0, offset_of_code_point(text, count_code_points(text) / 2));
    REQUIRE(edit_distance(left, left) == 0);
    REQUIRE(edit_distance(left, text) == edit_distance(text, left));
  }
}

}  // namespace assay::fuzz
