#include "benchmark/mixeval/similarity_block.h"

#include <cstring>

// Versions of one function for several processors are chosen when the program starts. Sanitizers run before that is done.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ASSAY_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ASSAY_FOR_EACH_PROCESSOR
#endif

namespace assay::mixeval {
namespace {

typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));

}  // namespace

ASSAY_FOR_EACH_PROCESSOR
void similarity_block(const float* queries, std::size_t query_count, const float* entries, std::size_t entry_count, std::size_t stride, float* out, std::size_t out_stride) {
  constexpr std::size_t kTall = 4, kWide = 2;
  for (std::size_t q = 0; q < query_count; q += kTall) {
    // Rows beyond the last are the last one again: their results are not kept.
    const float* query[kTall];
    for (std::size_t a = 0; a < kTall; ++a) query[a] = queries + (q + a < query_count ? q + a : query_count - 1) * stride;
    for (std::size_t p = 0; p < entry_count; p += kWide) {
      const float* entry[kWide];
      for (std::size_t b = 0; b < kWide; ++b) entry[b] = entries + (p + b < entry_count ? p + b : entry_count - 1) * stride;
      Lanes sum[kTall][kWide] = {};
      for (std::size_t k = 0; k < stride; k += kLanes) {
        Lanes x[kTall], y[kWide];
#pragma GCC unroll 4
        for (std::size_t a = 0; a < kTall; ++a) std::memcpy(&x[a], query[a] + k, sizeof(Lanes));
#pragma GCC unroll 2
        for (std::size_t b = 0; b < kWide; ++b) std::memcpy(&y[b], entry[b] + k, sizeof(Lanes));
#pragma GCC unroll 4
        for (std::size_t a = 0; a < kTall; ++a)
#pragma GCC unroll 2
          for (std::size_t b = 0; b < kWide; ++b) sum[a][b] += x[a] * y[b];
      }
      for (std::size_t a = 0; a < kTall && q + a < query_count; ++a)
        for (std::size_t b = 0; b < kWide && p + b < entry_count; ++b) {
          float total = 0;
          for (std::size_t lane = 0; lane < kLanes; ++lane) total += sum[a][b][lane];
          out[(q + a) * out_stride + p + b] = total;
        }
    }
  }
}

}  // namespace assay::mixeval
