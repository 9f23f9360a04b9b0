#include "model/llama/logit_row.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace assay {
namespace {

constexpr std::size_t kLanes = 16;  // partial sums
using Floats = float __attribute__((vector_size(16)));
using Doubles = double __attribute__((vector_size(32)));
using Integers = std::int64_t __attribute__((vector_size(32)));

// exp(x) for x <= 0 as 2^n * exp(r), |r| <= ln(2) / 2, by the exponential's series: its thirteenth term is below 2e-16. Adding
// kRound makes an integer of what is added to, in the low bits. Below -708 the result would leave the normal range: 0. A macro,
// because a function is compiled for its own instructions before it becomes part of another. AVX2 has no fused multiply-add, so
// that both ways round alike.
#define ASSAY_SUM_OF_EXPONENTIALS(logits, count, top)                                                                         \
  constexpr double kRound = 0x1.8p52, kLog2e = 0x1.71547652b82fep0, kHigh = 0x1.62e42fefa0000p-1, kLow = 0x1.cf79abc9e3b3ap-40; \
  constexpr std::size_t kVectors = kLanes / 4;                                                                                 \
  Doubles sums[kVectors] = {};                                                                                                 \
  for (std::size_t i = 0; i + kLanes <= (count); i += kLanes)                                                                  \
    for (std::size_t v = 0; v < kVectors; ++v) {                                                                               \
      Floats part;                                                                                                             \
      std::memcpy(&part, (logits) + i + 4 * v, sizeof part);                                                                   \
      const Doubles x = __builtin_convertvector(part, Doubles) - (top);                                                        \
      const Doubles shifted = x * kLog2e + kRound;                                                                             \
      const Doubles n = shifted - kRound;                                                                                      \
      const Doubles r = x - n * kHigh - n * kLow;                                                                              \
      Doubles p = r * (1.0 / 479001600) + 1.0 / 39916800;                                                                      \
      p = p * r + 1.0 / 3628800;                                                                                               \
      p = p * r + 1.0 / 362880;                                                                                                \
      p = p * r + 1.0 / 40320;                                                                                                 \
      p = p * r + 1.0 / 5040;                                                                                                  \
      p = p * r + 1.0 / 720;                                                                                                   \
      p = p * r + 1.0 / 120;                                                                                                   \
      p = p * r + 1.0 / 24;                                                                                                    \
      p = p * r + 1.0 / 6;                                                                                                     \
      p = p * r + 0.5;                                                                                                         \
      p = p * r + 1.0;                                                                                                         \
      p = p * r + 1.0;                                                                                                         \
      Integers power;                                                                                                          \
      std::memcpy(&power, &shifted, sizeof power);                                                                             \
      power = (power + 1023) << 52;                                                                                            \
      Doubles scale;                                                                                                           \
      std::memcpy(&scale, &power, sizeof scale);                                                                               \
      Integers bits;                                                                                                           \
      const Doubles value = p * scale;                                                                                         \
      std::memcpy(&bits, &value, sizeof bits);                                                                                 \
      bits &= ~(x < -708.0);                                                                                                   \
      Doubles kept;                                                                                                            \
      std::memcpy(&kept, &bits, sizeof kept);                                                                                  \
      sums[v] += kept;                                                                                                         \
    }                                                                                                                          \
  double total = 0;                                                                                                            \
  for (std::size_t v = 0; v < kVectors; ++v)                                                                                   \
    for (std::size_t k = 0; k < 4; ++k) total += sums[v][k];                                                                   \
  return total;

double sum_plainly(const float* logits, std::size_t count, double top) {
  ASSAY_SUM_OF_EXPONENTIALS(logits, count, top)
}
#if defined(__x86_64__)
__attribute__((target("avx2"))) double sum_with_avx2(const float* logits, std::size_t count, double top) {
  ASSAY_SUM_OF_EXPONENTIALS(logits, count, top)
}
bool has_avx2() {
  static const bool yes = __builtin_cpu_supports("avx2");
  return yes;
}
#endif
#undef ASSAY_SUM_OF_EXPONENTIALS

}  // namespace

double sum_of_exponentials(std::span<const float> logits, float top, bool fast) {
  const std::size_t whole = logits.size() / kLanes * kLanes;
  double (*sum)(const float*, std::size_t, double) = sum_plainly;
#if defined(__x86_64__)
  if (fast && has_avx2()) sum = sum_with_avx2;
#endif
  double total = whole > 0 ? sum(logits.data(), whole, top) : 0;
  if (whole < logits.size()) {
    float rest[kLanes];
    std::fill(std::begin(rest), std::end(rest), -std::numeric_limits<float>::infinity());
    std::copy(logits.begin() + static_cast<std::ptrdiff_t>(whole), logits.end(), rest);
    total += sum(rest, kLanes, top);
  }
  return total;
}

LogitRow read_logits(std::span<const float> logits) {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  constexpr std::size_t kParts = 16;
  float tops[kParts];
  std::fill(std::begin(tops), std::end(tops), kNone);
  std::size_t i = 0;
  for (; i + kParts <= logits.size(); i += kParts)
    for (std::size_t k = 0; k < kParts; ++k) tops[k] = logits[i + k] > tops[k] ? logits[i + k] : tops[k];
  for (; i < logits.size(); ++i) tops[0] = logits[i] > tops[0] ? logits[i] : tops[0];
  const float top = *std::max_element(std::begin(tops), std::end(tops));
  if (top == kNone) return {std::numeric_limits<double>::quiet_NaN(), -1};
  LogitRow row;
  row.best = static_cast<int>(std::find(logits.begin(), logits.end(), top) - logits.begin());
  row.log_sum = static_cast<double>(top) + std::log(sum_of_exponentials(logits, top));
  return row;
}

}  // namespace assay
