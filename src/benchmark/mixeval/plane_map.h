// A map of vectors in two dimensions: the plane of their greatest variance (principal components).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "benchmark/mixeval/embedding_table.h"

namespace assay::mixeval {

struct PlaneMap {
  std::vector<std::array<double, 2>> places;  // of each row
  std::array<double, 2> explained{};          // share of the whole variance along each axis; 0 where all rows are alike
};

/// Power iteration from a start of CPython's random numbers; for pictures, not for parity. The sign of an axis is chosen so that the place
/// farthest from the middle is positive.
PlaneMap plane_map(const EmbeddingTable& table, std::span<const std::size_t> rows, std::int64_t seed = 1);

}  // namespace assay::mixeval
