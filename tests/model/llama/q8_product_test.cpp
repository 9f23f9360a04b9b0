// Held to the same arithmetic written out plainly: every bit.
#include "model/llama/q8_product.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "base/random.h"

namespace assay {
namespace {

float from_half(std::uint16_t half) {
  const int exponent = half >> 10 & 31, mantissa = half & 1023;
  const float value = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                    : std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  return half >> 15 ? -value : value;
}
// To eleven bits, ties to even.
float through_half(float x) {
  if (x == 0) return x;
  const int step = std::max(std::ilogb(x), -14) - 10;
  return std::ldexp(std::nearbyint(std::ldexp(x, -step)), step);
}

float uniform(Random& random) { return static_cast<float>(static_cast<double>(random.below(1 << 22)) / (1 << 21) - 1); }

struct Work {
  std::size_t rows, blocks, columns;
  std::vector<Q8Block> matrix;
  std::vector<float> values;
};

Work make_work(std::size_t rows, std::size_t blocks, std::size_t columns) {
  Random random(rows * 1000 + blocks * 10 + columns);
  Work work{rows, blocks, columns, std::vector<Q8Block>(rows * blocks), {}};
  for (Q8Block& block : work.matrix) {
    block.scale = static_cast<std::uint16_t>(random.below(30 << 10));  // from zero over subnormal ones up
    for (std::int8_t& quant : block.quants) quant = static_cast<std::int8_t>(static_cast<int>(random.below(256)) - 128);
  }
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t l = 0; l < blocks; ++l) {
      const float size = l % 7 == 3 ? 0 : std::ldexp(1.0f, static_cast<int>(random.below(30)) - 20);
      for (std::size_t i = 0; i < Q8Block::kValues; ++i) work.values.push_back(size * uniform(random));
    }
  return work;
}

float plainly(const Work& work, std::size_t row, std::size_t column) {
  float sums[8] = {};
  for (std::size_t l = 0; l < work.blocks; ++l) {
    const Q8Block& block = work.matrix[row * work.blocks + l];
    const float* values = &work.values[(column * work.blocks + l) * Q8Block::kValues];
    float largest = 0;
    for (std::size_t i = 0; i < Q8Block::kValues; ++i) largest = std::max(largest, std::abs(values[i]));
    const float factor = largest != 0 ? 127.0f / largest : 0;
    const float scale = from_half(block.scale) * through_half(largest / 127.0f);
    for (int k = 0; k < 8; ++k) {
      int products = 0;
      for (int i = 4 * k; i < 4 * k + 4; ++i) products += block.quants[i] * static_cast<int>(std::nearbyint(values[i] * factor));
      sums[k] = std::fma(scale, static_cast<float>(products), sums[k]);
    }
  }
  float four[4];
  for (int k = 0; k < 4; ++k) four[k] = sums[k + 4] + sums[k];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

struct alignas(64) Line {
  std::byte bytes[64];
};

std::vector<Line> rounded(const Work& work) {
  const std::size_t bytes = q8_column_bytes(work.blocks);
  EXPECT_EQ(bytes % sizeof(Line), 0u);
  std::vector<Line> out(work.columns * bytes / sizeof(Line));
  for (std::size_t c = 0; c < work.columns; ++c)
    q8_round(&work.values[c * work.blocks * Q8Block::kValues], work.blocks, reinterpret_cast<std::byte*>(out.data()) + c * bytes);
  return out;
}

TEST(Q8Product, IsThePlainArithmeticToTheLastBit) {
  if (!has_q8_product()) GTEST_SKIP() << "this processor has no AVX-512 VNNI";
  for (const auto& [rows, blocks, columns] : std::vector<std::array<std::size_t, 3>>{
           {8, 1, 4}, {1, 1, 1}, {3, 5, 2}, {8, 24, 4}, {17, 24, 7}, {64, 8, 33}, {30, 64, 3}, {9, 300, 41}}) {
    const Work work = make_work(rows, blocks, columns);
    const std::vector<Line> in = rounded(work);
    std::vector<float> out(rows * columns, 7);
    q8_product(work.matrix.data(), 0, rows, reinterpret_cast<const std::byte*>(in.data()), blocks, columns, out.data(), rows);
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t r = 0; r < rows; ++r)
        ASSERT_EQ(std::bit_cast<std::uint32_t>(out[c * rows + r]), std::bit_cast<std::uint32_t>(plainly(work, r, c)))
            << rows << " rows, " << blocks << " blocks, " << columns << " columns: row " << r << ", column " << c;
  }
}

TEST(Q8Product, WritesTheRowsThatItIsAskedForAlone) {
  if (!has_q8_product()) GTEST_SKIP() << "this processor has no AVX-512 VNNI";
  const Work work = make_work(40, 3, 6);
  const std::vector<Line> in = rounded(work);
  constexpr std::size_t kStride = 43;
  std::vector<float> whole(kStride * 6, 7), parts = whole;
  q8_product(work.matrix.data(), 0, 40, reinterpret_cast<const std::byte*>(in.data()), 3, 6, whole.data(), kStride);
  for (std::size_t first : {32u, 0u, 8u}) q8_product(work.matrix.data(), first, first == 8 ? 32 : first + 8, reinterpret_cast<const std::byte*>(in.data()), 3, 6, parts.data(), kStride);
  EXPECT_EQ(whole, parts);
  for (std::size_t c = 0; c < 6; ++c)
    for (std::size_t r = 40; r < kStride; ++r) EXPECT_EQ(whole[c * kStride + r], 7);
}

}  // namespace
}  // namespace assay
