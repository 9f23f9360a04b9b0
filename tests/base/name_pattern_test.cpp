#include "base/name_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace assay {
namespace {

TEST(NamePattern, AsPythonsFnmatch) {
  struct Case {
    const char *name, *pattern;
    bool match;
  };
  const Case cases[] = {
      {"a/b/model.gguf", "*.gguf", true},   {"model.gguf", "model.*", true},        {"Model.gguf", "model.*", false},  {"model.gguf", "model", false},
      {"x", "?", true},                     {"", "?", false},                       {"", "*", true},                   {"", "", true},
      {"ü", "?", true},                     {"a/b", "a?b", true},                   {"abc", "[a-c][!x]c", true},       {"abc", "[!a]bc", false},
      {"]", "[]]", true},                   {"a", "[!]]", true},                    {"]", "[!]]", false},              {"[x", "[x", true},
      {"-", "[a-]", true},                  {"b", "[a-]", false},                   {"^", "[^]", true},                {"a", "[^]", false},
      {"m", "[z-a]", false},                {"aaab", "*a*b", true},                 {"aaac", "*a*b", false},           {"abcabc", "*abc", true},
      {"q4/x-00001-of-2.gguf", "q4/*-0000?-of-*", true}, {".hidden", "*", true},    {"a\nb", "a?b", true},             {"a.b", "a[.]b", true},
      {"abcb", "a*bc", false},              {"a]c", "a[]]c", true},                 {"a\u00e9\u65e5", "a?[\u00e9-\u8a9e]", true}, {"", "**", true},
      {"a", "", false},                     {"[[x", "[[x", true},                   {"b", "[a--]", false},             {"c", "[z-ab-c]", true},
      {"-", "[z-a-c]", true},               {"q", "[!z-a]", true},                  {"-", "[a-b-c]", true},
  };
  for (const Case& c : cases) EXPECT_EQ(matches_pattern(c.name, c.pattern), c.match) << c.name << " " << c.pattern;
  // A pattern that makes naive matchers take for ever.
  EXPECT_FALSE(matches_pattern(std::string(5000, 'a'), "*a*a*a*a*a*a*a*a*a*a*b"));
  EXPECT_FALSE(matches_pattern("a", std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace assay
