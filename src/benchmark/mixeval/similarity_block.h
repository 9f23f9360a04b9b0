// Dot products of two blocks of rows in single precision, with the widest vectors that the processor has.
#pragma once

#include <cstddef>

namespace assay::mixeval {

inline constexpr std::size_t kLanes = 16;
inline std::size_t padded_dimension(std::size_t dimension) { return (dimension + kLanes - 1) / kLanes * kLanes; }

/// out[q * out_stride + p] = query q . entry p. Rows are `stride` floats apart, a multiple of kLanes, with zeros behind the dimension. In
/// what order a sum runs depends on the processor.
void similarity_block(const float* queries, std::size_t query_count, const float* entries, std::size_t entry_count, std::size_t stride, float* out, std::size_t out_stride);

}  // namespace assay::mixeval
