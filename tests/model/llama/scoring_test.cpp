// What the two modes promise: reproducible numbers belong to their group alone, to the last bit; fast ones agree with one request
// at a time within the arithmetic's noise; and neither computes a token twice that it could share.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "model/llama/engine_fixture.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class Scoring : public EngineTest {
 protected:
  std::unique_ptr<Model> start(const LlamaSettings& s) {
    auto model = make_llama_model(s, system_clock());
    if (!model) {
      ADD_FAILURE() << to_string(model.error());
      return nullptr;
    }
    return std::move(*model);
  }
  std::vector<Result<Response>> ask_groups(Model& model, const std::vector<LoglikelihoodGroup>& groups) {
    std::vector<Query> queries(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) queries[i].request = groups[i];
    return ask_all(model, std::move(queries));
  }
  static std::int64_t counter(const Model& model, const char* name) {
    return model.facts().at("loglikelihood").at(name).as_int64();
  }
};

std::vector<double> sums(const Result<Response>& answer) {
  std::vector<double> out;
  EXPECT_TRUE(answer) << to_string(answer.error());
  if (answer)
    for (const Loglikelihood& l : answer->loglikelihoods) out.push_back(l.greedy ? l.sum + 1000 : l.sum);
  return out;
}

std::string shots(int subject) {
  std::string text = "The following are questions about " + std::string(1, static_cast<char>('a' + subject)) + ".\n\n";
  for (int i = 0; i < 3; ++i) text += "Question " + std::to_string(i * 7 + subject) + ": and the other\nAnswer: the same\n\n";
  return text;
}

/// Documents of three subjects, some of them with borders at which the tokenizer joins prefix and question; long and short,
/// one-token choices and longer ones.
std::vector<LoglikelihoodGroup> documents(int count) {
  std::vector<LoglikelihoodGroup> out;
  for (int i = 0; i < count; ++i) {
    LoglikelihoodGroup g;
    g.shared_prefix = shots(i % 3);
    if (i % 4 == 3) g.shared_prefix += "t";  // "t" + "he" becomes one token
    std::string question = (i % 4 == 3 ? "he question " : "Question ") + std::string(static_cast<std::size_t>(i * 11 % 40), 'b') +
                           std::to_string(i) + "\nAnswer:";
    if (i % 2)
      for (const char* letter : {" A", " B", " C", " D"}) g.items.push_back({question, letter});
    else
      for (int k = 0; k < (i % 5 == 0 ? 40 : 4); ++k)
        g.items.push_back({question, " the choice " + std::to_string(k * k) + " of them"});
    out.push_back(std::move(g));
  }
  return out;
}

std::vector<LoglikelihoodGroup> one_by_one(const LoglikelihoodGroup& group) {
  std::vector<LoglikelihoodGroup> out;
  for (const auto& item : group.items) out.push_back({{}, {{group.shared_prefix + item.context, item.continuation}}});
  return out;
}

TEST_F(Scoring, ReproducibleNumbersBelongToTheirGroupAlone) {
  struct Way {
    GgufType weights;
    const char* kv_type;
    bool flash_attn;
  };
  const std::vector<LoglikelihoodGroup> all = documents(12);
  for (const Way& way : {Way{GgufType::f32, "f32", false}, Way{GgufType::q8_0, "f16", false}, Way{GgufType::f16, "f16", true}}) {
    SCOPED_TRACE("weights " + std::to_string(static_cast<int>(way.weights)) + (way.flash_attn ? " flash" : ""));
    LlamaSettings s;
    s.path = write("model.gguf", tiny_bpe_model(way.weights));
    s.kv_type = way.kv_type;
    s.flash_attn = way.flash_attn;
    s.n_ctx = 2048;
    s.n_batch = 96;  // several decodes a prefix
    s.threads = 1;
    std::vector<std::vector<double>> alone;  // each group by a model that has seen no other
    for (const LoglikelihoodGroup& group : all) {
      auto model = start(s);
      alone.push_back(sums(ask(*model, group)));
      ASSERT_EQ(alone.back().size(), group.items.size());
    }
    auto expect_same = [&](const LlamaSettings& settings, const std::vector<std::size_t>& order, const char* what) {
      auto model = start(settings);
      std::vector<LoglikelihoodGroup> groups;
      for (std::size_t i : order) groups.push_back(all[i]);
      auto answers = ask_groups(*model, groups);
      for (std::size_t k = 0; k < order.size(); ++k)
        EXPECT_EQ(sums(answers[k]), alone[order[k]]) << what << " group " << order[k];
    };
    std::vector<std::size_t> forward(all.size());
    std::iota(forward.begin(), forward.end(), 0);
    expect_same(s, forward, "in order");
    std::vector<std::size_t> backward(forward.rbegin(), forward.rend());
    expect_same(s, backward, "reversed");
    expect_same(s, {7, 2, 11, 2}, "a subset");
    expect_same(s, {6, 7, 8, 9, 10, 11}, "resumed in the middle");
    LlamaSettings other = s;
    other.scoring_sequences = 256;
    expect_same(other, forward, "256 sequences");
    other.scoring_sequences = 32;
    expect_same(other, backward, "32 sequences");
    other = s;
    other.n_ctx = 1024;
    expect_same(other, forward, "n_ctx 1024");
    other = s;
    other.threads = 2;
    expect_same(other, {0, 1, 7, 4}, "2 threads");
    other = s;
    other.parallel = 8;
    expect_same(other, {3, 1, 2}, "8 generations");
  }
}

TEST_F(Scoring, BothModesAgreeWithOneRequestAtATime) {
  for (bool spm : {false, true}) {
    for (const char* mode : {"reproducible", "fast"}) {
      SCOPED_TRACE(std::string(mode) + (spm ? " spm" : " bpe"));
      LlamaSettings s;
      s.mode = mode;
      s.n_ctx = 1024;
      auto model = open(spm ? tiny_spm_model() : tiny_bpe_model(), s);
      ASSERT_TRUE(model);
      s.mode = "reproducible";
      auto naive = open(spm ? tiny_spm_model() : tiny_bpe_model(), s);
      ASSERT_TRUE(naive);
      const std::vector<LoglikelihoodGroup> all = documents(8);
      auto answers = ask_groups(*model, all);
      for (std::size_t i = 0; i < all.size(); ++i) {
        ASSERT_TRUE(answers[i]) << to_string(answers[i].error());
        auto single = ask_groups(*naive, one_by_one(all[i]));
        for (std::size_t k = 0; k < single.size(); ++k) {
          ASSERT_TRUE(single[k]);
          const Loglikelihood &shared = answers[i]->loglikelihoods[k], &one = single[k]->loglikelihoods[0];
          EXPECT_NEAR(shared.sum, one.sum, 1e-4) << i << " " << k;
          EXPECT_EQ(shared.tokens, one.tokens);
          EXPECT_EQ(shared.greedy, one.greedy);
        }
      }
    }
  }
}

TEST_F(Scoring, BothModesAgreeWithTheBigramOracle) {
  BigramModel bigram;
  for (const char* mode : {"reproducible", "fast"}) {
    LlamaSettings s;
    s.mode = mode;
    auto model = open(bigram.bytes(), s);
    ASSERT_TRUE(model);
    std::vector<LoglikelihoodGroup> groups(20);
    std::vector<double> expected;
    for (int i = 0; i < 20; ++i) {
      groups[static_cast<std::size_t>(i)].shared_prefix = i < 10 ? "first: " : "second: ";
      for (int k = 0; k < 3; ++k) {
        std::string continuation = std::string(1, static_cast<char>('a' + (i + k) % 26)) + "bcdefgh";
        groups[static_cast<std::size_t>(i)].items.push_back({"q" + std::to_string(i) + "=", continuation});
        double sum = 0;
        int before = '=';
        for (char c : continuation) {
          sum += bigram.logprob(before, c);
          before = c;
        }
        expected.push_back(sum);
      }
    }
    auto answers = ask_groups(*model, groups);
    for (std::size_t i = 0; i < 60; ++i) {
      ASSERT_TRUE(answers[i / 3]) << to_string(answers[i / 3].error());
      EXPECT_NEAR(answers[i / 3]->loglikelihoods[i % 3].sum, expected[i], 2e-4) << mode << " " << i;
    }
  }
}

TEST_F(Scoring, SharedTokensAreComputedOnce) {
  std::vector<LoglikelihoodGroup> all;
  for (int i = 0; i < 40; ++i) {
    LoglikelihoodGroup g;
    g.shared_prefix = shots(i / 20) + shots(1);
    for (const char* ending : {" A", " B", " one of the others", " none of the others"})
      g.items.push_back({"Question number " + std::to_string(i * 37) + " and what it is about\nAnswer:", ending});
    all.push_back(std::move(g));
  }
  std::vector<std::vector<double>> numbers;
  for (const char* mode : {"reproducible", "fast"}) {
    LlamaSettings s;
    s.mode = mode;
    s.n_ctx = 1024;
    auto model = open(tiny_bpe_model(), s);
    ASSERT_TRUE(model);
    std::vector<LoglikelihoodGroup> mixed = all;  // as several tasks at once would ask
    for (std::size_t i = 0; i < 20; i += 2) std::swap(mixed[i], mixed[i + 20]);
    auto answers = ask_groups(*model, mixed);
    for (auto& answer : answers) numbers.push_back(sums(answer));
    EXPECT_EQ(counter(*model, "documents"), 40);
    EXPECT_EQ(counter(*model, "requests"), 160);
    EXPECT_GT(model->facts().at("loglikelihood").at("seconds").as_double(), 0) << mode;  // though the last lot has just been answered
    double unique = static_cast<double>(counter(*model, "tokens_unique"));
    double evaluated = static_cast<double>(counter(*model, "tokens_evaluated"));
    EXPECT_LE(evaluated, unique * (s.mode == "fast" ? 1.05 : 1.10)) << mode;
    EXPECT_GE(evaluated, unique * 0.99) << mode;  // and the numbers are really computed
    EXPECT_GT(counter(*model, "tokens_one_by_one"), 10 * counter(*model, "tokens_evaluated")) << mode;
    EXPECT_EQ(counter(*model, "tokens_saved"), counter(*model, "tokens_one_by_one") - counter(*model, "tokens_evaluated"));
  }
  for (std::size_t i = 0; i < 40; ++i)
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(numbers[i][k], numbers[i + 40][k], 1e-4) << i << " " << k;
}

TEST_F(Scoring, FastModeIsAnotherModelToTheJournal) {
  LlamaSettings s;
  auto one = open(tiny_bpe_model(), s);
  s.mode = "fast";
  auto other = open(tiny_bpe_model(), s);
  s.bos = true;
  auto third = open(tiny_bpe_model(), s);
  EXPECT_NE(identity(*one)->text, identity(*other)->text);
  EXPECT_NE(identity(*third)->text, identity(*other)->text);
  s.mode = "quick";
  auto refused = make_llama_model(s, system_clock());
  EXPECT_FALSE(refused);
}

TEST_F(Scoring, GenerationsBesideScoringKeepTheirText) {
  for (const char* mode : {"reproducible", "fast"}) {
    LlamaSettings s;
    s.mode = mode;
    auto alone = open(tiny_bpe_model(), s), busy = open(tiny_bpe_model(), s);
    std::vector<Query> queries;
    std::vector<std::string> expected;
    const std::vector<LoglikelihoodGroup> groups = documents(6);
    for (int i = 0; i < 6; ++i) {
      Query q;
      q.request = user("tell " + std::to_string(i), 16);
      auto text = ask(*alone, q.request);
      ASSERT_TRUE(text);
      expected.push_back(text->text);
      queries.push_back(q);
      q.request = groups[static_cast<std::size_t>(i)];
      queries.push_back(q);
    }
    auto answers = ask_all(*busy, queries);
    for (std::size_t i = 0; i < 6; ++i) {
      ASSERT_TRUE(answers[2 * i] && answers[2 * i + 1]);
      EXPECT_EQ(answers[2 * i]->text, expected[i]) << mode;
      EXPECT_EQ(answers[2 * i + 1]->loglikelihoods.size(), groups[i].items.size());
    }
  }
}

TEST_F(Scoring, WhatDoesNotFitIsCutOnTheLeftInBothModes) {
  for (const char* mode : {"reproducible", "fast"}) {
    SCOPED_TRACE(mode);
    LlamaSettings s;
    s.mode = mode;
    s.n_ctx = 256;
    auto model = open(tiny_bpe_model(), s);
    std::vector<LoglikelihoodGroup> groups(3);
    groups[0].shared_prefix = std::string(180, 'p');
    for (const char* ending : {" A", " B and more"}) groups[0].items.push_back({std::string(150, 'q'), ending});
    groups[1].shared_prefix = std::string(250, 'p');  // fits, but its questions do not
    groups[1].items = {{"qqqq", " A"}, {"qqqq", std::string(60, 'z')}};
    groups[2].shared_prefix = "short ";
    groups[2].items = {{"question", " A"}};
    auto answers = ask_groups(*model, groups);
    for (std::size_t g = 0; g < 3; ++g) {
      ASSERT_TRUE(answers[g]) << to_string(answers[g].error());
      auto single = ask_groups(*model, one_by_one(groups[g]));
      for (std::size_t k = 0; k < single.size(); ++k) {
        EXPECT_EQ(answers[g]->loglikelihoods[k].truncated, single[k]->loglikelihoods[0].truncated);
        EXPECT_NEAR(answers[g]->loglikelihoods[k].sum, single[k]->loglikelihoods[0].sum, 1e-4) << g << " " << k;
      }
    }
    EXPECT_TRUE(answers[0]->loglikelihoods[0].truncated);
    EXPECT_TRUE(answers[1]->loglikelihoods[1].truncated);
    EXPECT_FALSE(answers[1]->loglikelihoods[0].truncated);
    EXPECT_FALSE(answers[2]->loglikelihoods[0].truncated);
    EXPECT_GT(counter(*model, "truncated"), 0);
  }
}

TEST_F(Scoring, AGroupThatCannotBeScoredLeavesTheOthersAlone) {
  for (const char* mode : {"reproducible", "fast"}) {
    LlamaSettings s;
    s.mode = mode;
    auto model = open(tiny_bpe_model(), s);
    std::vector<LoglikelihoodGroup> groups = documents(3);
    groups[1].items = {{"t", "h"}};  // one token together with its context
    groups[1].shared_prefix.clear();
    auto answers = ask_groups(*model, groups);
    EXPECT_TRUE(answers[0]);
    ASSERT_FALSE(answers[1]) << mode;
    EXPECT_EQ(answers[1].error().kind, ErrorKind::bad_request);
    EXPECT_TRUE(answers[2]);
  }
}

TEST_F(Scoring, BosStandsBeforeATextOnlyWhereAskedFor) {
  BigramModel bigram;  // BOS is token 256
  LoglikelihoodGroup group;
  group.items = {{"", "xy"}, {"x", "yz"}};
  for (bool bos : {false, true}) {
    LlamaSettings s;
    s.bos = bos;
    auto model = open(bigram.bytes(), s);
    auto answer = ask(*model, group);
    ASSERT_TRUE(answer);
    EXPECT_NEAR(answer->loglikelihoods[0].sum, bigram.logprob(256, 'x') + bigram.logprob('x', 'y'), 2e-4);
    EXPECT_NEAR(answer->loglikelihoods[1].sum, bigram.logprob('x', 'y') + bigram.logprob('y', 'z'), 2e-4);
    EXPECT_EQ(answer->usage.input_tokens, bos ? 2 + 3 : 2 + 2);
    EXPECT_NE(std::string(model->facts().at("bos").as_string()).find(bos ? "put before every" : "not put"), std::string::npos);
  }
}

}  // namespace
}  // namespace assay::test
