// Time-outs of tests that wait for real sockets and processes. They stand between a hang and a test that never ends; what they
// must not do is end a slow program. An instrumented one is many times slower, and shares its machine with others.
#pragma once

#include <chrono>

namespace assay::test {

#if defined(__SANITIZE_THREAD__)
inline constexpr int kPatience = 10;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr int kPatience = 4;
#else
inline constexpr int kPatience = 1;
#endif

/// `limit`, which an optimised program keeps with ease, for the program at hand.
constexpr std::chrono::milliseconds patient(std::chrono::milliseconds limit) { return limit * kPatience; }

}  // namespace assay::test
