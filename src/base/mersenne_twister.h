// The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with both of its reference seedings. Python's `random` seeds it
// from an array, numpy's RandomState and the C++ library from one number.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace assay {

/// Value type; copies go on independently. Not thread-safe.
class MersenneTwister {
 public:
  /// init_genrand.
  explicit MersenneTwister(std::uint32_t seed);
  /// init_by_array; `key` must not be empty.
  explicit MersenneTwister(std::span<const std::uint32_t> key);
  /// 32 uniform bits.
  std::uint32_t next() {
    if (at_ == ready_) refill();
    std::uint32_t y = state_[at_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680u;
    y ^= (y << 15) & 0xEFC60000u;
    return y ^ (y >> 18);
  }
  /// Uniform in [0, 1) with 53 bits: what Python's random() and numpy's random_sample() give.
  double unit() {
    double a = next() >> 5, b = next() >> 6;  // in this order
    return (a * 67108864.0 + b) / 9007199254740992.0;
  }

 private:
  static constexpr std::size_t kSize = 624, kHalf = 397;
  // Gets the next part of the state ready: who seeds for one draw pays for a third of it.
  void refill();
  std::array<std::uint32_t, kSize> state_;
  std::size_t at_ = kSize, ready_ = kSize;
};

}  // namespace assay
