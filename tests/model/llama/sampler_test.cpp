#include "model/llama/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace assay {
namespace {

const std::vector<float> kLogits = {0.0f, 2.0f, 1.0f, 2.0f, -1.0f};

std::map<int, int> draw(SamplingSettings settings, int times) {
  std::map<int, int> seen;
  Sampler sampler(settings);
  for (int i = 0; i < times; ++i) ++seen[*sampler.sample(kLogits)];
  return seen;
}

TEST(Sampler, GreedyTakesTheFirstOfTheBest) {
  EXPECT_EQ(Sampler({.temperature = 0}).sample(kLogits), 1);
  EXPECT_EQ(Sampler({.temperature = -1}).sample(kLogits), 1);
}

TEST(Sampler, FrequenciesFollowTheProbabilities) {
  auto seen = draw({.temperature = 1, .top_k = 0, .top_p = 1, .min_p = 0, .seed = 9}, 20000);
  double sum = 0;
  for (float l : kLogits) sum += std::exp(l);
  for (int id = 0; id < 5; ++id)
    EXPECT_NEAR(seen[id] / 20000.0, std::exp(kLogits[static_cast<std::size_t>(id)]) / sum, 0.01) << id;
}

TEST(Sampler, TopKTopPAndMinPCutTheTail) {
  EXPECT_EQ(draw({.temperature = 1, .top_k = 2, .min_p = 0}, 500).size(), 2u);
  EXPECT_EQ(draw({.temperature = 1, .top_k = 0, .top_p = 0.5, .min_p = 0}, 500).size(), 2u);
  EXPECT_EQ(draw({.temperature = 1, .top_k = 0, .top_p = 0.0001, .min_p = 0}, 500).size(), 1u);
  auto seen = draw({.temperature = 1, .top_k = 0, .min_p = 0.3}, 500);  // e^-1 = 0.37 stays, e^-2 goes
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_FALSE(seen.contains(0));
  // The cut is taken behind the temperature, as the reference implementation does: heat lifts the tail over it.
  EXPECT_EQ(draw({.temperature = 3, .top_k = 0, .min_p = 0.3}, 2000).size(), 5u);
}

TEST(Sampler, TheSeedDecides) {
  auto text = [](std::uint64_t seed) {
    Sampler sampler({.temperature = 1, .top_k = 0, .min_p = 0, .seed = seed});
    std::string out;
    for (int i = 0; i < 50; ++i) out += static_cast<char>('a' + *sampler.sample(kLogits));
    return out;
  };
  EXPECT_EQ(text(4), text(4));
  EXPECT_NE(text(4), text(5));
}

TEST(Sampler, BrokenRowsGiveNothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (double temperature : {0.0, 1.0}) {
    EXPECT_FALSE(Sampler({.temperature = temperature}).sample(std::vector<float>{1, nan}));
    EXPECT_FALSE(Sampler({.temperature = temperature}).sample(std::vector<float>{1, inf}));
    EXPECT_FALSE(Sampler({.temperature = temperature}).sample(std::vector<float>{-inf, -inf}));
    EXPECT_FALSE(Sampler({.temperature = temperature}).sample(std::vector<float>{}));
    EXPECT_EQ(Sampler({.temperature = temperature}).sample(std::vector<float>{-inf, 3}), 1);
  }
}

TEST(Sampler, MostLikelyAreSortedLogProbabilities) {
  double log_sum = log_sum_exp(kLogits);
  auto best = most_likely(kLogits, log_sum, 3);
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].first, 1);
  EXPECT_EQ(best[1].first, 3);
  EXPECT_EQ(best[2].first, 2);
  EXPECT_NEAR(best[2].second, 1.0 - log_sum, 1e-12);
  EXPECT_EQ(most_likely(kLogits, log_sum, 99).size(), 5u);
}

}  // namespace
}  // namespace assay
