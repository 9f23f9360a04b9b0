// Folds of a cross validation as scikit-learn's GroupKFold makes them when all groups are equally large.
#pragma once

#include <cstddef>
#include <vector>

namespace assay {

/// numpy.argsort of `n` equal numbers with its default quicksort: not the identity, and published folds depend on it.
std::vector<std::size_t> argsort_of_equals(std::size_t n);

/// The fold (0 .. folds-1) of each of `n` equally large groups; folds >= 1.
std::vector<std::size_t> equal_group_folds(std::size_t n, std::size_t folds);

}  // namespace assay
