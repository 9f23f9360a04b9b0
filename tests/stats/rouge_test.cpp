// ROUGE and the international tokens of BLEU, by hand.
#include "stats/rouge.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "stats/bleu.h"

namespace assay {
namespace {

TEST(Rouge, CountsWordsPairsAndCommonSubsequences) {
  EXPECT_EQ(join(rouge_tokens("It's 3.5 Käse, NO_ONE."), "|"), "it|s|3|5|k|se|no|one");
  auto scores = rouge("the cat sat on the mat", "The cat on the mat.");
  ASSERT_TRUE(scores);
  EXPECT_DOUBLE_EQ(scores->rouge1, 10.0 / 11);                               // 5 of 5 said, 5 of 6 wanted
  EXPECT_DOUBLE_EQ(scores->rouge2, 2 * 0.75 * 0.6 / (0.75 + 0.6));           // 3 of 4, 3 of 5
  EXPECT_DOUBLE_EQ(scores->rouge_lsum, 10.0 / 11);                           // all five, in order
  EXPECT_DOUBLE_EQ(rouge("a a b", "a b b")->rouge1, 2.0 / 3);                // a word counts as often as both have it
  EXPECT_DOUBLE_EQ(rouge("a b c d", "d c b a")->rouge_lsum, 0.25);           // one in order
  EXPECT_DOUBLE_EQ(rouge("a b c\nd e", "d e\nc a")->rouge_lsum, 2 * 0.75 * 0.6 / (0.75 + 0.6));  // "a" of the first line, "d e" of the second
  EXPECT_DOUBLE_EQ(rouge("a b c", "b\nb")->rouge_lsum, 2.0 / 5);             // the same word of two lines counts once
  for (const char* empty : {"", "...", "\n"}) {
    auto none = rouge("one", empty);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->rouge1 + none->rouge2 + none->rouge_lsum, 0);
  }
  std::string words;
  for (int i = 0; i < 20'000; ++i) words += "w ";
  EXPECT_FALSE(rouge(words, words));
}

TEST(Bleu, InternationalTokens) {
  EXPECT_EQ(join(tokens_international(" Hello, world! 3.5% of $10. "), "|"), "Hello|,|world|!|3.5|%|of|$|10.");
  EXPECT_EQ(join(tokens_international("「日本」は…"), "|"), "「|日本|」|は|…");
  EXPECT_EQ(join(tokens_international("a+b=c"), "|"), "a|+|b|=|c");
  const std::string reference = "Nothing happens, really.";
  EXPECT_DOUBLE_EQ(bleu_score(bleu_counts("Nothing happens, really.", {&reference, 1}, tokens_international)), 100.0);
  // Where no more than three tokens are there, no four stand together, and nothing is left of the score.
  EXPECT_LT(bleu_score(bleu_counts("Nothing happens", {&reference, 1}, tokens_international)), 1e-100);
}

}  // namespace
}  // namespace assay
