// numpy's legacy generator `numpy.random.RandomState`, bit for bit: what pandas' sample() and scikit-learn draw from.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/mersenne_twister.h"

namespace assay {

/// Not thread-safe.
class NumpyRandom {
 public:
  /// RandomState(seed).
  explicit NumpyRandom(std::uint32_t seed) : twister_(seed) {}

  /// random_sample(): uniform in [0, 1).
  double random() { return twister_.unit(); }
  /// randint(low, high): uniform in [low, high); low < high. A range of one draws nothing.
  std::int64_t randint(std::int64_t low, std::int64_t high);
  /// permutation(n). Its first k entries are what pandas' sample(n=k) without replacement takes.
  std::vector<std::size_t> permutation(std::size_t n);
  /// shuffle() in place.
  template <class Container>
  void shuffle(Container& items) {
    for (std::size_t i = items.size(); i-- > 1;) {
      using std::swap;
      swap(items[i], items[static_cast<std::size_t>(up_to(i))]);
    }
  }

 private:
  std::uint64_t up_to(std::uint64_t most);  // uniform in [0, most]: masked bits, drawn again while above
  MersenneTwister twister_;
};

}  // namespace assay
