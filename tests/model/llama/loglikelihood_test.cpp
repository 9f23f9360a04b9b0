// Log-likelihoods against a model whose every number is known, and against each other.
#include <cmath>

#include "model/llama/engine_fixture.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class LoglikelihoodOfText : public EngineTest {};

double oracle(const BigramModel& bigram, char before, const std::string& continuation) {
  double sum = 0;
  int current = static_cast<unsigned char>(before);
  for (unsigned char c : continuation) {
    sum += bigram.logprob(current, c);
    current = c;
  }
  return sum;
}

TEST_F(LoglikelihoodOfText, AgreesWithTheBigramOracle) {
  BigramModel bigram;
  auto model = open(bigram.bytes());
  ASSERT_TRUE(model);
  LoglikelihoodGroup group;
  group.shared_prefix = "Question one. Answer one.\n\nQuestion two.";
  std::vector<double> expected;
  for (int i = 0; i < 70; ++i) {  // more than one wave of sequences
    std::string context = i % 3 == 0 ? "Answer:" : i % 3 == 1 ? "Reply>" : "";
    std::string continuation(1, static_cast<char>('a' + i % 26));
    if (i % 2) continuation += "bcdefghijklmnop";
    group.items.push_back({context, continuation});
    expected.push_back(oracle(bigram, (group.shared_prefix + context).back(), continuation));
  }
  auto answer = ask(*model, group);
  ASSERT_TRUE(answer) << to_string(answer.error());
  ASSERT_EQ(answer->loglikelihoods.size(), 70u);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(answer->loglikelihoods[i].sum, expected[i], 2e-3) << i;
    EXPECT_EQ(answer->loglikelihoods[i].tokens, i % 2 ? 16 : 1);
    EXPECT_FALSE(answer->loglikelihoods[i].truncated);
  }
}

TEST_F(LoglikelihoodOfText, SaysWhetherEveryTokenWasTheArgMax) {
  BigramModel bigram;
  int best = -1;
  char context = 0;
  for (char c = 'a'; c <= 'z' && best < 0; ++c)
    if (int next = bigram.likeliest(c); next < 128 && next >= 0x20) {
      best = next;
      context = c;
    }
  if (best < 0) GTEST_SKIP() << "no letter's likeliest successor is printable";
  auto model = open(bigram.bytes());
  ASSERT_TRUE(model);
  LoglikelihoodGroup group;
  group.items = {{std::string(1, context), std::string(1, static_cast<char>(best))},
                 {std::string(1, context), std::string(1, static_cast<char>(best == 'q' ? 'r' : 'q'))}};
  auto answer = ask(*model, group);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(answer->loglikelihoods[0].greedy);
  EXPECT_FALSE(answer->loglikelihoods[1].greedy);
}

TEST_F(LoglikelihoodOfText, WithoutContextThePrefixTokenStandsBefore) {
  BigramModel bigram;
  auto model = open(bigram.bytes());
  ASSERT_TRUE(model);
  LoglikelihoodGroup group;
  group.items = {{"", "xy"}};
  auto answer = ask(*model, group);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_NEAR(answer->loglikelihoods[0].sum, bigram.logprob(256, 'x') + bigram.logprob('x', 'y'), 1e-3);
}

TEST_F(LoglikelihoodOfText, AFileThatNamesNoBosBeginsWithItsEndAndOneWithoutBothSaysSo) {
  // The library assumes token 11 then, which is nothing special here.
  BigramModel other({}, 'e');
  auto without = [](std::string bytes, std::string_view key) {
    const std::size_t at = bytes.find(key);
    EXPECT_NE(at, std::string::npos);
    bytes[at + key.size() - 1] = 'x';  // a key that nobody knows, of the same length
    return bytes;
  };
  const std::string no_bos = without(other.bytes(), "tokenizer.ggml.bos_token_id");
  ASSERT_GT(std::abs(other.logprob(11, 'x') - other.logprob('e', 'x')), 0.01) << "else the test shows nothing";
  auto model = open(no_bos);
  ASSERT_TRUE(model);
  LoglikelihoodGroup group;
  group.items = {{"", "xy"}, {"q", "xy"}};
  auto answer = ask(*model, group);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_NEAR(answer->loglikelihoods[0].sum, other.logprob('e', 'x') + other.logprob('x', 'y'), 1e-3);
  EXPECT_NEAR(answer->loglikelihoods[1].sum, other.logprob('q', 'x') + other.logprob('x', 'y'), 1e-3);
  auto neither = open(without(no_bos, "tokenizer.ggml.eos_token_id"));
  ASSERT_TRUE(neither);
  auto refused = ask(*neither, group);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
  EXPECT_NE(refused.error().message.find("neither a begin nor an end token"), std::string::npos);
  group.items = {{"q", "xy"}};
  auto fine = ask(*neither, group);
  ASSERT_TRUE(fine) << to_string(fine.error());
  EXPECT_NEAR(fine->loglikelihoods[0].sum, other.logprob('q', 'x') + other.logprob('x', 'y'), 1e-3);
}

TEST_F(LoglikelihoodOfText, HarnessV1BeginsWithTheEndOfTextTokenInstead) {
  BigramModel same, other({}, 'e');  // the second one's end token is a letter, so that it can be told from BOS
  LlamaSettings v1;
  v1.start_eos = true;
  LoglikelihoodGroup group;
  group.items = {{"", "xy"}, {"q", "xy"}};
  const double rest = other.logprob('x', 'y');
  for (bool end_of_text : {false, true}) {
    auto model = open(other.bytes(), end_of_text ? v1 : LlamaSettings{});
    ASSERT_TRUE(model);
    const int before = end_of_text ? 'e' : 256;
    auto answer = ask(*model, group);
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_NEAR(answer->loglikelihoods[0].sum, other.logprob(before, 'x') + rest, 1e-3);
    EXPECT_NEAR(answer->loglikelihoods[1].sum, other.logprob('q', 'x') + rest, 1e-3) << "a context is its own beginning";
    auto rolling = ask(*model, Rolling{"xy"});
    ASSERT_TRUE(rolling) << to_string(rolling.error());
    EXPECT_NEAR(rolling->loglikelihoods[0].sum, other.logprob(before, 'x') + rest, 1e-3);
  }
  ASSERT_GT(std::abs(other.logprob('e', 'x') - other.logprob(256, 'x')), 0.01) << "else the test shows nothing";
  // Their answers have keys of their own, except where both tokens are one.
  auto key = [&](const BigramModel& bigram, const LlamaSettings& wish) {
    auto model = open(bigram.bytes(), wish);
    return identity(*model)->text;
  };
  EXPECT_NE(key(other, v1), key(other, {}));
  EXPECT_EQ(key(same, v1), key(same, {}));
}

TEST_F(LoglikelihoodOfText, ALongContextLosesItsBeginningAndSaysSo) {
  LlamaSettings s;
  s.n_ctx = 64;
  auto model = open(BigramModel().bytes(), s);
  ASSERT_TRUE(model);
  BigramModel bigram;
  LoglikelihoodGroup group;
  group.items = {{std::string(100, 'c'), "de"}, {"c", "de"}, {"c", std::string(64, 'd')}};
  auto answer = ask(*model, group);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(answer->loglikelihoods[0].truncated);
  EXPECT_FALSE(answer->loglikelihoods[1].truncated);
  EXPECT_NEAR(answer->loglikelihoods[0].sum, answer->loglikelihoods[1].sum, 1e-4);
  EXPECT_EQ(answer->loglikelihoods[2].tokens, 64);
  group.items = {{"c", std::string(65, 'd')}};
  auto refused = ask(*model, group);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_request);
  EXPECT_NE(refused.error().message.find("65"), std::string::npos);
}

// The same numbers from one group, from groups of one, and with a prefix declared or not: within the noise of F32 arithmetic.
TEST_F(LoglikelihoodOfText, SharingComputationChangesNothingButNoise) {
  for (bool spm : {false, true}) {
    auto model = open(spm ? tiny_spm_model() : tiny_bpe_model());
    ASSERT_TRUE(model);
    std::string prefix = "the and the answer is in the hat and on the mat\n", context = "the answer is";
    std::vector<std::string> endings = {" A", " B", " A and the other", " A and", " the", "x", " "};
    LoglikelihoodGroup together;
    together.shared_prefix = prefix;
    for (const auto& ending : endings) together.items.push_back({context, ending});
    auto all = ask(*model, together);
    ASSERT_TRUE(all) << to_string(all.error());
    for (std::size_t i = 0; i < endings.size(); ++i) {
      LoglikelihoodGroup alone;
      alone.items = {{prefix + context, endings[i]}};
      auto one = ask(*model, alone);
      ASSERT_TRUE(one) << to_string(one.error());
      EXPECT_NEAR(one->loglikelihoods[0].sum, all->loglikelihoods[i].sum, 1e-4) << endings[i];
      EXPECT_EQ(one->loglikelihoods[0].tokens, all->loglikelihoods[i].tokens);
      EXPECT_GE(one->loglikelihoods[0].tokens, 1);
    }
  }
}

TEST_F(LoglikelihoodOfText, RollingCoversEveryTokenOnceInWindows) {
  BigramModel bigram;
  std::string text;
  for (int i = 0; i < 150; ++i) text += static_cast<char>('a' + (i * 7) % 26);
  double expected = bigram.logprob(256, static_cast<unsigned char>(text[0]));
  for (std::size_t i = 1; i < text.size(); ++i) expected += bigram.logprob(text[i - 1], text[i]);
  for (int n_ctx : {256, 64, 63, 16, 5, 1}) {
    LlamaSettings s;
    s.n_ctx = n_ctx;
    auto model = open(bigram.bytes(), s);
    ASSERT_TRUE(model);
    auto answer = ask(*model, Rolling{text});
    ASSERT_TRUE(answer) << to_string(answer.error());
    ASSERT_EQ(answer->loglikelihoods.size(), 1u);
    EXPECT_NEAR(answer->loglikelihoods[0].sum, expected, 2e-2) << n_ctx;
    EXPECT_EQ(answer->loglikelihoods[0].tokens, 150);
  }
}

TEST_F(LoglikelihoodOfText, EmptyGroupsAndContinuationsAreAnswered) {
  auto model = open(tiny_bpe_model());
  ASSERT_TRUE(model);
  LoglikelihoodGroup group;
  auto none = ask(*model, group);
  ASSERT_TRUE(none) << to_string(none.error());
  EXPECT_TRUE(none->loglikelihoods.empty());
  group.items = {{"the", ""}, {"the", " answer"}};
  auto empty = ask(*model, group);
  ASSERT_TRUE(empty) << to_string(empty.error());
  EXPECT_EQ(empty->loglikelihoods[0].tokens, 0);
  EXPECT_EQ(empty->loglikelihoods[0].sum, 0);
  EXPECT_GT(empty->loglikelihoods[1].tokens, 0);
}

}  // namespace
}  // namespace assay::test
