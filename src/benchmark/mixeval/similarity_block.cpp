#include "benchmark/mixeval/similarity_block.h"

#include <cstring>

#if defined(__GNUC__)
#define ASSAY_INLINE inline __attribute__((always_inline))
#else
#define ASSAY_INLINE inline
#endif

namespace assay::mixeval {
namespace {

using Four __attribute__((vector_size(16))) = float;
using Eight __attribute__((vector_size(32))) = float;
using Sixteen __attribute__((vector_size(64))) = float;

// Halves first: additions one after the other would cost as much as all products of a short row.
ASSAY_INLINE float total(const Four& sum) { return (sum[0] + sum[2]) + (sum[1] + sum[3]); }
ASSAY_INLINE float total(const Eight& sum) {
  Four halves[2];
  std::memcpy(halves, &sum, sizeof halves);
  halves[0] += halves[1];
  return total(halves[0]);
}
ASSAY_INLINE float total(const Sixteen& sum) {
  Eight halves[2];
  std::memcpy(halves, &sum, sizeof halves);
  halves[0] += halves[1];
  return total(halves[0]);
}

/// `kTall` queries by `kWide` entries at a time: as many sums as the processor has registers for.
template <class Lanes, std::size_t kTall, std::size_t kWide>
ASSAY_INLINE void multiply(const float* queries, std::size_t query_count, const float* entries, std::size_t entry_count, std::size_t stride, float* out, std::size_t out_stride) {
  constexpr std::size_t kStep = sizeof(Lanes) / sizeof(float);
  for (std::size_t q = 0; q < query_count; q += kTall) {
    // Rows beyond the last are the last one again: their results are not kept.
    const float* query[kTall];
    for (std::size_t a = 0; a < kTall; ++a) query[a] = queries + (q + a < query_count ? q + a : query_count - 1) * stride;
    for (std::size_t p = 0; p < entry_count; p += kWide) {
      const float* entry[kWide];
      for (std::size_t b = 0; b < kWide; ++b) entry[b] = entries + (p + b < entry_count ? p + b : entry_count - 1) * stride;
      Lanes sum[kTall][kWide] = {};
      for (std::size_t k = 0; k < stride; k += kStep) {
        Lanes x[kTall], y[kWide];
#pragma GCC unroll 4
        for (std::size_t a = 0; a < kTall; ++a) std::memcpy(&x[a], query[a] + k, sizeof(Lanes));
#pragma GCC unroll 4
        for (std::size_t b = 0; b < kWide; ++b) std::memcpy(&y[b], entry[b] + k, sizeof(Lanes));
#pragma GCC unroll 4
        for (std::size_t a = 0; a < kTall; ++a)
#pragma GCC unroll 4
          for (std::size_t b = 0; b < kWide; ++b) sum[a][b] += x[a] * y[b];
      }
      for (std::size_t a = 0; a < kTall && q + a < query_count; ++a)
        for (std::size_t b = 0; b < kWide && p + b < entry_count; ++b) out[(q + a) * out_stride + p + b] = total(sum[a][b]);
    }
  }
}

using Multiply = void (*)(const float*, std::size_t, const float*, std::size_t, std::size_t, float*, std::size_t);

void multiply_any(const float* queries, std::size_t query_count, const float* entries, std::size_t entry_count, std::size_t stride, float* out, std::size_t out_stride) {
  multiply<Four, 4, 2>(queries, query_count, entries, entry_count, stride, out, out_stride);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void multiply_avx2(const float* queries, std::size_t query_count, const float* entries, std::size_t entry_count, std::size_t stride, float* out,
                                                       std::size_t out_stride) {
  multiply<Eight, 4, 2>(queries, query_count, entries, entry_count, stride, out, out_stride);
}
__attribute__((target("avx512f,avx2,fma"))) void multiply_avx512(const float* queries, std::size_t query_count, const float* entries, std::size_t entry_count, std::size_t stride, float* out,
                                                                 std::size_t out_stride) {
  multiply<Sixteen, 4, 4>(queries, query_count, entries, entry_count, stride, out, out_stride);
}
#endif

Multiply best_for_this_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return multiply_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return multiply_avx2;
#endif
  return multiply_any;
}

}  // namespace

void similarity_block(const float* queries, std::size_t query_count, const float* entries, std::size_t entry_count, std::size_t stride, float* out, std::size_t out_stride) {
  static const Multiply multiply = best_for_this_processor();
  multiply(queries, query_count, entries, entry_count, stride, out, out_stride);
}

}  // namespace assay::mixeval
