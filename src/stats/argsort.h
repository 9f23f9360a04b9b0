// The order in which numpy's default sort puts values: a quicksort that is not stable, so that equal values change places in a way
// that has to be known where an original figure depends on it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace assay {

/// Indices of `values` in ascending order, ties as numpy's argsort (kind "quicksort", generic code) leaves them: median of three as
/// pivot, insertion sort up to 16 values. No value is NaN.
std::vector<std::size_t> numpy_argsort(std::span<const double> values);

}  // namespace assay
