#include "base/numpy_random.h"

#include <bit>
#include <numeric>

namespace assay {

std::uint64_t NumpyRandom::up_to(std::uint64_t most) {
  if (most == 0) return 0;
  std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(most);
  std::uint64_t value;
  do {
    value = twister_.next();
    if (most > 0xFFFFFFFFu) value = value << 32 | twister_.next();
    value &= mask;
  } while (value > most);
  return value;
}

std::int64_t NumpyRandom::randint(std::int64_t low, std::int64_t high) {
  std::uint64_t most = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) - 1;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + up_to(most));
}

std::vector<std::size_t> NumpyRandom::permutation(std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order);
  return order;
}

}  // namespace assay
