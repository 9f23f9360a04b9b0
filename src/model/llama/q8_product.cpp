#include "model/llama/q8_product.h"

#include <algorithm>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace assay {

#if defined(__x86_64__)

bool has_q8_product() {
  static const bool yes = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  return yes;
}

#define ASSAY_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")))
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12: false alarms inside its intrinsics
#endif

namespace {

// A column's block: 32 quants; then for each four of them -128 times their sum, because the rows' quants are raised by 128 (the
// instruction multiplies unsigned with signed bytes). Its scale stands behind all blocks.
constexpr std::size_t kColumnBlock = 64;
constexpr std::size_t kRows = 8, kPairs = kRows / 2, kColumns = 4;
// Eight rows' block: their raised quants, then their scales.
constexpr std::size_t kPanelQuants = kRows * Q8Block::kValues, kPanelBlock = kPanelQuants + 64;

// Brings up to eight rows into order. The last one stands for those that are not there.
ASSAY_VNNI void pack_rows(const Q8Block* matrix, std::size_t first, std::size_t rows, std::size_t blocks, std::byte* out) {
  const __m256i raise = _mm256_set1_epi8(-128);
  const Q8Block* row[kRows];
  for (std::size_t r = 0; r < kRows; ++r) row[r] = matrix + (first + std::min(r, rows - 1)) * blocks;
  for (std::size_t l = 0; l < blocks; ++l, out += kPanelBlock) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) {
      const __m256i quants = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row[r][l].quants));
      _mm256_store_si256(reinterpret_cast<__m256i*>(out + r * Q8Block::kValues), _mm256_xor_si256(quants, raise));
    }
    const auto scale = [&](std::size_t r) { return static_cast<short>(row[r][l].scale); };
    const __m128i halves = _mm_setr_epi16(scale(0), scale(1), scale(2), scale(3), scale(4), scale(5), scale(6), scale(7));
    _mm256_store_ps(reinterpret_cast<float*>(out + kPanelQuants), _mm256_cvtph_ps(halves));
  }
}

// A column's eight rows, each with eight sums k: adds k and k + 4, then the first and the third, the second and the fourth of the
// four. Of row r and of row r + 4, two sums each are left, side by side in the 128 bits r.
ASSAY_VNNI inline __m512 add_up(const __m512* pairs) {
  const __m512 low = _mm512_add_ps(_mm512_shuffle_f32x4(pairs[0], pairs[1], 0xdd), _mm512_shuffle_f32x4(pairs[0], pairs[1], 0x88));
  const __m512 high = _mm512_add_ps(_mm512_shuffle_f32x4(pairs[2], pairs[3], 0xdd), _mm512_shuffle_f32x4(pairs[2], pairs[3], 0x88));
  return _mm512_add_ps(_mm512_shuffle_ps(low, high, 0x44), _mm512_shuffle_ps(low, high, 0xee));
}
// What is left of two columns: one column's eight rows behind the other's.
ASSAY_VNNI inline __m512 add_up(__m512 one, __m512 other) {
  const __m512 sums = _mm512_add_ps(_mm512_shuffle_ps(one, other, 0x88), _mm512_shuffle_ps(one, other, 0xdd));
  return _mm512_permutexvar_ps(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), sums);
}

// Eight rows, N columns; of `out`, the columns are `stride` floats apart.
template <std::size_t N>
ASSAY_VNNI void multiply(const std::byte* rows, const std::byte* columns, std::size_t column, std::size_t blocks,
                         float* out, std::size_t stride) {
  __m512 sums[N][kPairs];
  __m512i places[kPairs];  // of a pair's two scales among the eight
#pragma GCC unroll 4
  for (std::size_t p = 0; p < kPairs; ++p) {
    const int low = static_cast<int>(2 * p), high = low + 1;
    places[p] = _mm512_setr_epi32(low, low, low, low, low, low, low, low, high, high, high, high, high, high, high, high);
#pragma GCC unroll 4
    for (std::size_t n = 0; n < N; ++n) sums[n][p] = _mm512_setzero_ps();
  }
  for (std::size_t l = 0; l < blocks; ++l) {
    const std::byte* block = rows + l * kPanelBlock;
    const __m256 row_scales = _mm256_load_ps(reinterpret_cast<const float*>(block + kPanelQuants));
    __m512i quants[kPairs];
#pragma GCC unroll 4
    for (std::size_t p = 0; p < kPairs; ++p) quants[p] = _mm512_load_si512(block + p * 64);
#pragma GCC unroll 4
    for (std::size_t n = 0; n < N; ++n) {
      const std::byte* here = columns + n * column + l * kColumnBlock;
      const __m512i values = _mm512_broadcast_i64x4(_mm256_load_si256(reinterpret_cast<const __m256i*>(here)));
      const __m512i start = _mm512_broadcast_i64x4(_mm256_load_si256(reinterpret_cast<const __m256i*>(here + 32)));
      const auto* scale = reinterpret_cast<const float*>(columns + n * column + blocks * kColumnBlock) + l;
      const __m512 eight = _mm512_castps256_ps512(_mm256_mul_ps(row_scales, _mm256_set1_ps(*scale)));
#pragma GCC unroll 4
      for (std::size_t p = 0; p < kPairs; ++p) {
        const __m512 products = _mm512_cvtepi32_ps(_mm512_dpbusd_epi32(start, quants[p], values));
        sums[n][p] = _mm512_fmadd_ps(_mm512_permutexvar_ps(places[p], eight), products, sums[n][p]);
      }
    }
  }
#pragma GCC unroll 2
  for (std::size_t n = 0; n < N; n += 2) {
    const __m512 one = add_up(sums[n]);
    const __m512 two = add_up(one, n + 1 < N ? add_up(sums[n + 1 < N ? n + 1 : n]) : one);
    _mm256_storeu_ps(out + n * stride, _mm512_castps512_ps256(two));
    if (n + 1 < N) _mm256_storeu_ps(out + (n + 1) * stride, _mm512_extractf32x8_ps(two, 1));
  }
}

ASSAY_VNNI void multiply(std::size_t n, const std::byte* rows, const std::byte* columns, std::size_t column, std::size_t blocks,
                         float* out, std::size_t stride) {
  switch (n) {
    case 4: return multiply<4>(rows, columns, column, blocks, out, stride);
    case 3: return multiply<3>(rows, columns, column, blocks, out, stride);
    case 2: return multiply<2>(rows, columns, column, blocks, out, stride);
    default: return multiply<1>(rows, columns, column, blocks, out, stride);
  }
}

}  // namespace

std::size_t q8_column_bytes(std::size_t blocks) { return (blocks * (kColumnBlock + sizeof(float)) + 63) / 64 * 64; }

ASSAY_VNNI void q8_round(const float* values, std::size_t blocks, std::byte* out) {
  auto* scales = reinterpret_cast<float*>(out + blocks * kColumnBlock);
  const __m256 sign = _mm256_set1_ps(-0.0f);
  const __m256i ones = _mm256_set1_epi8(1);
  for (std::size_t l = 0; l < blocks; ++l, values += Q8Block::kValues, out += kColumnBlock) {
    __m256 v[4];
    for (int i = 0; i < 4; ++i) v[i] = _mm256_loadu_ps(values + std::ptrdiff_t{8} * i);
    // In the library's order, so that what is no number is treated alike.
    __m256 top = _mm256_andnot_ps(sign, v[0]);
    for (int i = 1; i < 4; ++i) top = _mm256_max_ps(top, _mm256_andnot_ps(sign, v[i]));
    __m128 four = _mm_max_ps(_mm256_extractf128_ps(top, 1), _mm256_castps256_ps128(top));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    const float largest = _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
    const __m256 factor = _mm256_set1_ps(largest != 0.0f ? 127.0f / largest : 0.0f);
    alignas(32) std::int8_t quants[Q8Block::kValues];
    for (int i = 0; i < 4; ++i)
      _mm_storel_epi64(reinterpret_cast<__m128i*>(quants + std::ptrdiff_t{8} * i),
                       _mm256_cvtsepi32_epi8(_mm256_cvtps_epi32(_mm256_mul_ps(v[i], factor))));
    const __m256i bytes = _mm256_load_si256(reinterpret_cast<const __m256i*>(quants));
    const __m256i fours = _mm256_dpbusd_epi32(_mm256_setzero_si256(), ones, bytes);
    _mm256_store_si256(reinterpret_cast<__m256i*>(out), bytes);
    _mm256_store_si256(reinterpret_cast<__m256i*>(out + 32), _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_slli_epi32(fours, 7)));
    const __m128i scale = _mm_cvtps_ph(_mm_set_ss(largest / 127.0f), _MM_FROUND_TO_NEAREST_INT);
    scales[l] = _mm_cvtss_f32(_mm_cvtph_ps(scale));
  }
}

ASSAY_VNNI void q8_product(const Q8Block* matrix, std::size_t first, std::size_t end, const std::byte* columns, std::size_t blocks,
                std::size_t count, float* out, std::size_t stride) {
  // As many columns at once as stay in the second-level cache while all rows pass by.
  constexpr std::size_t kCache = std::size_t{1} << 19;
  const std::size_t column = q8_column_bytes(blocks);
  const std::size_t together = std::max<std::size_t>(kCache / column / kColumns * kColumns, 8 * kColumns);
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> memory(blocks * kPanelBlock / sizeof(Line));
  auto* panel = reinterpret_cast<std::byte*>(memory.data());
  for (std::size_t from = 0; from < count; from += together) {
    const std::size_t to = std::min(count, from + together);
    for (std::size_t row = first; row < end; row += kRows) {
      const std::size_t rows = std::min(kRows, end - row);
      pack_rows(matrix, row, rows, blocks, panel);
      // The next rows come from memory meanwhile, some lines with each few columns: waiting for them was a third of small products.
      const auto* ahead = reinterpret_cast<const char*>(matrix + std::min(row + kRows, end) * blocks);
      const auto* ahead_end = reinterpret_cast<const char*>(matrix + std::min(row + 2 * kRows, end) * blocks);
      const std::size_t portion = static_cast<std::size_t>(ahead_end - ahead) * kColumns / (to - from) + 64;
      for (std::size_t c = from; c < to; c += kColumns) {
        const std::size_t n = std::min(kColumns, to - c);
        for (const char* stop = std::min(ahead_end, ahead + portion); ahead < stop; ahead += 64) _mm_prefetch(ahead, _MM_HINT_T0);
        if (rows == kRows) {
          multiply(n, panel, columns + c * column, column, blocks, out + c * stride + row, stride);
          continue;
        }
        float results[kColumns * kRows];
        multiply(n, panel, columns + c * column, column, blocks, results, kRows);
        for (std::size_t i = 0; i < n; ++i) std::memcpy(out + (c + i) * stride + row, results + i * kRows, rows * sizeof(float));
      }
    }
  }
}

#undef ASSAY_VNNI

#else

bool has_q8_product() { return false; }
std::size_t q8_column_bytes(std::size_t) { return 0; }
void q8_round(const float*, std::size_t, std::byte*) {}
void q8_product(const Q8Block*, std::size_t, std::size_t, const std::byte*, std::size_t, std::size_t, float*, std::size_t) {}

#endif

}  // namespace assay
