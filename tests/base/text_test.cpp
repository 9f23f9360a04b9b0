#include "base/text.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace assay {
namespace {

constexpr char32_t kEnd = 0x110000;

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

std::string utf8(char32_t c) {
  std::string out;
  append_utf8(out, c);
  return out;
}

TEST(Text, EveryCodePointSurvivesUtf8) {
  for (char32_t c = 0; c < kEnd; ++c) {
    if (is_surrogate(c)) continue;
    std::string text = utf8(c);
    ASSERT_TRUE(is_valid_utf8(text)) << std::hex << static_cast<unsigned>(c);
    std::string_view rest = text;
    ASSERT_TRUE(next_code_point(rest) == c);
    ASSERT_TRUE(rest.empty());
  }
  EXPECT_EQ(utf8(0xD800), "\uFFFD");
  EXPECT_EQ(utf8(0x110000), "\uFFFD");
}

TEST(Text, IllFormedBytesAreReplacedAsPythonDoes) {
  // bytes.decode("utf-8", "replace"): one U+FFFD for each maximal subpart.
  EXPECT_EQ(valid_utf8("abc"), "abc");
  EXPECT_EQ(valid_utf8("a\xff" "b"), "a\uFFFDb");
  EXPECT_EQ(valid_utf8("\xe2\x82"), "\uFFFD");               // cut in the middle: one subpart
  EXPECT_EQ(valid_utf8("\xe2\x82" "x"), "\uFFFDx");
  EXPECT_EQ(valid_utf8("\xf0\x9f\x98"), "\uFFFD");
  EXPECT_EQ(valid_utf8("\xc0\xaf"), "\uFFFD\uFFFD");         // overlong
  EXPECT_EQ(valid_utf8("\xe0\x80\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(valid_utf8(std::string_view("a\0b", 3)), std::string("a\0b", 3));
  EXPECT_FALSE(is_valid_utf8("\xe2\x82"));
}

TEST(Text, WordSpaceAndDigitFollowPython) {
  for (char32_t c : {U'a', U'Z', U'0', U'_', U'ä', U'ß', U'日', U'²', U'½', U'Ⅷ', U'㊀', U'８', U'٣', U'ª'})
    EXPECT_TRUE(is_word(c)) << std::hex << static_cast<unsigned>(c);
  // A combining acute, a zero-width space, hyphens, an emoji, the undertie (a connector, but not '_').
  for (char32_t c : {U'-', U' ', U'\u0301', U'\u200B', U'\u2010', U'😀', U'\u203F', U'.', U'\u0903'})
    EXPECT_FALSE(is_word(c)) << std::hex << static_cast<unsigned>(c);

  std::u32string spaces;
  for (char32_t c = 0; c < kEnd; ++c)
    if (is_space(c)) spaces += c;
  std::u32string expected = U"\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
                            U"\u200a\u2028\u2029\u202f\u205f\u3000";
  EXPECT_TRUE(spaces == expected) << spaces.size() << " white-space characters, expected " << expected.size();
}

TEST(Text, DigitsOfEveryScriptHaveTheirValue) {
  EXPECT_EQ(digit_value(U'7'), 7);
  EXPECT_EQ(digit_value(U'８'), 8);
  EXPECT_EQ(digit_value(0x0663), 3);
  EXPECT_EQ(digit_value(0x1D7CE), 0);  // mathematical digits: five runs of ten without a gap
  EXPECT_EQ(digit_value(0x1D7D7), 9);
  EXPECT_EQ(digit_value(0x1D7D8), 0);
  EXPECT_EQ(digit_value(0x1D7FF), 9);
  EXPECT_EQ(digit_value(U'²'), std::nullopt);
  EXPECT_EQ(digit_value(U'x'), std::nullopt);
  std::size_t digits = 0, sum = 0;
  for (char32_t c = 0; c < kEnd; ++c) {
    ASSERT_EQ(is_digit(c), digit_value(c).has_value());
    if (auto value = digit_value(c)) {
      ++digits;
      sum += static_cast<std::size_t>(*value);
      ASSERT_TRUE(is_word(c));
    }
  }
  EXPECT_EQ(digits % 10, 0u);       // whole runs of ten,
  EXPECT_EQ(sum, digits / 10 * 45);  // each with every value once
  EXPECT_GE(digits, 650u);
}

TEST(Text, StripTakesPythonsWhiteSpace) {
  EXPECT_EQ(strip(" \t\u3000 a b\u00a0\n\x1c"), "a b");
  EXPECT_EQ(lstrip("  a "), "a ");
  EXPECT_EQ(rstrip("  a "), "  a");
  EXPECT_EQ(strip("\u200b a"), "\u200b a");  // not white space in Python
  EXPECT_EQ(strip("\ufeffa"), "\ufeffa");
  EXPECT_EQ(strip(" \u2028"), "");
  EXPECT_EQ(strip(""), "");
}

TEST(Text, LowerFollowsPython) {
  EXPECT_EQ(lower("ABC xyz 1"), "abc xyz 1");
  EXPECT_EQ(lower("ÄÖÜ ẞß"), "äöü ßß");
  EXPECT_EQ(lower("İ"), "i\u0307");
  EXPECT_EQ(lower("ΣΑΣ"), "σας");
  EXPECT_EQ(lower("Σ"), "σ");
  EXPECT_EQ(lower("ΑΣ."), "ας.");
  EXPECT_EQ(lower("ΑΣ'Α"), "ασ'α");   // an apostrophe is ignored when looking for a letter after it
  EXPECT_EQ(lower("Α\u0301Σ"), "α\u0301ς");
  EXPECT_EQ(lower(" Σ "), " σ ");
  EXPECT_EQ(lower("ⒶΣ"), "ⓐς");       // cased although no letter
  EXPECT_EQ(lower("Ⅷ"), "ⅷ");
}

TEST(Text, LowerOfAllCodePointsIsStable) {
  std::size_t changed = 0;
  for (char32_t c = 0; c < kEnd; ++c) {
    if (is_surrogate(c)) continue;
    std::string text = utf8(c), low = lower(text);
    if (low != text) ++changed;
    ASSERT_EQ(lower(low), low) << std::hex << static_cast<unsigned>(c);
    ASSERT_TRUE(is_valid_utf8(low));
  }
  EXPECT_GE(changed, 1400u);
}

TEST(Text, CountsAndOffsetsAreInCodePoints) {
  EXPECT_EQ(count_code_points("aä日😀"), 4u);
  for (std::size_t before = 0; before < 18; ++before)
    for (std::size_t after : {0, 1, 7, 8, 9}) EXPECT_EQ(count_code_points(std::string(before, 'a') + "ä日😀" + std::string(after, 'z')), before + 3 + after);
  EXPECT_EQ(offset_of_code_point("aä日😀", 2), 3u);
  EXPECT_EQ(offset_of_code_point("aä", 2), 3u);
  EXPECT_EQ(offset_of_code_point("aä", 99), 3u);
  EXPECT_EQ(shorten("aä日😀", 3), "aä日…");
  EXPECT_EQ(shorten("aä日😀", 4), "aä日😀");
}

TEST(Text, SplitsAndJoins) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(split_lines("a\n\nb\n"), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split_lines("a\r\nb"), (std::vector<std::string_view>{"a\r", "b"}));
  EXPECT_TRUE(split_lines("").empty());
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(replace_all("aXbXXc", "X", "--"), "a--b----c");
  EXPECT_EQ(replace_all("aaa", "aa", "a"), "aa");  // one pass, left to right
  EXPECT_EQ(replace_all("abc", "", "x"), "abc");
}

TEST(Text, DisplayWidthCountsColumns) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("😀"), 2u);
  EXPECT_EQ(display_width("a\nb"), 2u);
}

TEST(Text, HtmlIsEscaped) { EXPECT_EQ(escape_html("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"); }

TEST(Text, EditDistanceKnowsTranspositions) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(Text, DidYouMeanNamesTheNearest) {
  std::vector<std::string> names{"temperature", "top_p", "top_k", "max_tokens", "template"};
  EXPECT_EQ(did_you_mean("temprature", names).front(), "temperature");
  EXPECT_EQ(did_you_mean("TOP_P", names).front(), "top_p");
  EXPECT_EQ(did_you_mean("tokens", names), (std::vector<std::string>{"max_tokens"}));
  EXPECT_TRUE(did_you_mean("zzzzzz", names).empty());
  EXPECT_TRUE(did_you_mean(std::string(100'000, 'a'), names).empty());
  EXPECT_LE(did_you_mean("top_x", {"top_a", "top_b", "top_c", "top_d"}).size(), 3u);
}

}  // namespace
}  // namespace assay
