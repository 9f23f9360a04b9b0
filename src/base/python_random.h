// CPython's `random.Random`, bit for bit (checked with vectors of CPython 3.11): the benchmarks that shuffle, sample or break
// ties with it give the same order here. Functions that pick from a list return indices, so that any container will do.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mersenne_twister.h"

namespace assay {

/// Not thread-safe. Every size must be at least 1 unless said otherwise.
class PythonRandom {
 public:
  /// Random(seed) with an int: the sign does not count.
  explicit PythonRandom(std::int64_t seed);
  /// Random(seed) with a str (seeding version 2): the bytes of `seed` followed by their SHA-512, as one number.
  explicit PythonRandom(std::string_view seed);
  explicit PythonRandom(const char* seed) : PythonRandom(std::string_view(seed)) {}
  /// Random(seed) with an int of any size: its magnitude in 32-bit words, least significant first.
  static PythonRandom from_words(std::span<const std::uint32_t> words);

  /// Uniform in [0, 1).
  double random() { return twister_.unit(); }
  /// The next `bits` bits, 1 to 64.
  std::uint64_t getrandbits(int bits);
  /// The same for any number of bits, in 32-bit words, least significant first.
  std::vector<std::uint32_t> getrandbits_words(int bits);
  /// Uniform in [0, n). Draws until a number of as many bits as n is below n, for n = 1 as well.
  std::uint64_t randbelow(std::uint64_t n);
  /// Uniform in [low, high], both included.
  std::int64_t randint(std::int64_t low, std::int64_t high);
  /// Uniform in [low, high), low < high.
  std::int64_t randrange(std::int64_t low, std::int64_t high) { return randint(low, high - 1); }
  double uniform(double low, double high) { return low + (high - low) * random(); }
  /// choice(): the index of one of n.
  std::size_t choice(std::size_t n) { return static_cast<std::size_t>(randbelow(n)); }
  /// choices(k=1) without weights: another draw than choice().
  std::size_t choices(std::size_t n) { return static_cast<std::size_t>(random() * static_cast<double>(n)); }
  /// choices(weights=..., k=1). The sum of the weights must be positive.
  std::size_t choices(std::span<const double> weights);
  /// sample(range(n), k): k different indices in the order drawn; k <= n, both may be 0.
  std::vector<std::size_t> sample(std::size_t n, std::size_t k);
  /// shuffle() in place; may be empty.
  template <class Container>
  void shuffle(Container& items) {
    for (std::size_t i = items.size(); i-- > 1;) {
      using std::swap;
      swap(items[i], items[static_cast<std::size_t>(randbelow(i + 1))]);
    }
  }

 private:
  explicit PythonRandom(MersenneTwister twister) : twister_(twister) {}
  MersenneTwister twister_;
};

}  // namespace assay
