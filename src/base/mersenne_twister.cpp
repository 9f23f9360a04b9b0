#include "base/mersenne_twister.h"

#include <algorithm>

namespace assay {
namespace {

constexpr std::size_t kSize = 624;

constexpr std::array<std::uint32_t, kSize> begun(std::uint32_t seed) {
  std::array<std::uint32_t, kSize> state{};
  state[0] = seed;
  for (std::uint32_t i = 1; i < kSize; ++i) state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
  return state;
}

// Where every seeding from an array begins.
constexpr std::array<std::uint32_t, kSize> kBegun = begun(19650218u);

}  // namespace

MersenneTwister::MersenneTwister(std::uint32_t seed) : state_(begun(seed)) {}

// Each word needs the one before it: `last` keeps that in a register, as a chain of two thousand steps is what a seeding costs.
MersenneTwister::MersenneTwister(std::span<const std::uint32_t> key) : state_(kBegun) {
  std::uint32_t i = 1, j = 0, last = state_[0];
  auto step = [&] {
    state_[i] = last;
    if (++i == kSize) {
      state_[0] = last;
      i = 1;
    }
  };
  for (std::size_t k = std::max(key.size(), kSize); k > 0; --k) {
    last = (state_[i] ^ ((last ^ (last >> 30)) * 1664525u)) + key[j] + j;
    if (++j == key.size()) j = 0;
    step();
  }
  for (std::size_t k = kSize - 1; k > 0; --k) {
    last = (state_[i] ^ ((last ^ (last >> 30)) * 1566083941u)) - i;
    step();
  }
  state_[0] = 0x80000000u;
}

void MersenneTwister::refill() {
  std::uint32_t* const state = state_.data();
  auto twist = [state](std::size_t i, std::size_t next, std::size_t far) {
    std::uint32_t y = (state[i] & 0x80000000u) | (state[next] & 0x7FFFFFFFu);
    state[i] = state[far] ^ (y >> 1) ^ ((0u - (y & 1)) & 0x9908B0DFu);
  };
  constexpr std::size_t kFirst = kSize - kHalf;
  if (at_ == kSize) {
    at_ = 0;
    ready_ = kFirst;
    for (std::size_t i = 0; i < kFirst; ++i) twist(i, i + 1, i + kHalf);
  } else {
    ready_ = kSize;
    for (std::size_t i = kFirst; i < kSize - 1; ++i) twist(i, i + 1, i - kFirst);
    twist(kSize - 1, 0, kHalf - 1);
  }
}

}  // namespace assay
