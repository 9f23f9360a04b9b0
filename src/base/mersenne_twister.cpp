#include "base/mersenne_twister.h"

namespace assay {

MersenneTwister::MersenneTwister(std::uint32_t seed) {
  state_[0] = seed;
  for (std::uint32_t i = 1; i < kSize; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
}

MersenneTwister::MersenneTwister(std::span<const std::uint32_t> key) : MersenneTwister(19650218u) {
  std::uint32_t i = 1, j = 0;
  auto step = [&] {
    if (++i == kSize) {
      state_[0] = state_[kSize - 1];
      i = 1;
    }
  };
  for (std::size_t k = key.size() > kSize ? key.size() : kSize; k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1664525u)) + key[j] + j;
    if (++j == key.size()) j = 0;
    step();
  }
  for (std::size_t k = kSize - 1; k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1566083941u)) - i;
    step();
  }
  state_[0] = 0x80000000u;
}

void MersenneTwister::refill() {
  auto twist = [&](std::size_t i, std::size_t next, std::size_t far) {
    std::uint32_t y = (state_[i] & 0x80000000u) | (state_[next] & 0x7FFFFFFFu);
    state_[i] = state_[far] ^ (y >> 1) ^ (y & 1 ? 0x9908B0DFu : 0u);
  };
  for (std::size_t i = 0; i < kSize - kHalf; ++i) twist(i, i + 1, i + kHalf);
  for (std::size_t i = kSize - kHalf; i < kSize - 1; ++i) twist(i, i + 1, i + kHalf - kSize);
  twist(kSize - 1, 0, kHalf - 1);
  at_ = 0;
}

}  // namespace assay
