// The library aborts the process, or answers nonsense, where its limits are overstepped: whatever context and batch it is given,
// the log-likelihood engine answers with numbers or with an error.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "model/llama/engine_fixture.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class EngineLimits : public EngineTest {
 protected:
  std::vector<Result<Response>> ask_groups(Model& model, const std::vector<LoglikelihoodGroup>& groups) {
    std::vector<Query> queries(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) queries[i].request = groups[i];
    return ask_all(model, std::move(queries));
  }
};

/// More leaves than a reproducible wave holds, one-token choices, no context, nothing at all, and texts of many lengths.
std::vector<LoglikelihoodGroup> groups() {
  std::vector<LoglikelihoodGroup> out(5);
  out[0].shared_prefix = "Some questions, and their answers.\n\n";
  for (int k = 0; k < 70; ++k) out[0].items.push_back({"Question 1\nAnswer:", " choice " + std::to_string(k * k)});
  out[1].shared_prefix = out[0].shared_prefix;
  for (const char* letter : {" A", " B", " C", " D"}) out[1].items.push_back({"Question 2\nAnswer:", letter});
  out[2].items = {{"", "no context"}, {"", ""}};
  out[3].items = {{std::string(50, 'q'), " A"}, {std::string(7, 'q'), std::string(13, 'z')}, {"x", "y"}};
  out[4].shared_prefix = std::string(61, 'p');
  out[4].items = {{"", "z"}, {"and", " the other"}};
  return out;
}

TEST_F(EngineLimits, EveryContextAndBatchGivesTheSameNumbersOrAnError) {
  const std::vector<LoglikelihoodGroup> all = groups();
  LlamaSettings wide = settings(write("model.gguf", tiny_bpe_model()));
  wide.hash_cache = folder_.path() / "sums";
  wide.n_ctx = 2048;
  auto start = [](const LlamaSettings& s) {
    auto model = make_llama_model(s, system_clock());
    EXPECT_TRUE(model) << to_string(model.error());
    return model ? std::move(*model) : nullptr;
  };
  auto reference = start(wide);
  ASSERT_TRUE(reference);
  auto expected = ask_groups(*reference, all);
  int compared = 0, cut = 0, refused = 0;
  for (const char* mode : {"reproducible", "fast"})
    for (int n_ctx : {1, 8, 33, 66, 257, 600})
      for (int n_batch : {1, 3, 7, 50, 512})
        for (int sequences : {1, 256}) {
          if (sequences == 256 && n_batch != 7) continue;
          SCOPED_TRACE(std::string(mode) + " n_ctx " + std::to_string(n_ctx) + " n_batch " + std::to_string(n_batch) +
                       " sequences " + std::to_string(sequences));
          LlamaSettings s = wide;
          s.mode = mode;
          s.n_ctx = n_ctx;
          s.n_batch = n_batch;
          s.scoring_sequences = sequences;
          auto model = start(s);
          ASSERT_TRUE(model);
          auto answers = ask_groups(*model, all);
          for (std::size_t g = 0; g < all.size(); ++g) {
            ASSERT_TRUE(expected[g]) << to_string(expected[g].error());
            if (!answers[g]) {
              EXPECT_EQ(answers[g].error().kind, ErrorKind::bad_request) << to_string(answers[g].error());
              EXPECT_NE(answers[g].error().hint.find("n_ctx"), std::string::npos);
              ++refused;
              continue;
            }
            ASSERT_EQ(answers[g]->loglikelihoods.size(), all[g].items.size());
            for (std::size_t k = 0; k < all[g].items.size(); ++k) {
              const Loglikelihood &got = answers[g]->loglikelihoods[k], &want = expected[g]->loglikelihoods[k];
              EXPECT_EQ(got.tokens, want.tokens);
              EXPECT_TRUE(std::isfinite(got.sum));
              ++(got.truncated ? cut : compared);
              if (!got.truncated) {
                EXPECT_NEAR(got.sum, want.sum, 1e-4) << g << " " << k;
              }
            }
          }
        }
  EXPECT_GT(compared, 1000);  // each of the three was met
  EXPECT_GT(cut, 100);
  EXPECT_GT(refused, 10);
}

TEST_F(EngineLimits, OddBatchesAreReproducibleToo) {
  const std::vector<LoglikelihoodGroup> all = groups();
  for (int n_batch : {1, 50, 61}) {
    LlamaSettings s;
    s.n_ctx = 700;
    s.n_batch = n_batch;
    std::vector<std::vector<double>> numbers[2];
    for (bool backward : {false, true}) {
      auto model = open(tiny_bpe_model(GgufType::q8_0), s);
      ASSERT_TRUE(model);
      std::vector<LoglikelihoodGroup> order = all;
      if (backward) std::reverse(order.begin(), order.end());
      for (auto& answer : ask_groups(*model, order)) {
        ASSERT_TRUE(answer) << to_string(answer.error());
        auto& row = numbers[backward].emplace_back();
        for (const Loglikelihood& l : answer->loglikelihoods) row.push_back(l.sum);
      }
    }
    std::reverse(numbers[1].begin(), numbers[1].end());
    EXPECT_EQ(numbers[0], numbers[1]) << n_batch;
  }
}

TEST_F(EngineLimits, AModelThatComputesNaNIsNamedNotScored) {
  std::string bytes = tiny_bpe_model();
  bytes.replace(bytes.size() - 64, 64, std::string(64, '\xff'));  // the end of the last matrix
  for (const char* mode : {"reproducible", "fast"}) {
    LlamaSettings s;
    s.mode = mode;
    auto model = open(bytes, s);
    ASSERT_TRUE(model);
    auto answers = ask_groups(*model, {groups()[1], groups()[3]});
    for (auto& answer : answers) {
      ASSERT_FALSE(answer) << mode;
      EXPECT_EQ(answer.error().kind, ErrorKind::data);
      EXPECT_NE(answer.error().message.find("NaN"), std::string::npos);
    }
    auto rolling = ask(*model, Rolling{"some text to be read"});
    ASSERT_FALSE(rolling);
    EXPECT_EQ(rolling.error().kind, ErrorKind::data);
    EXPECT_FALSE(ask(*model, raw("go on", 3)));
  }
}

}  // namespace
}  // namespace assay::test
