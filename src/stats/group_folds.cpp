#include "stats/group_folds.h"

#include <numeric>
#include <utility>

namespace assay {

// numpy's introsort on indices, reduced to what it does when no key is smaller than another: every comparison fails, so that the
// scans stop at once and each partition swaps neighbours pairwise from outside in. The ranges are pushed the larger first.
std::vector<std::size_t> argsort_of_equals(std::size_t n) {
  using Index = std::ptrdiff_t;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::pair<Index, Index>> stack{{0, static_cast<Index>(n) - 1}};
  auto at = [&](Index i) -> std::size_t& { return order[static_cast<std::size_t>(i)]; };
  while (!stack.empty()) {
    auto [left, right] = stack.back();
    stack.pop_back();
    while (right - left > 15) {
      std::swap(at(left + ((right - left) >> 1)), at(right - 1));
      Index i = left, j = right - 1;
      while (++i < --j) std::swap(at(i), at(j));
      std::swap(at(i), at(right - 1));
      if (i - left < right - i) {
        stack.emplace_back(i + 1, right);
        right = i - 1;
      } else {
        stack.emplace_back(left, i - 1);
        left = i + 1;
      }
    }
  }
  return order;
}

std::vector<std::size_t> equal_group_folds(std::size_t n, std::size_t folds) {
  std::vector<std::size_t> order = argsort_of_equals(n), fold(n);
  for (std::size_t i = 0; i < n; ++i) fold[order[n - 1 - i]] = i % folds;
  return fold;
}

}  // namespace assay
