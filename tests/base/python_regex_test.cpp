#include "base/python_regex.h"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include "base/text.h"

namespace assay {
namespace {

PythonRegex regex(std::string_view pattern, PythonRegex::Flags flags = {}) {
  auto compiled = PythonRegex::compile(pattern, flags);
  if (!compiled) {
    ADD_FAILURE() << pattern << ": " << to_string(compiled.error());
    return *PythonRegex::compile("x");
  }
  return *compiled;
}

/// re.findall for a pattern without groups, or its group 1.
std::vector<std::string> find_all(std::string_view pattern, std::string_view text, PythonRegex::Flags flags = {}) {
  auto found = regex(pattern, flags).find_all(text);
  std::vector<std::string> out;
  if (!found) {
    ADD_FAILURE() << to_string(found.error());
    return out;
  }
  for (const Match& match : *found) out.emplace_back(match.text(text, match.groups.size() > 1 ? 1 : 0));
  return out;
}

bool matches(std::string_view pattern, std::string_view text, PythonRegex::Flags flags = {}) {
  auto found = regex(pattern, flags).search(text);
  if (!found) ADD_FAILURE() << to_string(found.error());
  return found && found->has_value();
}

using Strings = std::vector<std::string>;

// The explicit classes agree with base/text.h on every code point that both libraries know.
TEST(PythonRegex, ClassesAgreeWithTextOnEveryCodePoint) {
  PythonRegex word = regex("\\A\\w\\Z"), not_word = regex("\\A\\W\\Z"), in_word = regex("\\A[\\w]\\Z"), in_not_word = regex("\\A[\\W]\\Z");
  PythonRegex space = regex("\\A\\s\\Z"), not_space = regex("\\A\\S\\Z"), in_space = regex("\\A[\\s]\\Z"), in_not_space = regex("\\A[\\S]\\Z");
  PythonRegex digit = regex("\\A\\d\\Z"), not_digit = regex("\\A\\D\\Z"), in_digit = regex("\\A[\\d]\\Z"), in_not_digit = regex("\\A[^\\d]\\Z");
  auto hit = [](const PythonRegex& pattern, const std::string& text) { return pattern.search(text)->has_value(); };
  std::size_t newer = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    ASSERT_EQ(hit(space, text), is_space(c)) << std::hex << static_cast<unsigned>(c);
    ASSERT_NE(hit(space, text), hit(not_space, text));
    ASSERT_EQ(hit(space, text), hit(in_space, text));
    ASSERT_NE(hit(space, text), hit(in_not_space, text));
    ASSERT_NE(hit(word, text), hit(not_word, text)) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(hit(word, text), hit(in_word, text));
    ASSERT_NE(hit(word, text), hit(in_not_word, text)) << std::hex << static_cast<unsigned>(c);
    ASSERT_NE(hit(digit, text), hit(not_digit, text));
    ASSERT_EQ(hit(digit, text), hit(in_digit, text));
    ASSERT_NE(hit(digit, text), hit(in_not_digit, text));
    if (hit(word, text) != is_word(c) || hit(digit, text) != is_digit(c)) ++newer;
  }
  // The two libraries may be a Unicode version or two apart: some thousand newly encoded ideographs, nothing else.
  EXPECT_LT(newer, 10'000u);
  for (char32_t c = 0; c < 0x3000; ++c) {
    if (utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_CN) continue;
    std::string text;
    append_utf8(text, c);
    ASSERT_EQ(hit(word, text), is_word(c)) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(hit(digit, text), is_digit(c)) << std::hex << static_cast<unsigned>(c);
  }
}

TEST(PythonRegex, FindsEmotionPairs) {
  std::string text = "Überrascht: 7\nsad:\u00a03.9 angry : 4 x: -1 日本: ８\n_a_: 10/10";
  auto found = regex("(\\w+):\\s+(\\d+)").find_all(text);
  ASSERT_TRUE(found);
  Strings pairs;
  for (const Match& match : *found) pairs.push_back(std::string(match.text(text, 1)) + "=" + std::string(match.text(text, 2)));
  EXPECT_EQ(pairs, (Strings{"Überrascht=7", "sad=3", "日本=８", "_a_=10"}));
}

TEST(PythonRegex, EmptyMatchesAsPython37) {
  EXPECT_EQ(find_all("a*", "baac"), (Strings{"", "aa", "", ""}));
  EXPECT_EQ(find_all("", "ä日"), (Strings{"", "", ""}));
  EXPECT_EQ(find_all("\\b|\\w+", "foo bar"), (Strings{"", "foo", "", "", "bar", ""}));
  EXPECT_EQ(find_all("(?m)^", "a\nb\n").size(), 3u);  // Python: also after the last newline
}

TEST(PythonRegex, DotAndDollar) {
  EXPECT_EQ(find_all(".+", "a\rb\nc\u2028d"), (Strings{"a\rb", "c\u2028d"}));
  EXPECT_EQ(find_all(".+", "a\nb", {.dotall = true}), (Strings{"a\nb"}));
  EXPECT_TRUE(matches("a$", "a\n"));
  EXPECT_FALSE(matches("a$", "a\n\n"));
  EXPECT_FALSE(matches("a\\Z", "a\n"));
  EXPECT_FALSE(matches("a$", "a\r"));
  EXPECT_TRUE(matches("a$", "a\nb", {.multiline = true}));
  EXPECT_FALSE(matches("^b", "a\nb"));
}

TEST(PythonRegex, WordBoundariesArePythons) {
  EXPECT_EQ(find_all("\\bfoo\\b", "foo _foo foo\u0301 äfoo (foo)").size(), 3u);
  EXPECT_TRUE(matches("\\Boo", "foo"));
  EXPECT_FALSE(matches("\\B", ""));
  EXPECT_FALSE(matches("\\b", ""));
  EXPECT_TRUE(matches("\\B", "-"));
}

TEST(PythonRegex, IgnoreCaseIsUnicode) {
  PythonRegex::Flags any{.ignore_case = true};
  EXPECT_TRUE(matches("überarbeitete", "ÜBERARBEITETE", any));
  EXPECT_TRUE(matches("(?i)ÄÖ", "äö"));
  EXPECT_TRUE(matches("i", "\u0130", any));  // as sre folds them
  EXPECT_TRUE(matches("i", "\u0131", any));
  EXPECT_TRUE(matches("[a-z]", "\u0131", any));
  EXPECT_FALSE(matches("[^a-z]", "\u0131", any));
  EXPECT_TRUE(matches("\\u0131", "I", any));
  EXPECT_TRUE(matches("k", "\u212A", any));
  EXPECT_FALSE(matches("ss", "ß", any));
  EXPECT_TRUE(matches("(?i:a)b", "Ab"));
  EXPECT_FALSE(matches("(?i:a)b", "AB"));
  EXPECT_TRUE(matches("(?i:[h-j])", "\u0131"));
  EXPECT_FALSE(matches("(?i:a)i", "A\u0130"));
  EXPECT_FALSE(matches("(?i)(?-i:[i])", "I"));
  EXPECT_EQ(find_all("x(?-i:i)i", "XiI XII", any), (Strings{"XiI"}));
}

TEST(PythonRegex, FlagsForTheWholePatternMayStandApart) {
  EXPECT_TRUE(matches("(?i)(?s)A.b", "a\nB"));
  EXPECT_TRUE(matches("(?#why)(?i)a", "A"));
}

// PCRE2 10.42's compiled code passes over these when it remembers where a repeat has failed.
TEST(PythonRegex, AlternativesBeforeARepeatAreAllTried) {
  EXPECT_EQ(find_all("(?:a|).+b", "aba"), (Strings{"ab"}));
  EXPECT_EQ(find_all("x(?:a|).+A", "xaAx"), (Strings{"xaA"}));
  EXPECT_EQ(find_all("(?:\\s|^).+(?:c|A)", " A"), (Strings{" A"}));
  EXPECT_EQ(find_all("(?:.|).*A", "\nAb"), (Strings{"A"}));
  EXPECT_EQ(find_all("(?:c|(?:a|b|).+?b)", "ab"), (Strings{"ab"}));
}

// It also leaves a group set that a possessive repeat had matched before the attempt failed.
TEST(PythonRegex, PossessiveGroupsOfAFailedAttemptAreUnset) {
  auto found = regex("(1)*+x|1").search("a1b");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->groups[0].begin, 1u);
  EXPECT_FALSE((*found)->groups[1].matched);
}

TEST(PythonRegex, GroupsNamesAndLookarounds) {
  std::string text = "score: 42, no";
  auto found = regex("(?P<name>\\w+): (?P<value>\\d+)(x)?").search(text);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->text(text, 1), "score");
  EXPECT_EQ((*found)->text(text, 2), "42");
  EXPECT_FALSE((*found)->groups[3].matched);
  EXPECT_EQ((*found)->text(text, 3), "");
  EXPECT_EQ((*found)->groups.size(), 4u);
  EXPECT_TRUE(matches("(a)\\1", "aa"));
  EXPECT_TRUE(matches("(?P<q>['\"]).*(?P=q)", "say 'x'"));
  EXPECT_EQ(find_all("(?<=\\s)\\d(?!\\d)", "1 2 34 5"), (Strings{"2", "5"}));
  EXPECT_TRUE(matches("(?#a comment]).", "x"));
}

TEST(PythonRegex, BracketsAsPython) {
  EXPECT_EQ(find_all("[]a]+", "x]a]y"), (Strings{"]a]"}));
  EXPECT_EQ(find_all("[^]a]+", "x]a]y"), (Strings{"x", "y"}));
  EXPECT_EQ(find_all("[[:alpha:]+", "[a:lx"), (Strings{"[a:l"}));  // no POSIX classes in Python
  EXPECT_EQ(find_all("[\\w-]+", "a-b c"), (Strings{"a-b", "c"}));
  EXPECT_EQ(find_all("[\\b]", "a\bc"), (Strings{"\b"}));
  EXPECT_EQ(find_all("[^\\W\\d_]+", "ab12_cd"), (Strings{"ab", "cd"}));
  EXPECT_EQ(find_all("[a-zA-ZäöüßÄÖÜ\\s]+", "Hä?ß ñ"), (Strings{"Hä", "ß "}));
  EXPECT_EQ(find_all("[\\x41-\\u0043]+", "ABCD"), (Strings{"ABC"}));
}

TEST(PythonRegex, EscapesAsPython) {
  EXPECT_TRUE(matches("\\v", "\v"));
  EXPECT_FALSE(matches("\\v", "\n"));  // PCRE's own \v is a class
  EXPECT_TRUE(matches("\\u00e4\\U0001F600", "ä😀"));
  EXPECT_TRUE(matches("a\\.b\\-c\\ä", "a.b-cä"));
  EXPECT_TRUE(matches("\\0", std::string_view("\0", 1)));
  EXPECT_TRUE(matches("a{,2}b", "ab"));
  EXPECT_EQ(find_all("a{,2}", "aaa"), (Strings{"aa", "a", ""}));
  EXPECT_TRUE(matches("a{b}", "a{b}"));
}

TEST(PythonRegex, WhatPythonRefusesIsRefused) {
  for (const char* pattern : {"(", "a)", "[a", "\\", "*a", "a**", "\\h", "\\p{L}", "\\R", "\\Q", "\\K", "(*UTF8)a", "[z-a]", "[\\w-z]", "[a-\\d]", "\\x4",
                              "\\ud800", "(?P<1a>x)", "(?x) a", "(?a)b", "a(?i)b", "(?<=a+)b", "\\8", "(?R)"}) {
    auto compiled = PythonRegex::compile(pattern);
    ASSERT_FALSE(compiled) << pattern;
    EXPECT_EQ(compiled.error().kind, ErrorKind::usage) << pattern;
    EXPECT_NE(compiled.error().where.find("offset"), std::string::npos) << pattern;
  }
  EXPECT_FALSE(PythonRegex::compile("\xff"));
}

TEST(PythonRegex, RunawayPatternsStop) {
  std::string text(200, 'a');
  auto found = regex("(a|aa|a)+$").search(text + "b");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::data);
  EXPECT_FALSE(regex("(a|aa|a)+$").find_all(text + "b"));
}

TEST(PythonRegex, LongTextsAreMatchedOrRefused) {
  std::string text = "First:" + std::string(1'000'000, 'x') + ":Last";
  EXPECT_TRUE(matches("First:(.*?):Last", text, {.dotall = true}));
  EXPECT_TRUE(matches("First:((?:x|y)*):Last", text.substr(0, 6) + std::string(20'000, 'x') + ":Last"));
  auto refused = regex("a").search(std::string(std::size_t{5} << 20, 'a'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
}

TEST(PythonRegex, IllFormedTextIsRefusedNotRead) {
  EXPECT_EQ(regex("a").search("\xff").error().kind, ErrorKind::data);
  EXPECT_EQ(regex("a").find_all("a\xe2\x82").error().kind, ErrorKind::data);
  EXPECT_EQ(regex("a").search("ä", 1).error().kind, ErrorKind::data);
}

TEST(PythonRegex, SearchFromAnOffsetSeesWhatIsBefore) {
  std::string text = "ab ab";
  auto found = regex("\\bb").search(text, 1);
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);  // as pattern.search(text, 1): the boundary looks at the character before
  auto second = regex("ab").search(text, 1);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->groups[0].begin, 3u);
  EXPECT_FALSE(*regex("a").search(text, 99));
}

}  // namespace
}  // namespace assay
