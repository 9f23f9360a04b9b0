#include "base/words.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using Words = std::vector<std::string>;

// Expected values are Python's: " a".split() and so on.
TEST(Words, StandBetweenRunsOfWhiteSpace) {
  EXPECT_EQ(split_words(" a  b\u00a0c\n"), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_words("one"), Words{"one"});
  EXPECT_EQ(split_words("a\u200bb\u3000\u00e9\x1c\u2028."), (Words{"a\u200bb", "\u00e9", "."}));
  EXPECT_EQ(split_words(""), Words{});
  EXPECT_EQ(split_words(" \t\r\n"), Words{});
}

TEST(Words, AreCounted) {
  EXPECT_EQ(count_words(" a  b\u00a0c "), 3u);
  EXPECT_EQ(count_words("a\u200bb"), 1u);
  EXPECT_EQ(count_words(" "), 0u);
}

}  // namespace
}  // namespace assay
