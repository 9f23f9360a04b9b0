// Randomness is a parameter. Statistics and jitter use SplitMix64; digit parity with Python's generator is another class.
#pragma once

#include <cstdint>

namespace assay {

/// SplitMix64 (Steele, Lea, Flood 2014): tiny, seedable, the same on every machine. Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, 1) with 53 bits.
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// Uniform in [0, n); n > 0. Unbiased enough for n << 2^64 (multiply-shift).
  std::uint64_t below(std::uint64_t n) { return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64); }

 private:
  std::uint64_t state_;
};

}  // namespace assay
