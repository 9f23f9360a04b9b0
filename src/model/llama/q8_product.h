// Products of a Q8_0 matrix with columns of floats, to the last bit those of libllama's own kernel for x86 in half of the time: 64
// products of bytes an instruction instead of 32, no signs turned round, and rows that are brought into order once for all columns.
//
// What makes them the same bits: a column is rounded to Q8_0 as the library rounds it; the sum of four products of bytes is an
// exact integer; it is converted to float and multiplied with the rounded product of both scales; eight such sums a row and column
// are added up block by block, fused; the eight are added in the same order. No number depends on how many columns there are.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay {

/// Q8_0 as a GGUF file stores it: value = scale * quant.
struct Q8Block {
  static constexpr std::size_t kValues = 32;
  std::uint16_t scale;  // binary16
  std::int8_t quants[kValues];
};
static_assert(sizeof(Q8Block) == 34);

/// Whether this processor has the instructions (AVX-512 VNNI). The other functions are only for one that has.
bool has_q8_product();

/// What a column of `blocks` blocks takes once it is rounded; a multiple of 64.
std::size_t q8_column_bytes(std::size_t blocks);

/// Rounds a column of blocks * 32 floats. `out`: q8_column_bytes() bytes that begin at a multiple of 64.
void q8_round(const float* values, std::size_t blocks, std::byte* out);

/// out[c * stride + row] for the rows [first, end) of `matrix`, of `blocks` blocks each, and `count` rounded columns, which lie one
/// behind the other. Threads may share the columns and write different rows.
void q8_product(const Q8Block* matrix, std::size_t first, std::size_t end, const std::byte* columns, std::size_t blocks,
                std::size_t count, float* out, std::size_t stride);

}  // namespace assay
