#include "stats/argsort.h"

#include <numeric>
#include <utility>

namespace assay {
namespace {

constexpr std::ptrdiff_t kSmall = 15;  // what lies further apart is partitioned: more than 16 values

class Sorter {
 public:
  explicit Sorter(std::span<const double> values) : values_(values), order_(values.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    sort(0, static_cast<std::ptrdiff_t>(values.size()) - 1);
  }
  std::vector<std::size_t> take() { return std::move(order_); }

 private:
  std::size_t& at(std::ptrdiff_t place) { return order_[static_cast<std::size_t>(place)]; }
  double value(std::ptrdiff_t place) { return values_[at(place)]; }
  void order_pair(std::ptrdiff_t low, std::ptrdiff_t high) {
    if (value(high) < value(low)) std::swap(at(high), at(low));
  }

  void sort(std::ptrdiff_t left, std::ptrdiff_t right) {
    while (right - left > kSmall) {
      const std::ptrdiff_t pivot = partition(left, right);
      // The order of the two halves does not matter; the shorter one goes into the recursion.
      if (pivot - left < right - pivot) {
        sort(left, pivot - 1);
        left = pivot + 1;
      } else {
        sort(pivot + 1, right);
        right = pivot - 1;
      }
    }
    for (std::ptrdiff_t i = left + 1; i <= right; ++i) {
      const std::size_t moved = at(i);
      std::ptrdiff_t to = i;
      for (; to > left && values_[moved] < value(to - 1); --to) at(to) = at(to - 1);
      at(to) = moved;
    }
  }

  /// The pivot waits in the last place but one; both ends hold values on their own side of it, which stop the scans.
  std::ptrdiff_t partition(std::ptrdiff_t left, std::ptrdiff_t right) {
    const std::ptrdiff_t middle = left + (right - left) / 2;
    order_pair(left, middle);
    order_pair(middle, right);
    order_pair(left, middle);
    const double pivot = value(middle);
    std::swap(at(middle), at(right - 1));
    std::ptrdiff_t up = left, down = right - 1;
    for (;;) {
      do ++up;
      while (value(up) < pivot);
      do --down;
      while (pivot < value(down));
      if (up >= down) break;
      std::swap(at(up), at(down));
    }
    std::swap(at(up), at(right - 1));
    return up;
  }

  std::span<const double> values_;
  std::vector<std::size_t> order_;
};

}  // namespace

std::vector<std::size_t> numpy_argsort(std::span<const double> values) {
  return Sorter(values).take();
}

}  // namespace assay
