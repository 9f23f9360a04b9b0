// BLEU, chrF and TER against values worked out by hand from sacrebleu's definitions; TER's shifts also against a plain reading of tercom's rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "stats/bleu.h"
#include "stats/chrf.h"
#include "stats/ter.h"

namespace assay {
namespace {

using Texts = std::vector<std::string>;

Texts words(const std::string& text) {
  Texts out;
  for (char c : text + " ") {
    if (c != ' ') {
      if (out.empty() || out.back().ends_with(' ')) out.emplace_back();
      out.back() += c;
    } else if (!out.empty() && !out.back().ends_with(' ')) {
      out.back() += ' ';
    }
  }
  for (std::string& word : out) word.pop_back();
  return out;
}

TEST(Bleu, Tokens) {
  EXPECT_EQ(tokens_13a("Prices rose 3.5% to 1,200 in 2019-20, isn't it? (\"Yes.\") a-b"),
            (Texts{"Prices", "rose", "3.5", "%", "to", "1,200", "in", "2019", "-", "20", ",", "isn't", "it", "?", "(", "\"", "Yes", ".", "\"", ")", "a-b"}));
  EXPECT_EQ(tokens_13a("one &amp;lt; two-\nthree\nfour <skipped>&quot;"), (Texts{"one", "<", "twothree", "four", "\""}));  // undone one after the other
  EXPECT_EQ(tokens_13a(" \t\n"), Texts{});
  EXPECT_EQ(tokens_13a("é.ü,9"), (Texts{"é", ".", "ü", ",", "9"}));
  EXPECT_EQ(tokens_13a("a\u3000b\u00a0c"), (Texts{"a", "b", "c"}));
}

TEST(Bleu, Scores) {
  auto score = [](const std::string& hypothesis, const Texts& references) { return bleu_score(bleu_counts(hypothesis, references)); };
  EXPECT_NEAR(score("the cat sat on the mat", {"the cat is on the mat"}), std::pow(500.0 / 6 * 60 * 25 * (100.0 / 6), 0.25), 1e-10);
  EXPECT_NEAR(score("a b c d e", {"a b c d e f g"}), 100 * std::exp(1 - 7.0 / 5), 1e-10);
  EXPECT_EQ(score("a b c", {"a b c"}), 0);  // no 4-gram: effective order is for single sentences
  EXPECT_EQ(score("", {"a"}), 0);
  EXPECT_EQ(score("x y z", {"a b c"}), 0);
  EXPECT_EQ(score("", {""}), 0);
  EXPECT_NEAR(score("a b c d", {"a b c d"}), 100, 1e-10);
  EXPECT_EQ(score("A b c d", {"a b c d"}) < 100, true);  // case counts
  // Of two references the nearest length counts, of two as near the shorter; n-grams of either match.
  BleuCounts two = bleu_counts("a b c d", Texts{"a b c x y", "d c b"});
  EXPECT_EQ(two.reference_length, 3u);
  EXPECT_EQ(two.matches, (std::array<std::uint64_t, 4>{4, 2, 1, 0}));
}

TEST(Bleu, CorpusIsMadeOfCountsNotOfScores) {
  BleuCounts all = bleu_counts("a b c d", Texts{"a b c d"});
  all += bleu_counts("e f g h", Texts{"e f x h"});
  // 7/8, 4/6, 2/4, 1/2.
  EXPECT_NEAR(bleu_score(all), std::pow(87.5 * (400.0 / 6) * 50 * 50, 0.25), 1e-10);
}

TEST(Chrf, Scores) {
  auto score = [](const std::string& hypothesis, const Texts& references) { return chrf_score(chrf_counts(hypothesis, references)); };
  EXPECT_EQ(score("a b c", {"abc"}), 100);  // white space does not count
  EXPECT_EQ(score("", {"c"}), 0);
  EXPECT_EQ(score("abcdefg", {"hijklmnop"}), 0);
  EXPECT_EQ(score("aa", {"ab"}), 25);  // half of the letters, none of the pairs
  // "abcd" in "abc": precisions 3/4, 2/3, 1/2 and recalls 1, 1, 1 over the orders that both have.
  const double precision = (3.0 / 4 + 2.0 / 3 + 1.0 / 2) / 3;
  EXPECT_NEAR(score("abcd", {"abc"}), 100 * 5 * precision / (4 * precision + 1), 1e-10);
  EXPECT_EQ(score("ü日", {"日ü"}), 50);  // by code points
  EXPECT_EQ(score("Ab", {"ab"}), 25);
  EXPECT_EQ(score("ab", {"xx", "ab", "ab"}), 100);
  ChrfCounts both = chrf_counts("a", Texts{"a"});
  both += chrf_counts("b", Texts{"c"});
  EXPECT_EQ(chrf_score(both), 50);
}

TEST(Ter, Edits) {
  auto edits = [](const std::string& hypothesis, const std::string& reference) { return translation_edits(words(hypothesis), words(reference)); };
  EXPECT_EQ(edits("a b c", "a b c"), 0u);
  EXPECT_EQ(edits("x y z", "a b c"), 3u);
  EXPECT_EQ(edits("", "a b"), 2u);
  EXPECT_EQ(edits("a b", ""), 2u);
  EXPECT_EQ(edits("d e f g h a b c", "a b c d e f g h"), 1u);  // one phrase moved
  EXPECT_EQ(edits("c a b", "a b c"), 1u);
  EXPECT_EQ(edits("b a d c", "a b c d"), 2u);  // two shifts
  EXPECT_EQ(edits("c d x a b", "a b c d"), 2u);  // a shift and a word too many
}

TEST(Ter, LimitsAsTercom) {
  Texts hypothesis, reference;
  for (int i = 0; i < 120; ++i) hypothesis.push_back(std::to_string(i)), reference.push_back(std::to_string((i + 70) % 120));
  EXPECT_EQ(translation_edits(hypothesis, reference), 120u);  // 70 places away: beyond the 50 that a shift may go
  hypothesis.assign(1, "a");
  reference.assign(200, "b");
  reference.push_back("a");
  EXPECT_EQ(translation_edits(hypothesis, reference), 200u);  // a band as wide as the ratio of the lengths asks for
  hypothesis.clear(), reference.clear();
  for (int i = 0; i < 80; ++i) hypothesis.push_back(std::to_string(i % 3)), reference.push_back(std::to_string((i * 2 + 1) % 3));
  EXPECT_EQ(translation_edits(hypothesis, reference), 54u);  // the candidates are spent
}

TEST(Ter, Scores) {
  auto score = [](const std::string& hypothesis, const Texts& references) { return ter_score(ter_counts(hypothesis, references)); };
  EXPECT_EQ(score("d e f g h a b c", {"a b c d e f g h"}), 12.5);
  EXPECT_EQ(score("The CAT", {"the cat"}), 0);  // lower-cased
  EXPECT_NEAR(score("the cat.", {"the cat ."}), 200 / 3.0, 1e-10);  // nothing else is normalised
  EXPECT_EQ(score("a", {""}), 100);
  EXPECT_EQ(score("", {""}), 0);
  TerCounts of_two = ter_counts("a b", Texts{"a b c d", "a x"});
  EXPECT_EQ(of_two.edits, 1);
  EXPECT_EQ(of_two.length, 3);
}

TEST(Ter, LongTextsEnd) {
  Texts hypothesis(20000, "a"), reference(300, "a");
  hypothesis[7] = "b";
  EXPECT_EQ(translation_edits(hypothesis, reference), 19700u);
}

}  // namespace
}  // namespace assay
