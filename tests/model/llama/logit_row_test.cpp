// Held to the C library's exponential, and to itself without the wider instructions.
#include "model/llama/logit_row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace assay {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> row(std::size_t size, double spread, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out;
  for (std::size_t i = 0; i < size; ++i)
    out.push_back(static_cast<float>((static_cast<double>(random.below(1 << 20)) / (1 << 20) - 0.5) * spread));
  return out;
}

TEST(LogitRow, AgreesWithTheLibrarysExponentialToTheLastDigits) {
  for (std::size_t size : {1u, 3u, 16u, 17u, 1000u, 32003u})
    for (double spread : {0.0, 1.0, 30.0, 3000.0}) {
      const std::vector<float> logits = row(size, spread, size);
      int best = 0;
      for (std::size_t i = 1; i < size; ++i)
        if (logits[i] > logits[static_cast<std::size_t>(best)]) best = static_cast<int>(i);
      const double top = logits[static_cast<std::size_t>(best)];
      long double sum = 0;
      for (float logit : logits) sum += std::exp(static_cast<long double>(logit) - top);
      const LogitRow read = read_logits(logits);
      EXPECT_EQ(read.best, best);
      EXPECT_NEAR(read.log_sum, static_cast<double>(top + std::log(sum)), 1e-14 * std::max(1.0, std::abs(top)))
          << size << " " << spread;
      EXPECT_NEAR(sum_of_exponentials(logits, static_cast<float>(top)) / static_cast<double>(sum), 1, 1e-14);
    }
}

TEST(LogitRow, IsTheSameWithoutTheWiderInstructions) {
  for (std::size_t size : {5u, 160u, 16384u})
    for (double spread : {2.0, 40.0, 2000.0}) {
      const std::vector<float> logits = row(size, spread, size + 1);
      const float top = logits[static_cast<std::size_t>(read_logits(logits).best)];
      EXPECT_EQ(sum_of_exponentials(logits, top, true), sum_of_exponentials(logits, top, false)) << size << " " << spread;
    }
}

TEST(LogitRow, EqualsGoToTheLowest) {
  std::vector<float> logits(40, 1.0f);
  logits[21] = logits[30] = 2;
  EXPECT_EQ(read_logits(logits).best, 21);
}

TEST(LogitRow, BrokenRowsGiveNaN) {
  EXPECT_TRUE(std::isnan(read_logits({}).log_sum));
  for (std::size_t at : {0u, 7u, 31u, 39u}) {  // in the vectors and behind them
    std::vector<float> logits = row(40, 5, 3);
    logits[at] = kNan;
    EXPECT_TRUE(std::isnan(read_logits(logits).log_sum)) << at;
    EXPECT_NE(read_logits(logits).best, static_cast<int>(at));
    logits[at] = kInf;
    EXPECT_TRUE(std::isnan(read_logits(logits).log_sum)) << at;
    logits[at] = -kInf;
    EXPECT_TRUE(std::isfinite(read_logits(logits).log_sum)) << at;
  }
  EXPECT_TRUE(std::isnan(read_logits(std::vector<float>(20, -kInf)).log_sum));
  EXPECT_EQ(read_logits(std::vector<float>(20, kNan)).best, -1);
}

}  // namespace
}  // namespace assay
